/** Answers that are of use only as a whole: what was cut off could hold just the line that matters. */
import type { Answer, CommandOutput, FileContent } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, type Parsed, unparsed } from '../fact.ts';

/**
 * A command's output through a parser; truncated output is `failed` with `output-truncated`. A program that is
 * not there leaves the question open, so that is `unsupported`: `absent` would read as an answer.
 */
export function wholeOutput<T>(answer: Answer<CommandOutput>, parse: (stdout: string) => Parsed<T>): Fact<T> {
  if (answer.status === 'absent') return missed({ ...answer, status: 'unsupported' });
  return fromAnswer(answer, ({ stdout, truncated }) => (truncated ? unparsed('output-truncated') : parse(stdout)));
}

/** A file through a parser; a truncated file is `failed` with `file-truncated`. */
export function wholeFile<T>(answer: Answer<FileContent>, parse: (text: string) => Parsed<T>): Fact<T> {
  return fromAnswer(answer, ({ text, truncated }) => (truncated ? unparsed('file-truncated') : parse(text)));
}
