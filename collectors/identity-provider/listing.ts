/** Whole lists through parsers. */
import type { Listing } from '../../agent/directory/directory.ts';
import type { Answer } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';

/** A whole list through a parser; a list that was cut is no answer here. */
export async function parsedList<T>(
  asking: Promise<Answer<Listing>>,
  parse: (items: readonly unknown[]) => Parsed<T>,
): Promise<Fact<T>> {
  const answer = await asking;
  if (answer.status !== 'observed') return missed(answer);
  if (!answer.value.complete) return unseen('failed', 'too-many-pages', [answer.source]);
  const result = parse(answer.value.items);
  return result.ok
    ? observed(result.value, answer.source)
    : unseen('failed', result.reason, [answer.source], result.detail);
}

/** All items through a parser, or none of them: a list without those that were not understood would read like a whole one. */
export function each<T>(parse: (item: unknown) => T | undefined): (items: readonly unknown[]) => Parsed<T[]> {
  return (items) => {
    const all = items.map(parse);
    const good = all.filter((item) => item !== undefined);
    return good.length === all.length
      ? parsed(good)
      : unparsed('unexpected-answer', 'an item has not the documented shape');
  };
}
