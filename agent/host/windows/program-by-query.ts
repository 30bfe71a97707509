/** Runs a program of a Windows server through its PowerShell: its standard output as bytes, as run-program.ts gives it from inside, and none of its errors. */
import type { Limits, Raw, RawRun } from '../machine.ts';
import type { QueryParameters } from '../queries.ts';

export type AskProgram = (parameters: QueryParameters, limits: Limits) => Promise<Raw<unknown>>;

/** `line` is what follows the program, as the program or cmd.exe takes it apart. */
export async function programByQuery(
  ask: AskProgram,
  program: string,
  line: string,
  limits: Limits,
): Promise<Raw<RawRun>> {
  const within = { ...limits, maxBytes: 3 * limits.maxBytes + 64 * 1024 };
  const answer = await ask({ path: program, arguments: line, most: limits.maxBytes }, within);
  if (answer.outcome !== 'ok') return answer;
  const told: Readonly<Record<string, unknown>> =
    typeof answer.value === 'object' && answer.value !== null ? { ...answer.value } : {};
  const { exitCode, stdout, truncated } = told;
  if (typeof exitCode !== 'number' || typeof stdout !== 'string' || typeof truncated !== 'boolean')
    return { outcome: 'failed', reason: 'answer-not-understood' };
  return {
    outcome: 'ok',
    value: {
      stdout: Buffer.from(stdout, 'base64'),
      stderr: Buffer.alloc(0),
      exitCode,
      signal: undefined,
      truncated,
    },
  };
}

/**
 * Arguments as one line that the C runtime takes apart into the same arguments (Microsoft Learn, "Parsing C command-line
 * arguments"): quoted where there is a blank or nothing, backslashes doubled before a quote.
 */
export function windowsArguments(args: readonly string[]): string {
  return args
    .map((argument) =>
      /^[^ \t"]+$/.test(argument)
        ? argument
        : `"${argument.replace(/(\\*)("|$)/g, (_all, slashes: string, end: string) => slashes + slashes + (end === '"' ? '\\"' : ''))}"`,
    )
    .join(' ');
}
