/** A file as a fact, where half of it would mislead. */
import type { Answer, FileContent } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { fromAnswer, type Parsed, unparsed } from '../fact.ts';

/** A file through its parser; half a file is a failure. */
export function fileFact<T>(answer: Answer<FileContent>, parse: (text: string) => Parsed<T>): Fact<T> {
  return fromAnswer(answer, ({ text, truncated }) => (truncated ? unparsed('truncated') : parse(text)));
}
