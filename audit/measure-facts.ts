/** What an unseen fact means is the same for every clock. */
import type { Place, Seen } from './observation.ts';
import { cited, type State } from './standing.ts';

function unknown(fact: Place & { readonly status: string; readonly reason?: string }, what: string): State {
  const why = fact.reason ?? fact.status;
  return { kind: 'unknown', reason: `${what} could not be seen: ${why}`, evidence: cited(fact, why) };
}

/** One subject over a fact: what an unseen fact means is the same everywhere. */
export function over<T>(
  fact: Seen<T> | undefined,
  subject: string,
  read: (value: T) => State,
): ReadonlyMap<string, State> | undefined {
  if (fact === undefined) return undefined;
  if (fact.status === 'not-applicable') return undefined;
  return new Map([[subject, fact.status === 'observed' ? read(fact.value) : unknown(fact, subject)]]);
}
