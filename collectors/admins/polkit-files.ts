/** Reads polkit's rules in the order in which polkit does: by file name across its folders (polkit(8)). */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, PolkitAuthority, PolkitRuleContent, PolkitRules } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { fileFact } from './file-fact.ts';
import { parsePkla } from './polkit-authority.ts';
import { parsePolkitRules } from './polkit-rules.ts';
import { maxSources } from './unread.ts';

/** A name in an earlier folder hides the same name in a later one (since polkit 124; before, both count). */
const ruleFolders = [
  '/etc/polkit-1/rules.d',
  '/run/polkit-1/rules.d',
  '/usr/local/share/polkit-1/rules.d',
  '/usr/share/polkit-1/rules.d',
];
const authorityFolders = ['/etc/polkit-1/localauthority', '/var/lib/polkit-1/localauthority'];
const maxFiles = 2_000;

type Stop = Exclude<Fact<never>, { status: 'observed' }>;
type Found = { readonly path: string; readonly name: string };

/** All folders and files or none: a rule that was not read could let anybody in. Absent where polkit has no folder. */
export async function readPolkit(host: Host): Promise<Fact<PolkitRules>> {
  const sources: string[] = [];
  const rules = await filesIn(host, ruleFolders, '.rules', sources);
  if ('status' in rules) return rules;
  const authority = await authorityFiles(host, sources);
  if ('status' in authority) return authority;
  if (!rules.any && !authority.any) return unseen('absent', 'no-polkit', sources.slice(0, maxSources));
  const ordered = rules.files.toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  const files: PolkitRuleContent[] = [];
  for (const { path } of ordered) {
    const fact = fileFact(await host.readFile(path), (text) => parsePolkitRules(text, path));
    if (fact.status === 'absent') continue;
    if (fact.status !== 'observed') return fact;
    sources.push(...fact.sources);
    files.push(fact.value);
  }
  const localAuthority: PolkitAuthority[] = [];
  for (const { path } of authority.files) {
    const fact = fileFact(await host.readFile(path), (text) => parsePkla(text, path));
    if (fact.status === 'absent') continue;
    if (fact.status !== 'observed') return fact;
    sources.push(...fact.sources);
    localAuthority.push(...fact.value);
  }
  if (files.length > maxFiles || localAuthority.length > maxFiles)
    return unseen('failed', 'too-many-entries', sources.slice(0, maxSources));
  return observed({ files, localAuthority }, ...sources.slice(0, maxSources));
}

async function filesIn(
  host: Host,
  folders: readonly string[],
  ending: string,
  sources: string[],
): Promise<{ any: boolean; files: Found[] } | Stop> {
  const files: Found[] = [];
  let any = false;
  for (const folder of folders) {
    const names = await host.list(folder);
    if (names.status !== 'observed' && names.status !== 'absent') return missed(names);
    sources.push(names.source);
    if (names.status !== 'observed') continue;
    any = true;
    for (const name of names.value) if (name.endsWith(ending)) files.push({ path: `${folder}/${name}`, name });
  }
  return files.length > maxFiles ? unseen('failed', 'too-many-entries', sources) : { any, files };
}

/** `localauthority/50-local.d/*.pkla`, one folder deep. */
async function authorityFiles(host: Host, sources: string[]): Promise<{ any: boolean; files: Found[] } | Stop> {
  const folders: string[] = [];
  for (const folder of authorityFolders) {
    const names = await host.list(folder);
    if (names.status !== 'observed' && names.status !== 'absent') return missed(names);
    sources.push(names.source);
    if (names.status === 'observed')
      folders.push(...names.value.filter((name) => name.endsWith('.d')).map((name) => `${folder}/${name}`));
  }
  return await filesIn(host, folders, '.pkla', sources);
}
