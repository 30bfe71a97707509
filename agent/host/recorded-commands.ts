/** Which recorded answer belongs to a command line. */
import type { RecordedCommand, RecordedCommandAnswer } from '../../schemas/generated/types.ts';
import type { Invocation } from './machine.ts';

export type CommandMatch = { readonly index: number; readonly answer: RecordedCommandAnswer };

/**
 * The finder of one recording. `argv[0]` matches by its base name, the other arguments exactly, a
 * last `*` any rest; the longest match wins, and of two equally long ones the one without `*`, then
 * the earlier. Where a command may have several programs, the first that was recorded and is not
 * absent is the one that would have run; absence counts only where it was recorded of every one.
 */
export function createCommandFinder(
  commands: readonly RecordedCommand[],
  os: 'linux' | 'windows',
): (invocation: Invocation) => CommandMatch | undefined {
  const asked = commands.map(() => 0);
  return ({ programs, args }) => {
    const bases = [...new Set(programs.map((program) => baseName(program, os)))];
    const found = bases.map((base) => bestMatch(commands, base, args, os));
    const running = found.find((index) => index !== undefined && !isAbsent(commands[index]));
    const index = running ?? (found.includes(undefined) ? undefined : found[0]);
    if (index === undefined) return undefined;
    const turn = asked[index] ?? 0;
    asked[index] = turn + 1;
    const command = commands[index];
    const answer = command?.sequence === undefined ? command : (command.sequence[turn] ?? command.sequence.at(-1));
    return answer === undefined ? undefined : { index, answer };
  };
}

function isAbsent(command: RecordedCommand | undefined): boolean {
  return command?.outcome === 'absent';
}

/** Files of Windows bear their extension or not, and ignore case. */
function baseName(program: string, os: 'linux' | 'windows'): string {
  if (os === 'linux') return program.slice(program.lastIndexOf('/') + 1);
  return program
    .slice(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1)
    .toLowerCase()
    .replace(/\.exe$/, '');
}

function bestMatch(
  commands: readonly RecordedCommand[],
  base: string,
  args: readonly string[],
  os: 'linux' | 'windows',
): number | undefined {
  let best: { index: number; length: number } | undefined;
  for (const [index, { argv }] of commands.entries()) {
    const [program = '', ...recorded] = argv;
    if (baseName(program, os) !== base) continue;
    const length = matchLength(recorded, args);
    if (length !== undefined && (best === undefined || length > best.length)) best = { index, length };
  }
  return best?.index;
}

/** How many arguments match; half a one more where they match to the end without `*`. */
function matchLength(recorded: readonly string[], args: readonly string[]): number | undefined {
  const open = recorded.at(-1) === '*';
  const fixed = open ? recorded.slice(0, -1) : recorded;
  const exact = !open && fixed.length === args.length && fixed.every((argument, at) => argument === args[at]);
  if (exact) return fixed.length + 0.5;
  if (!open || fixed.length > args.length) return undefined;
  return fixed.every((argument, at) => argument === args[at]) ? fixed.length : undefined;
}
