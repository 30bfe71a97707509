/** Which set-id programs a package brought. A package may leave its own for who administers; what none brought is somebody's doing. */
import type { CommandOutput, Host } from '../../agent/host/host.ts';
import type { Fact, SetIdFile } from '../../schemas/generated/types.ts';
import { fromAnswer, observed, type Parsed, parsed, unparsed } from '../fact.ts';

/** Arguments: a path without what dpkg takes for a pattern (dpkg-query(1), -S), and short enough for all of them together. */
const askable = /^\/[^*?[\]\\\n]{1,255}$/;
const maxAsked = 400;

/** The list with the mark where it can be told; as it was where no database answers. */
export async function addOwners(host: Host, files: Fact<SetIdFile[]>): Promise<Fact<SetIdFile[]>> {
  if (files.status !== 'observed') return files;
  const paths = files.value.flatMap(({ path }) => (typeof path === 'string' && askable.test(path) ? [path] : []));
  if (paths.length === 0 || paths.length > maxAsked) return files;
  const dpkg = await host.exec('dpkg-owners', ...paths.flatMap(spellings));
  const answer = dpkg.status === 'absent' ? await host.exec('rpm-owners', ...paths) : dpkg;
  const sources = [...files.sources, ...(answer === dpkg ? [] : [dpkg.source]), answer.source];
  const unowned = fromAnswer(answer, (output) =>
    output.truncated
      ? unparsed('output-truncated')
      : (answer === dpkg ? withoutOwnerByDpkg : withoutOwnerByRpm)(paths, output),
  );
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

/** Where /bin is a link to /usr/bin, dpkg knows a file by the name under which its package brought it. */
function spellings(path: string): readonly string[] {
  if (/^\/usr\/(?:s?bin|lib)/.test(path)) return [path, path.slice('/usr'.length)];
  return /^\/(?:s?bin|lib)/.test(path) ? [path, `/usr${path}`] : [path];
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
