/** Which set-id programs a package brought. A package may leave its own for who administers; what none brought is somebody's doing. */
import type { CommandOutput, Host } from '../../agent/host/host.ts';
import type { Fact, SetIdFile } from '../../schemas/generated/types.ts';
import { fromAnswer, observed, type Parsed, parsed, unparsed } from '../fact.ts';
import { encodeText } from '../text.ts';
import {
  type Diversion,
  parseDiversions,
  parseListedPaths,
  spellings,
  wantedPaths,
  withoutOwnerByLists,
} from './dpkg-lists.ts';

/** Arguments: a path without what dpkg takes for a pattern (dpkg-query(1), -S), and short enough for all of them together. */
const askable = /^\/[^*?[\]\\\n]{1,255}$/;
const maxAsked = 400;
/** All paths are one argument there, which Linux takes up to 128 KiB of (execve(2)). */
const maxPatterns = 96 * 1024;
const diversionsFile = '/var/lib/dpkg/diversions';

/** The list with the mark where it can be told; as it was where no database answers. */
export async function addOwners(host: Host, files: Fact<SetIdFile[]>): Promise<Fact<SetIdFile[]>> {
  if (files.status !== 'observed') return files;
  const paths = files.value.flatMap(({ path }) => (typeof path === 'string' && askable.test(path) ? [path] : []));
  if (paths.length === 0 || paths.length > maxAsked) return files;
  const unowned = await askDatabases(host, paths);
  const sources = [...files.sources, ...unowned.sources];
  if (unowned.status !== 'observed') return { ...files, sources };
  const asked = new Set(paths);
  const without = new Set(unowned.value);
  return observed(
    files.value.map((file) =>
      typeof file.path === 'string' && asked.has(file.path)
        ? { ...file, ownedByPackage: !without.has(file.path) }
        : file,
    ),
    ...sources,
  );
}

/** Paths of no package. dpkg's lists are read where it has a database; where that tells nothing, its program is asked, then rpm. */
async function askDatabases(host: Host, paths: readonly string[]): Promise<Fact<readonly string[]>> {
  const status = await host.stat('/var/lib/dpkg/status');
  const lists = status.status === 'observed' ? await readLists(host, paths) : undefined;
  if (lists?.status === 'observed' || (lists?.status === 'failed' && lists.reason === 'no-file-known')) return lists;
  const dpkg = await host.exec('dpkg-owners', ...paths.flatMap(spellings));
  const answer = dpkg.status === 'absent' ? await host.exec('rpm-owners', ...paths) : dpkg;
  const found = fromAnswer(answer, (output) =>
    output.truncated
      ? unparsed('output-truncated')
      : (answer === dpkg ? withoutOwnerByDpkg : withoutOwnerByRpm)(paths, output),
  );
  const earlier = [...(lists?.sources ?? []), ...(answer === dpkg ? [] : [dpkg.source])];
  return { ...found, sources: [...new Set([...earlier, ...found.sources])] };
}

async function readLists(host: Host, paths: readonly string[]): Promise<Fact<readonly string[]> | undefined> {
  const file = await host.readFile(diversionsFile);
  // dpkg makes the file with the first diversion.
  const diversions =
    file.status === 'absent'
      ? observed<readonly Diversion[]>([], file.source)
      : fromAnswer(file, ({ text, truncated }) => (truncated ? unparsed('file-truncated') : parseDiversions(text)));
  if (diversions.status !== 'observed') return diversions;
  const patterns = wantedPaths(paths, diversions.value).filter((path) => askable.test(path));
  if (patterns.reduce((length, path) => length + encodeText(path).length + 1, 0) > maxPatterns) return undefined;
  const answer = await host.exec('dpkg-lists', patterns.join('\n'));
  const found = fromAnswer(answer, ({ stdout, truncated }) => {
    const listed = truncated ? unparsed('output-truncated') : parseListedPaths(stdout);
    return listed.ok ? withoutOwnerByLists(paths, listed.value, diversions.value) : listed;
  });
  return { ...found, sources: [...new Set([...found.sources, ...diversions.sources])] };
}

/** `sudo: /usr/bin/sudo`, `a, b: /x`, `diversion by dash from: /bin/sh`; what it does not know it says on standard error. */
export function withoutOwnerByDpkg(paths: readonly string[], { stdout }: CommandOutput): Parsed<readonly string[]> {
  const owned = new Set<string>();
  for (const line of stdout.split('\n')) {
    const [, who = '', path] = /^([^/]{1,4096}): (\/.*)$/.exec(line) ?? [];
    if (path !== undefined && !who.startsWith('diversion by ')) owned.add(path);
  }
  // A machine that has dpkg as a tool, and its packages elsewhere.
  if (owned.size === 0) return unparsed('no-file-known');
  return parsed(paths.filter((path) => !spellings(path).some((each) => owned.has(each))));
}

/** One line for each file, in C locale: the package's name, or `file /x is not owned by any package`. */
export function withoutOwnerByRpm(
  paths: readonly string[],
  { stdout, stderr }: CommandOutput,
): Parsed<readonly string[]> {
  const lines = stdout.split('\n').filter((line) => line !== '');
  const unowned = [...stdout.matchAll(/^file (\/.*) is not owned by any package$/gm)].map(([, path = '']) => path);
  if (stderr.trim() !== '' || lines.length < paths.length) return unparsed('unexpected-output');
  if (unowned.length === lines.length) return unparsed('no-file-known');
  return parsed(unowned.filter((path) => paths.includes(path)));
}
