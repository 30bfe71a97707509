/** Places of one fact that could not be looked at, where what the others gave still counts. */
import type { Answer, Miss } from '../../agent/host/host.ts';
import type { Fact, UnreadPlace } from '../../schemas/generated/types.ts';
import { missed, observed } from '../fact.ts';
import { toText } from '../text.ts';

/** A fact names at most so many sources; all of them stand in the source records. */
export const maxSources = 60;

/** What was found in several places, and how the look at each ended. */
export type Looks<T> = {
  readonly found: T[];
  readonly unread: UnreadPlace[];
  readonly sources: string[];
  /** Places that answered, with something or with nothing. */
  answered: number;
  firstMiss?: Miss;
};

export function looks<T>(): Looks<T> {
  return { found: [], unread: [], sources: [], answered: 0 };
}

/** Notes an answer; its value where there is one. A place that is not there has answered. */
export function noteLook<T, V>(into: Looks<T>, subject: string, answer: Answer<V>): V | undefined {
  into.sources.push(answer.source);
  if (answer.status === 'observed') {
    into.answered += 1;
    return answer.value;
  }
  if (answer.status === 'absent') into.answered += 1;
  else {
    into.firstMiss ??= answer;
    into.unread.push({ subject: toText(subject), status: answer.status, reason: answer.reason });
  }
  return undefined;
}

/** Observed where at least one place answered; else how the first one did not. */
export function looksFact<T, V>(from: Looks<T>, value: (from: Looks<T>) => V): Fact<V> {
  const sources = from.sources.slice(0, maxSources);
  if (from.answered === 0 && from.firstMiss !== undefined) return missed(from.firstMiss, ...sources);
  return observed(value(from), ...sources);
}
