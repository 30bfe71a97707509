/** nsswitch.conf(5): where accounts, groups and sudo rules come from. */
import type { AccountSources } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';

const databases = new Set<string>(['passwd', 'group', 'initgroups', 'sudoers'] satisfies (keyof AccountSources)[]);

/**
 * Services in order, actions such as `[NOTFOUND=return]` among them as they stand. A line that is no
 * `database: services` makes the file unusable: it could be one of ours. The last line of a database counts.
 */
export function parseNsswitch(text: string): Parsed<AccountSources> {
  const found = new Map<string, string[]>();
  let lines = 0;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') continue;
    const match = /^([A-Za-z0-9_-]+)\s*:(.*)$/.exec(line);
    if (match === null) return unparsed('malformed-line', `line ${at + 1}`);
    lines += 1;
    const [, database = '', rest = ''] = match;
    if (!databases.has(database)) continue;
    const services = rest.match(/\[[^\]]*\]|[^\s[\]]+/g) ?? [];
    if (services.length > 32 || services.some((service) => !/^[\x20-\x7e]{1,64}$/.test(service)))
      return unparsed('malformed-line', `line ${at + 1}`);
    found.set(database, services);
  }
  return lines === 0 ? unparsed('no-entries') : parsed(Object.fromEntries(found));
}
