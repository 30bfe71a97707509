/** The older .pkla files of polkit (pklocalauthority(8)): sections of `Key=value`. */
import type { PolkitAuthority } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

const results = ['yes', 'no', 'auth_self', 'auth_admin', 'auth_self_keep', 'auth_admin_keep'] as const;
type Answer = (typeof results)[number];
const maxEntries = 1_000;

/** Entries in order. A line that is none of a key file's, or a result that polkit does not know, makes the file unusable. */
export function parsePkla(text: string, path: string): Parsed<PolkitAuthority[]> {
  const entries: PolkitAuthority[] = [];
  let entry: PolkitAuthority | undefined;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const where = `line ${at + 1}`;
    if (line === '' || line.startsWith('#')) continue;
    const section = /^\[(.*)\]$/s.exec(line)?.[1];
    const [, key = '', value = ''] = /^([A-Za-z0-9-]+)\s*=\s*(.*)$/s.exec(line) ?? [];
    if (section !== undefined) {
      entry = { definedIn: toText(path), section: toText(section), identities: [], actions: [] };
      entries.push(entry);
      if (entries.length > maxEntries) return unparsed('too-many-entries', where);
    } else if (key === '' || entry === undefined) return unparsed('malformed-line', where);
    else if (key === 'Identity') entry.identities = list(value);
    else if (key === 'Action') entry.actions = list(value);
    else if (key === 'ResultAny' || key === 'ResultInactive' || key === 'ResultActive') {
      if (!isAnswer(value)) return unparsed('malformed-line', where);
      if (key === 'ResultAny') entry.resultAny = value;
      else if (key === 'ResultInactive') entry.resultInactive = value;
      else entry.resultActive = value;
    }
  }
  return entries.some(({ identities, actions }) => identities.length > maxEntries || actions.length > maxEntries)
    ? unparsed('too-many-entries')
    : parsed(entries);
}

function list(value: string): PolkitAuthority['identities'] {
  return value
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map(toText);
}

function isAnswer(value: string): value is Answer {
  return results.some((result) => result === value);
}
