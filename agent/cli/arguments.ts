/** Reads a command's arguments; what does not fit is refused by name. */
import { parseArgs } from 'node:util';
import { ok, type Result, refuse } from '../../evidence/result.ts';

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
    return refuse('usage', message, { remedy: `affiant ${usage}` });
  }
}

/** `table` or `json`. */
export function readFormat(given: string | undefined): Result<'table' | 'json'> {
  if (given === undefined || given === 'table') return ok('table');
  return given === 'json'
    ? ok('json')
    : refuse('usage', `--format ${given} is not known`, { remedy: 'use table or json' });
}
