/** What this server knows of its enrolment: where, by which keys it knows the endpoint again, under which key. */
import type { Result } from '../../evidence/result.ts';
import type { Role, TokenFile } from '../../schemas/generated/types.ts';
import { attempt, fail, guarded } from '../spool/fault.ts';
import { isRecord, readNote, writeNote } from '../spool/notes.ts';
import { pathIn, type State } from '../spool/state.ts';

const file = 'enrolment.json';

export type EnrolmentNote = {
  readonly endpoint: string;
  /** SHA-256 of public keys; empty for plain HTTP on loopback. */
  readonly pins: readonly string[];
  /** The log's verifier line. */
  readonly logKey: string;
  /** The public id of the token. */
  readonly token: string;
  readonly role: Role;
  readonly keyId: string;
};

/** Undefined where this server never enrolled. Refuses with `enrolment-damaged`: forgetting the pins would trust anyone. */
export function readEnrolment(state: State): Result<EnrolmentNote | undefined> {
  return attempt(state.folder, () => {
    if (state.files.look(pathIn(state, file)) === undefined) return undefined;
    const note = readNote(state, file);
    return isNote(note)
      ? note
      : fail(
          'enrolment-damaged',
          `${pathIn(state, file)} is damaged`,
          'restore it from a backup, or enrol anew with a new token',
        );
  });
}

export function writeEnrolment(state: State, note: EnrolmentNote): Result<undefined> {
  return guarded(state, () => {
    writeNote(state, file, note);
    return undefined;
  });
}

function isNote(value: unknown): value is EnrolmentNote {
  if (!isRecord(value)) return false;
  const { endpoint, pins, logKey, token, role, keyId } = value as { [K in keyof EnrolmentNote]?: unknown };
  const texts: readonly unknown[] = [endpoint, logKey, token, role, keyId];
  return (
    texts.every((text) => typeof text === 'string') &&
    Array.isArray(pins) &&
    pins.every((pin) => /^[0-9a-f]{64}$/.test(String(pin)))
  );
}

/** What a token says of the endpoint, once the endpoint has answered. */
export function noteOf(token: TokenFile, logKey: string, keyId: string): EnrolmentNote {
  const { endpoint, pins, id, role } = token;
  return { endpoint, pins, logKey, token: id, role, keyId };
}
