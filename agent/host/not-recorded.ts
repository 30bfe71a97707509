/** A strict recording throws where something is asked that it does not have; the error says by its name that it is no fault of ours. */
const name = 'NotRecordedError';

/** `what` names section and key, already printable. */
export function notRecordedError(what: string): Error {
  const error = new Error(`the strict recording has nothing in ${what}`);
  error.name = name;
  return error;
}

/** The message of such an error, whoever wrapped it; undefined for every other. */
export function notRecordedMessage(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at.name === name) return at.message;
  return undefined;
}
