/** Reads a command's arguments; what does not fit is refused by name. */
import { parseArgs } from 'node:util';
import { ok, type Refusal, type Result, refuse } from '../../evidence/result.ts';
import { nearestOf } from './nearest.ts';

export type OptionKinds = Readonly<Record<string, 'text' | 'texts' | 'flag'>>;
export type Arguments<Kinds extends OptionKinds> = {
  readonly positionals: readonly string[];
  readonly options: {
    readonly [K in keyof Kinds]?: Kinds[K] extends 'texts'
      ? readonly string[]
      : Kinds[K] extends 'flag'
        ? boolean
        : string;
  };
};

/** `positionals` bounds how many there may be. */
export function readArguments<const Kinds extends OptionKinds>(
  args: readonly string[],
  kinds: Kinds,
  positionals: { readonly min: number; readonly max: number },
  usage: string,
): Result<Arguments<Kinds>> {
  try {
    const read = parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        Object.entries(kinds).map(([name, kind]) => [
          name,
          { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), multiple: kind === 'texts' },
        ]),
      ),
    });
    const count = read.positionals.length;
    if (count < positionals.min || count > positionals.max)
      return refuse(
        'usage',
        count < positionals.min
          ? 'an argument is missing'
          : `one argument too many: ${read.positionals[positionals.max]}`,
        {
          remedy: `affiant ${usage}`,
        },
      );
    return ok({ positionals: read.positionals, options: read.values as Arguments<Kinds>['options'] });
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : 'the arguments cannot be read';
    const [, strange] = /^Unknown option '--([^']+)'/.exec(message) ?? [];
    const meant = strange === undefined ? undefined : nearestOf(strange, [...Object.keys(kinds), 'json', 'help']);
    return refuse('usage', message, {
      remedy: `${meant === undefined || meant === strange ? '' : `did you mean --${meant}? `}affiant ${usage}`,
    });
  }
}

/** A run for a timer writes lines for a log, and no answer of either form. */
export const noAnswerInTurn: Refusal = {
  code: 'usage',
  message: '--scheduled writes lines for a log, and no JSON',
  remedy: 'leave out one of them; affiant status --json says how the last run went',
};

/** `table` or `json`. */
export function readFormat(given: string | undefined): Result<'table' | 'json'> {
  if (given === undefined || given === 'table') return ok('table');
  return given === 'json'
    ? ok('json')
    : refuse('usage', `--format ${given} is not known`, { remedy: 'use table or json' });
}
