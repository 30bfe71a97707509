/** sssd.conf(5): which directories let whom in. Only the settings named here are read; binding passwords never are. */
import type { DirectoryDomain } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;
const maxDomains = 128;
const maxList = 10_000;

/** Sections of one file or of several, the later file winning (sssd.conf(5), conf.d). */
export function parseSssdConf(texts: readonly string[]): Parsed<DirectoryDomain[]> {
  const sections = new Map<string, Map<string, string>>();
  for (const text of texts) {
    const fault = addSections(sections, text);
    if (fault !== undefined) return unparsed('malformed-line', fault);
  }
  const domains = domainNames(sections).map((name) => domainOf(name, sections.get(`domain/${name}`) ?? new Map()));
  const tooLong = domains.some(({ simpleAllowGroups = [], simpleAllowUsers = [] }) =>
    [simpleAllowGroups, simpleAllowUsers].some((list) => list.length > maxList),
  );
  return domains.length > maxDomains || tooLong ? unparsed('too-many-entries') : parsed(domains);
}

/** Which line is at fault. A line that begins with a blank goes on with the one before. */
function addSections(sections: Map<string, Map<string, string>>, text: string): string | undefined {
  let section: Map<string, string> | undefined;
  let key: string | undefined;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const heading = /^\[([^\]]+)\]$/.exec(line)?.[1]?.trim().toLowerCase();
    const setting = /^([^=\s]+)\s*=(.*)$/s.exec(line);
    if (heading !== undefined) {
      const named = heading.startsWith('domain/') ? `domain/${line.slice(line.indexOf('/') + 1, -1).trim()}` : heading;
      section = sections.get(named) ?? new Map<string, string>();
      sections.set(named, section);
      key = undefined;
    } else if (section === undefined) return `line ${at + 1}`;
    else if (/^[ \t]/.test(raw) && key !== undefined) section.set(key, `${section.get(key) ?? ''} ${line}`);
    else if (setting === null) return `line ${at + 1}`;
    else {
      key = (setting[1] ?? '').toLowerCase();
      section.set(key, (setting[2] ?? '').trim());
    }
  }
  return undefined;
}

/** `domains` of [sssd] says which are in force; where it is missing, those with `enabled`, or all. */
function domainNames(sections: Sections): string[] {
  const listed = sections.get('sssd')?.get('domains');
  const all = [...sections.keys()].filter((name) => name.startsWith('domain/')).map((name) => name.slice(7));
  return listed === undefined ? all : listOf(listed);
}

function domainOf(name: string, settings: ReadonlyMap<string, string>): DirectoryDomain {
  const domain: DirectoryDomain = { name: toText(name), toldBy: 'sssd' };
  for (const [member, key] of [
    ['idProvider', 'id_provider'],
    ['accessProvider', 'access_provider'],
    ['sudoProvider', 'sudo_provider'],
  ] as const) {
    const value = settings.get(key);
    if (value !== undefined) domain[member] = toText(value);
  }
  for (const [member, key] of [
    ['simpleAllowGroups', 'simple_allow_groups'],
    ['simpleAllowUsers', 'simple_allow_users'],
  ] as const) {
    const value = settings.get(key);
    if (value !== undefined) domain[member] = listOf(value).map(toText);
  }
  if (['ad_access_filter', 'ldap_access_filter'].some((key) => (settings.get(key) ?? '') !== ''))
    domain.accessFilter = true;
  const nesting = settings.get('ldap_group_nesting_level');
  if (nesting !== undefined && /^\d{1,6}$/.test(nesting)) domain.groupNestingLevel = Number(nesting);
  return domain;
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
