/** Settings and lists that PAM modules read from files of their own, and groups that are a condition. */
import type { Host } from '../../agent/host/host.ts';
import type {
  ConditionGroup,
  Fact,
  ListFile,
  PamLine,
  PamModuleSettings,
  PamStack,
} from '../../schemas/generated/types.ts';
import { parseGroup } from '../admins/group.ts';
import { parsePasswd } from '../admins/passwd.ts';
import { missed, observed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import { pamModuleName } from './pam-options.ts';
import { notAsked } from './pam-unread.ts';

const maxSources = 60;

/** Every line that calls this module, in all files. */
export function linesOfModule(stacks: readonly PamStack[], name: string): PamLine[] {
  return stacks.flatMap(({ content }) =>
    content.status === 'observed'
      ? content.value.lines.filter(({ module }) => typeof module === 'string' && pamModuleName(module) === name)
      : [],
  );
}

export function optionOf(line: PamLine, key: string): string | undefined {
  const value = line.options?.findLast((option) => option.key === key)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Duo's settings that decide; its file also holds its secret key, which is never kept. */
const duoSettings = new Set(['failmode', 'groups', 'group', 'pushinfo', 'autopush', 'prompts', 'fallback_local_ip']);
/** sssd's that say whether it may take more or less than a password. */
const sssdSettings = new Set([
  'id_provider',
  'auth_provider',
  'pam_cert_auth',
  'pam_passkey_auth',
  'pam_p11_allowed_services',
  'local_auth_policy',
  'services',
  'domains',
]);

type Wanted = { readonly module: string; readonly file: string; readonly keys: ReadonlySet<string> };

export async function readPamModuleSettings(
  host: Host,
  stacks: readonly PamStack[],
): Promise<Fact<PamModuleSettings[]>> {
  const wanted: Wanted[] = [
    ...paths(linesOfModule(stacks, 'duo'), 'conf', '/etc/duo/pam_duo.conf').map((file) => ({
      module: 'pam_duo',
      file,
      keys: duoSettings,
    })),
    ...(linesOfModule(stacks, 'sss').length > 0
      ? [{ module: 'sssd', file: '/etc/sssd/sssd.conf', keys: sssdSettings }]
      : []),
  ];
  const found: PamModuleSettings[] = [];
  const sources: string[] = [];
  for (const { module, file, keys } of wanted) {
    const answer = await host.readFile(file, { secret: true });
    sources.push(answer.source);
    // A file that is not there gives no settings; the judge takes the module's defaults for unknown then.
    if (answer.status === 'absent') continue;
    if (answer.status !== 'observed') return missed(answer, ...sources.slice(0, maxSources));
    if (answer.value.truncated) return unseen('failed', 'file-truncated', [answer.source]);
    const read = sections(answer.value.text, keys);
    if (read.length === 0) return unseen('failed', 'no-sections', [answer.source]);
    for (const [section, settings] of read)
      found.push({ module, file: toText(file), section: toText(section), settings });
  }
  return sources.length === 0 ? notAsked(stacks, 'no-such-module') : observed(found, ...sources.slice(0, maxSources));
}

function paths(lines: readonly PamLine[], key: string, usual: string): string[] {
  return [...new Set(lines.map((line) => optionOf(line, key) ?? usual))].filter((path) => path.startsWith('/'));
}

/** An INI file: its sections, and of their settings only the named ones. */
function sections(text: string, keys: ReadonlySet<string>): [string, Record<string, string>][] {
  const found = new Map<string, Record<string, string>>();
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const header = /^\[(.{1,256})\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = header.trim();
      found.set(section, found.get(section) ?? {});
    }
    const [, key = '', value = ''] = /^([A-Za-z0-9_]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (!keys.has(key) || value.length > 4096 || !/^[\x20-\x7e]*$/.test(value)) continue;
    const settings = found.get(section) ?? {};
    settings[key] = value;
    found.set(section, settings);
  }
  return [...found];
}

/** The files that pam_listfile reads. One that is not there is left out, which the judge takes for a file that cannot be read. */
export async function readListFiles(host: Host, stacks: readonly PamStack[]): Promise<Fact<ListFile[]>> {
  const files = [...new Set(linesOfModule(stacks, 'listfile').flatMap((line) => optionOf(line, 'file') ?? []))];
  if (files.length === 0) return notAsked(stacks, 'no-such-module');
  const found: ListFile[] = [];
  const sources: string[] = [];
  for (const file of files.filter((path) => path.startsWith('/')).slice(0, 256)) {
    const answer = await host.readFile(file);
    sources.push(answer.source);
    if (answer.status === 'absent') continue;
    if (answer.status !== 'observed') return missed(answer, ...sources.slice(0, maxSources));
    const entries = answer.value.text.split('\n').filter((line) => line !== '');
    if (answer.value.truncated || entries.length > 10_000) return unseen('unsupported', 'too-large', [answer.source]);
    found.push({ file: toText(file), entries: entries.map(toText) });
  }
  return observed(found, ...(sources.length === 0 ? ['list:/etc/pam.d'] : sources.slice(0, maxSources)));
}

/** Groups that pam_succeed_if, pam_wheel, pam_listfile and pam_access name, by the local files. */
export async function readConditionGroups(
  host: Host,
  stacks: readonly PamStack[],
  further: readonly string[],
): Promise<Fact<ConditionGroup[]>> {
  const wanted = new Set(further);
  for (const line of linesOfModule(stacks, 'succeed_if')) {
    const words = (line.options ?? []).map(({ key }) => (typeof key === 'string' ? key : ''));
    for (const [at, word] of words.entries())
      if (/^(?:not)?ingroup$/i.test(word)) for (const group of (words[at + 1] ?? '').split(':')) wanted.add(group);
  }
  for (const line of linesOfModule(stacks, 'wheel')) wanted.add(optionOf(line, 'group') ?? 'wheel');
  const accessAsks = linesOfModule(stacks, 'access').length > 0 || linesOfModule(stacks, 'listfile').length > 0;
  if (wanted.size === 0 && !accessAsks) return notAsked(stacks, 'no-group-asked');
  const group = await host.readFile('/etc/group');
  const passwd = await host.readFile('/etc/passwd');
  for (const answer of [group, passwd]) if (answer.status !== 'observed') return missed(answer);
  if (group.status !== 'observed' || passwd.status !== 'observed')
    return unseen('failed', 'unreadable', [group.source]);
  if (group.value.truncated || passwd.value.truncated)
    return unseen('failed', 'file-truncated', [group.source, passwd.source]);
  const [groups, accounts] = [
    parseGroup(group.value.text, '/etc/group'),
    parsePasswd(passwd.value.text, '/etc/passwd'),
  ];
  if (!groups.ok) return unseen('failed', groups.reason, [group.source]);
  if (!accounts.ok) return unseen('failed', accounts.reason, [passwd.source]);
  const value: ConditionGroup[] = [];
  for (const each of groups.value.groups) {
    // pam_access and pam_listfile may name any group.
    if (!accessAsks && !wanted.has(each.name)) continue;
    const primary = accounts.value.accounts.flatMap(({ name, gid }) => (gid === each.gid ? [name] : []));
    const members = [...primary, ...each.members.map(toText)];
    if (value.length < 10_000) value.push({ group: toText(each.name), members, view: 'files' });
  }
  return observed(value, group.source, passwd.source);
}
