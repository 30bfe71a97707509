/** Where sshd looks for keys, from sshd_config(5) and all that it includes. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, SshKeySettings } from '../../schemas/generated/types.ts';
import { missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { sshdArguments, sshdLines } from '../mfa/sshd-words.ts';
import { toText } from '../text.ts';
import { maxSources } from './unread.ts';

const mainFile = '/etc/ssh/sshd_config';
const folder = '/etc/ssh';
export const usualKeyFiles: readonly string[] = ['.ssh/authorized_keys', '.ssh/authorized_keys2'];
/** servconf.c: SERVCONF_MAX_DEPTH. */
const maxDepth = 16;
const maxFiles = 500;
const maxValues = 64;

const single = {
  authorizedkeyscommand: 'authorizedKeysCommand',
  trustedusercakeys: 'trustedUserCaKeys',
  authorizedprincipalsfile: 'authorizedPrincipalsFile',
  authorizedprincipalscommand: 'authorizedPrincipalsCommand',
} as const;
type Single = keyof typeof single;

type Reading = {
  readonly host: Host;
  readonly sources: string[];
  files: number;
  keyFiles: readonly string[] | undefined;
  readonly conditional: string[];
  conditionalOthers: boolean;
  readonly singles: Partial<Record<Single, string>>;
};
type Stop = Exclude<Fact<never>, { status: 'observed' }>;

/** Observed only where every included file was read. Absent where sshd has no configuration. */
export async function readSshKeySettings(host: Host): Promise<Fact<SshKeySettings>> {
  const reading: Reading = {
    host,
    sources: [],
    files: 0,
    keyFiles: undefined,
    conditional: [],
    conditionalOthers: false,
    singles: {},
  };
  const stop = await readOne(reading, mainFile, false, 0);
  if (stop !== undefined) return stop;
  const files = reading.keyFiles ?? usualKeyFiles;
  const conditional = [...new Set(reading.conditional)].filter((file) => !files.includes(file) && file !== 'none');
  if (files.length > maxValues || conditional.length > 1000)
    return unseen('failed', 'too-many-entries', reading.sources);
  const settings: SshKeySettings = {
    authorizedKeysFiles: files.filter((file) => file !== 'none').map(toText),
    conditionalFiles: conditional.map(toText),
    conditionalOthers: reading.conditionalOthers,
  };
  for (const [keyword, name] of Object.entries(single) as [Single, (typeof single)[Single]][]) {
    const value = reading.singles[keyword];
    if (value !== undefined && value !== 'none') settings[name] = toText(value);
  }
  return observed(settings, ...reading.sources.slice(0, maxSources));
}

/** The first value of a keyword counts; inside Match blocks everything is conditional. */
async function readOne(reading: Reading, path: string, within: boolean, depth: number): Promise<Stop | undefined> {
  const answer = await reading.host.readFile(path);
  if (answer.status === 'absent' && depth > 0) return undefined;
  if (answer.status !== 'observed') return missed(answer);
  reading.sources.push(answer.source);
  reading.files += 1;
  const failed = (reason: string): Stop => unseen('failed', reason, [answer.source]);
  if (answer.value.truncated) return failed('truncated');
  if (depth > maxDepth || reading.files > maxFiles) return failed('too-many-includes');
  const lines = sshdLines(answer.value.text);
  if (!lines.ok) return failed(lines.reason);
  let conditional = within;
  for (const { keyword, rest } of lines.value) {
    if (!/^[a-z0-9]+$/.test(keyword)) return failed('malformed-line');
    const values = sshdArguments(rest);
    if (!values.ok) return failed(values.reason);
    if (keyword === 'match') conditional = values.value[0]?.toLowerCase() !== 'all' || within;
    else if (keyword === 'include')
      for (const pattern of values.value) {
        const stop = await readIncluded(reading, pattern, conditional, depth + 1);
        if (stop !== undefined) return stop;
      }
    else note(reading, keyword, values.value, conditional);
  }
  return undefined;
}

function note(reading: Reading, keyword: string, values: readonly string[], conditional: boolean): void {
  if (keyword === 'authorizedkeysfile') {
    if (conditional) reading.conditional.push(...values);
    else reading.keyFiles ??= values;
  } else if (keyword in single) {
    if (conditional) reading.conditionalOthers = true;
    else reading.singles[keyword as Single] ??= values.join(' ');
  }
}

async function readIncluded(
  reading: Reading,
  pattern: string,
  conditional: boolean,
  depth: number,
): Promise<Stop | undefined> {
  const path = pattern.startsWith('/') ? pattern : `${folder}/${pattern}`;
  const last = path.slice(path.lastIndexOf('/') + 1);
  const parent = path.slice(0, path.lastIndexOf('/'));
  const glob = globOf(last);
  if (!glob.ok || /[*?[]/.test(parent)) return unseen('unsupported', 'glob-not-covered', reading.sources);
  if (glob.value === undefined) return await readOne(reading, path, conditional, depth);
  const names = await reading.host.list(parent);
  if (names.status === 'absent') return undefined;
  if (names.status !== 'observed') return missed(names);
  reading.sources.push(names.source);
  for (const name of names.value.filter((each) => glob.value?.test(each) === true && !each.startsWith('.'))) {
    const stop = await readOne(reading, `${parent}/${name}`, conditional, depth);
    if (stop !== undefined) return stop;
  }
  return undefined;
}

/** Undefined where the name is plain. Of glob(7) only `*` and `?`. */
function globOf(name: string): Parsed<RegExp | undefined> {
  if (name.includes('[')) return unparsed('glob-not-covered');
  if (!/[*?]/.test(name)) return parsed(undefined);
  const escaped = name.replace(/[.+^${}()|\\]/g, String.raw`\$&`);
  return parsed(new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 's'));
}
