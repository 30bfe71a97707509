/** Words of the command line that will stand in a record of the log, in the bounds of its format. */
import { ok, type Result, refuse } from '../../evidence/result.ts';

/** As schemas/record.schema.json bounds them; characters as JSON Schema counts them. */
const most = { reason: 2000, operator: 255, name: 255 } as const;

/** Said before anything is opened or signed. Refuses with `usage`. */
export function checkWords(
  words: {
    readonly [Name in keyof typeof most]?: string | undefined;
  },
): Result<undefined> {
  for (const name of ['reason', 'operator', 'name'] as const) {
    const given = words[name];
    if (given === undefined) continue;
    const what = name === 'name' ? 'a name' : `--${name}`;
    if (given === '') return refuse('usage', `${what} is empty`, { remedy: 'say it, or leave the option out' });
    const { length } = Array.from(given);
    if (length > most[name])
      return refuse('usage', `${what} has ${length} characters, and the log takes ${most[name]}`, {
        remedy: 'say it shorter, and name where the rest can be read',
      });
  }
  return ok(undefined);
}
