/**
 * PAM's files as libpam finds them, and what its modules read besides: settings, lists, rules, enrolments.
 * Whether they ask for a second factor is judged elsewhere.
 */
import type { Answer, Host } from '../../agent/host/host.ts';
import type { Fact, MfaDocument, PamLookup, PamStack } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, unseen } from '../fact.ts';
import { encodeText, toText } from '../text.ts';
import { wholeFile } from '../updates/whole-text.ts';
import { readAccessRules } from './pam-access.ts';
import { readEnrolments } from './pam-enrolments.ts';
import { parsePamConf, parsePamFile } from './pam-file.ts';
import { readPamModules } from './pam-modules.ts';
import { readConditionGroups, readListFiles, readPamModuleSettings } from './pam-settings.ts';

export type PamFacts = Pick<
  MfaDocument,
  | 'pamLookup'
  | 'pamStacks'
  | 'pamModules'
  | 'pamModuleSettings'
  | 'accessRules'
  | 'listFiles'
  | 'conditionGroups'
  | 'enrolments'
>;

/**
 * Where libpam looks, in its order: its own folder, the one of packages, and the vendor's, which is
 * /usr/etc on SUSE and /usr/share on newer Fedora (Linux-PAM `PAM_CONFIG_D`, `PAM_CONFIG_DIST_D`, VENDORDIR).
 */
const folders = ['/etc/pam.d', '/usr/lib/pam.d', '/usr/etc/pam.d', '/usr/share/pam.d'] as const;
const maxFiles = 1_000;
const maxBytes = 1024 * 1024;
const maxSources = 60;

/** `groups`: further groups that somebody makes a condition of (sshd), whose members are wanted. */
export async function collectPam(host: Host, groups: readonly string[] = []): Promise<PamFacts> {
  const listed = await listFolders(host);
  const atIncludes = await knowsAtIncludes(host);
  const { lookup, stacks } = await readStacks(host, listed, atIncludes);
  const known = stacks.status === 'observed' ? stacks.value : [];
  return {
    pamLookup: lookup,
    pamStacks: stacks,
    pamModules: await readPamModules(host, stacks),
    pamModuleSettings: await readPamModuleSettings(host, known),
    accessRules: await readAccessRules(host, known),
    listFiles: await readListFiles(host, known),
    conditionGroups: await readConditionGroups(host, known, groups),
    enrolments: await readEnrolments(host, stacks),
  };
}

type Listed = { readonly path: string; readonly answer: Answer<readonly string[]> };

async function listFolders(host: Host): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const path of folders) listed.push({ path, answer: await host.list(path) });
  return listed;
}

/** Debian and what comes of it patch @include into libpam; os-release says which family this is. */
async function knowsAtIncludes(host: Host): Promise<Fact<boolean>> {
  const first = await host.readFile('/etc/os-release');
  const answer = first.status === 'absent' ? await host.readFile('/usr/lib/os-release') : first;
  return wholeFile(answer, (text) => {
    const families = [...text.matchAll(/^(?:ID|ID_LIKE)=["']?([^"'\n]*)/gm)].flatMap(([, ids = '']) =>
      ids.split(/\s+/),
    );
    if (families.length === 0) return { ok: false, reason: 'no-id' };
    return { ok: true, value: families.some((id) => id === 'debian' || id === 'ubuntu') };
  });
}

type Read = { readonly lookup: Fact<PamLookup>; readonly stacks: Fact<PamStack[]> };

async function readStacks(host: Host, listed: readonly Listed[], atIncludes: Fact<boolean>): Promise<Read> {
  const sources = [...listed.map(({ answer }) => answer.source), ...atIncludes.sources];
  const counted = listed.map(({ path, answer }) => ({
    path,
    listed: answer.status === 'observed' ? observed(answer.value.length, answer.source) : missed(answer),
  }));
  const names = [...new Set(listed.flatMap(({ answer }) => (answer.status === 'observed' ? answer.value : [])))];
  if (listed.every(({ answer }) => answer.status === 'absent'))
    return readSingleFile(host, counted, atIncludes, sources);
  const blind = listed.find(({ answer }) => answer.status !== 'observed' && answer.status !== 'absent');
  if (names.length === 0 && blind !== undefined && blind.answer.status !== 'observed') {
    const stop = missed(blind.answer);
    return { lookup: stop, stacks: stop };
  }
  const lookup = observed<PamLookup>({ configuration: 'folders', folders: counted, atIncludes }, ...sources);
  const stacks = new Map<string, PamStack>();
  await readAll(host, listed, names, stacks);
  // A service that is left out would look like one that is not there.
  if (stacks.size > maxFiles) return { lookup, stacks: unseen('unsupported', 'too-many-files', lookup.sources) };
  return {
    lookup,
    stacks: observed([...stacks.values()], ...listed.map(({ answer }) => answer.source)),
  };
}

/** Files and what they include, each name once. */
async function readAll(
  host: Host,
  listed: readonly Listed[],
  names: readonly string[],
  stacks: Map<string, PamStack>,
): Promise<void> {
  const wanted = [...names];
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (stacks.has(name)) continue;
    const stack = await readStack(host, listed, name);
    stacks.set(name, stack);
    if (stacks.size > maxFiles) return;
    if (stack.content.status !== 'observed') continue;
    for (const { target } of stack.content.value.lines)
      if (typeof target === 'string' && !stacks.has(target)) wanted.push(target);
  }
}

/** The first folder that has the name decides; one that could not be asked leaves it open. */
async function readStack(host: Host, listed: readonly Listed[], name: string): Promise<PamStack> {
  const places = name.startsWith('/') ? [name] : listed.map(({ path }) => `${path}/${name}`);
  const [first = name] = places;
  const stack = { service: toText(name), file: toText(first) };
  const sources: string[] = [];
  // The kernel takes no name with a null byte and no path of 4096 bytes or more; libpam sees a failed open.
  if (name.includes('\0') || places.some((path) => encodeText(path).length >= 4096))
    return {
      ...stack,
      content: unseen(
        'absent',
        'invalid-path',
        listed.map(({ answer }) => answer.source),
      ),
    };
  for (const [at, path] of places.entries()) {
    const folder = listed[at]?.answer;
    if (!name.startsWith('/') && folder?.status === 'absent') continue;
    const answer = await host.readFile(path, { maxBytes });
    sources.push(answer.source);
    if (answer.status === 'absent') continue;
    if (answer.status === 'observed' && answer.value.truncated)
      return { ...stack, file: toText(path), content: unseen('unsupported', 'too-large', [answer.source]) };
    return { ...stack, file: toText(path), content: fromAnswer(answer, ({ text }) => parsePamFile(text)) };
  }
  const consulted = sources.length > 0 ? sources : listed.map(({ answer }) => answer.source);
  return { ...stack, content: unseen('absent', 'not-found', consulted.slice(0, maxSources)) };
}

/** Without any of the folders libpam reads /etc/pam.conf. */
async function readSingleFile(
  host: Host,
  counted: PamLookup['folders'],
  atIncludes: Fact<boolean>,
  sources: readonly string[],
): Promise<Read> {
  const answer = await host.readFile('/etc/pam.conf', { maxBytes });
  if (answer.status !== 'observed') {
    const stop = missed(answer, ...sources);
    return { lookup: stop, stacks: stop };
  }
  const lookup = observed<PamLookup>(
    { configuration: 'single-file', folders: counted, atIncludes },
    answer.source,
    ...sources,
  );
  const stacks = fromAnswer(answer, ({ text, truncated }) => {
    if (truncated) return { ok: false, reason: 'too-large' };
    const parsedFile = parsePamConf(text);
    if (!parsedFile.ok) return parsedFile;
    if (parsedFile.value.size > maxFiles) return { ok: false, reason: 'too-many-services' };
    const value = [...parsedFile.value].map(([service, content]) => ({
      service: toText(service),
      file: '/etc/pam.conf',
      content: observed(content, answer.source),
    }));
    return { ok: true, value };
  });
  return { lookup, stacks };
}
