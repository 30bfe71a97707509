/** Reads the sudoers files as sudo does: the one that its configuration names, and all that it includes, in place. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, unseen } from '../fact.ts';
import { encodeText } from '../text.ts';
import { parseSudoConf } from './sudo-conf.ts';
import { parseSudoers } from './sudoers.ts';
import type { FiledEntry } from './sudoers-policy.ts';

/** sudo's own limit is 128 nested files, and it is there to end loops (sudoers(5)). */
const maxDepth = 128;
const maxFiles = 2_000;
/** A fact names at most so many sources; all of them stand in the source records. */
const maxSources = 60;

const sudoConf = '/etc/sudo.conf';
/** sudo-rs prefers this file to /etc/sudoers where it exists; which sudo runs cannot be told from the files. */
const sudoersOfSudoRs = '/etc/sudoers-rs';
/** The first that exists; the second is where distributions with an empty /etc keep the shipped one. */
const usualFiles = ['/etc/sudoers', '/usr/etc/sudoers'] as const;

type Reading = {
  readonly host: Host;
  readonly entries: FiledEntry[];
  readonly sources: string[];
  files: number;
};

type Stop = Exclude<Fact<never>, { status: 'observed' }>;

/** All entries in order. Observed only where every file was read and understood; otherwise the first thing in the way. */
export async function readSudoers(host: Host): Promise<Fact<FiledEntry[]>> {
  const main = await mainFile(host);
  if (main.status !== 'observed') return main;
  const reading: Reading = { host, entries: [], sources: [], files: 0 };
  const stop = await readMain(reading, main.value);
  const sources = [...reading.sources.slice(0, maxSources), ...main.sources];
  if (stop !== undefined) return { ...stop, sources: [...new Set([...stop.sources, ...sources])].slice(0, maxSources) };
  return observed(reading.entries, ...sources);
}

/** The configured file, or undefined for the usual ones. Its sources say what was consulted. */
async function mainFile(host: Host): Promise<Fact<string | undefined>> {
  const conf = await host.readFile(sudoConf);
  const other = await host.stat(sudoersOfSudoRs);
  const consulted = [conf.source, other.source];
  if (other.status === 'observed') return unseen('unsupported', 'sudo-rs-sudoers', consulted);
  for (const answer of [conf, other] as const)
    if (answer.status !== 'observed' && answer.status !== 'absent' && answer.reason !== 'not-recorded')
      return missed(answer);
  if (conf.status !== 'observed') return observed(undefined, ...consulted);
  const fact = fromAnswer(conf, ({ text, truncated }) =>
    truncated ? { ok: false, reason: 'truncated' } : parseSudoConf(text),
  );
  if (fact.status !== 'observed')
    return fact.reason === 'other-policy-plugin' ? { ...fact, status: 'unsupported' } : fact;
  return observed(fact.value.file, ...consulted);
}

async function readMain(reading: Reading, configured: string | undefined): Promise<Stop | undefined> {
  const stop = await readFirst(reading, configured === undefined ? usualFiles : listed(configured), []);
  return stop?.status === 'absent' ? { ...stop, reason: 'no-sudoers-file' } : stop;
}

/** The first that exists; sudo 1.9.14 and later takes a list between colons wherever it takes a path. */
async function readFirst(
  reading: Reading,
  paths: readonly string[],
  parents: readonly string[],
): Promise<Stop | undefined> {
  const sources: string[] = [];
  for (const path of paths) {
    const stop = await readOne(reading, path, parents);
    if (stop?.status !== 'absent') return stop;
    sources.push(...stop.sources);
  }
  return unseen('absent', 'no-such-file', sources);
}

function listed(path: string): string[] {
  return path.includes(':') ? [path, ...path.split(':').filter((part) => part !== '')] : [path];
}

/** Absent stops too: the caller knows whether that matters. */
async function readOne(reading: Reading, path: string, parents: readonly string[]): Promise<Stop | undefined> {
  const answer = await reading.host.readFile(path);
  if (answer.status !== 'observed') return missed(answer);
  reading.sources.push(answer.source);
  const failed = (reason: string, detail: string): Stop =>
    unseen('failed', reason, [answer.source], plain(`${path}: ${detail}`));
  if (parents.includes(path)) return failed('include-loop', 'includes itself');
  reading.files += 1;
  if (parents.length > maxDepth || reading.files > maxFiles) return failed('too-many-includes', 'too many files');
  if (answer.value.truncated) return failed('truncated', 'longer than what is read');
  const result = parseSudoers(answer.value.text);
  if (!result.ok) return failed(result.reason, result.detail ?? '');
  for (const entry of result.value) {
    if (entry.kind !== 'include') {
      reading.entries.push({ file: path, entry });
      continue;
    }
    const target = await included(reading.host, entry.path, path);
    if (typeof target !== 'string') return target;
    const family = [...parents, path];
    const stop = entry.folder
      ? await readFolder(reading, target, family)
      : await readFirst(reading, listed(target), family);
    // A file or folder that is not there gives no rules; sudo warns and goes on.
    if (stop !== undefined && stop.status !== 'absent') return stop;
  }
  return undefined;
}

/** Regular files whose name has no dot and does not end in `~`, in byte order (sudoers(5), @includedir). */
async function readFolder(reading: Reading, folder: string, family: readonly string[]): Promise<Stop | undefined> {
  const names = await reading.host.list(folder);
  if (names.status !== 'observed') return names.status === 'absent' ? undefined : missed(names);
  reading.sources.push(names.source);
  const wanted = names.value.filter((name) => !name.includes('.') && !name.endsWith('~'));
  for (const name of wanted.toSorted(byByte)) {
    const path = `${folder.replace(/\/+$/, '')}/${name}`;
    const about = await reading.host.stat(path);
    if (about.status === 'observed' && about.value.type !== 'file') continue;
    const stop = await readOne(reading, path, family);
    if (stop !== undefined && stop.status !== 'absent') return stop;
  }
  return undefined;
}

/** `%h` is the short host name; a relative path starts where the including file lies. */
async function included(host: Host, written: string, includedFrom: string): Promise<string | Stop> {
  const folder = includedFrom.slice(0, includedFrom.lastIndexOf('/') + 1);
  const path = written.startsWith('/') ? written : folder + written;
  if (!path.includes('%h')) return path;
  const identity = await host.identity();
  if (identity.status !== 'observed') return missed(identity);
  const [short = ''] = (identity.value.hostname ?? '').split('.');
  if (short === '') return unseen('unsupported', 'not-recorded', [identity.source]);
  return path.replaceAll('%h', short.replaceAll('/', '_'));
}

/** As strcmp(3) orders them in the C locale. */
function byByte(a: string, b: string): number {
  const [left, right] = [encodeText(a), encodeText(b)];
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
}

/** Printable ASCII for a detail; anything else of a path is `?`. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
