/**
 * What a program that reads our output can rely on with `--json`: one JSON document on standard output in any case. Where a
 * command ends without an answer of its own, that is a problem in the form of RFC 9457, as the endpoint's are.
 */
import type { Refusal } from '../../evidence/result.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { forJson } from './render/escape.ts';

export type CliProblem = {
  /** `urn:affiant:problem:CODE`; stable. */
  readonly type: string;
  readonly code: string;
  readonly title: string;
  /** What helps. */
  readonly detail?: string;
  /** RFC 6901. */
  readonly pointer?: string;
  readonly exitCode: number;
};

/** Whether the last word on the form of the output is JSON; what follows `--` is no option. */
export function isJsonAsked(args: readonly string[]): boolean {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  let asked = false;
  for (let at = 0; at < end; at += 1) {
    const each = args[at];
    if (each === '--json' || each === '--format=json') asked = true;
    else if (each === '--format') asked = args[at + 1] === 'json' && at + 1 < end;
    else if (each?.startsWith('--format=') === true) asked = false;
  }
  return asked;
}

/** `end` tells the problem where nothing was answered: the last refusal, since that is what stopped the command. */
export function answerInJson(io: Io): { readonly io: Io; readonly end: (exitCode: number, refusal?: Refusal) => void } {
  let isAnswered = false;
  let last: Refusal | undefined;
  return {
    io: {
      ...io,
      out(text) {
        isAnswered ||= text !== '';
        io.out(text);
      },
      refused(refusal) {
        last = refusal;
        io.refused(refusal);
      },
    },
    end(exitCode, refusal = last) {
      if (!isAnswered && exitCode !== exitCodes.done) io.out(`${forJson(problemOf(refusal ?? unsaid, exitCode))}\n`);
    },
  };
}

const unsaid: Refusal = { code: 'failed', message: 'it did not succeed; standard error says why' };

function problemOf({ code, message, remedy, pointer }: Refusal, exitCode: number): CliProblem {
  return {
    type: `urn:affiant:problem:${code}`,
    code,
    title: message,
    ...(remedy !== undefined && { detail: remedy }),
    ...(pointer !== undefined && pointer !== '' && { pointer }),
    exitCode,
  };
}
