/** From a document's fact to what an audit keeps of it. */
import type { FactStatus, Moment } from '../schemas/generated/types.ts';
import type { When } from './days.ts';
import type { Place, Seen } from './observation.ts';

export function placeOf(document: string, pointer: string, fact: { readonly sources: readonly string[] }): Place {
  return { document, pointer, sources: fact.sources };
}

/** The fact with its place, its value made smaller. */
export function seen<T, V>(
  document: string,
  name: string,
  fact: {
    readonly status: FactStatus;
    readonly sources: readonly string[];
    readonly value?: V;
    readonly reason?: string;
  },
  read: (value: V) => T,
): Seen<T> {
  const place = placeOf(document, `/${name}`, fact);
  return fact.status === 'observed'
    ? { ...place, status: 'observed', value: read(fact.value as V) }
    : { ...place, status: fact.status, reason: fact.reason ?? fact.status };
}

export function whenOf(moment: Moment): When {
  return 'at' in moment ? moment.at : moment.on;
}
