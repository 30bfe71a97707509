/** What an unseen fact means is the same for every clock. */
import { evidenceOf } from './context.ts';
import type { HistoryEntry } from './history-model.ts';
import type { Place, Seen } from './observation.ts';
import type { State } from './standing.ts';

function unknown(
  entry: HistoryEntry,
  fact: Place & { readonly status: string; readonly reason?: string },
  what: string,
): State {
  const why = fact.reason ?? fact.status;
  return { kind: 'unknown', reason: `${what} could not be seen: ${why}`, evidence: evidenceOf(entry, fact, why) };
}

/** One subject over a fact: what an unseen fact means is the same everywhere. */
export function over<T>(
  entry: HistoryEntry,
  fact: Seen<T> | undefined,
  subject: string,
  read: (value: T) => State,
): ReadonlyMap<string, State> | undefined {
  if (fact === undefined) return undefined;
  if (fact.status === 'not-applicable') return undefined;
  return new Map([[subject, fact.status === 'observed' ? read(fact.value) : unknown(entry, fact, subject)]]);
}
