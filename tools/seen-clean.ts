/**
 * What an earlier check found clean, each by a digest of all that the answer depends on: the same digest has the
 * same answer, and any other is asked again. Outside a git checkout nothing is remembered.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** Digests of files by their paths from the project's root, with slashes. */
export type Digests = ReadonlyMap<string, string>;
/** What was found clean: a list of keys by the name of the step. */
export type Clean = { readonly [step: string]: readonly string[] };

/** What tsc writes with `--incremental`: files and lists are counted from 1, a file may be its bare version. */
type BuildInfo = {
  readonly fileNames: readonly string[];
  readonly fileInfos: readonly (string | { readonly version: string; readonly affectsGlobalScope?: boolean })[];
  readonly fileIdsList: readonly (readonly number[])[];
  readonly referencedMap: readonly (readonly [file: number, list: number])[];
};

/** SHA-256 over texts, each with its length, in hexadecimal. */
export function digestOf(texts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest('hex');
}

/** Digests of all files that git has or does not ignore, as they lie on disk; undefined outside a checkout. */
export function projectDigests(root: string): Digests | undefined {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (listed.status !== 0) return undefined;
  const digests = new Map<string, string>();
  for (const path of new Set(
    listed.stdout
      .split('\0')
      .filter((name) => name !== '')
      .toSorted(),
  )) {
    const bytes = contents(join(root, path));
    if (bytes !== undefined) digests.set(path, createHash('sha256').update(bytes).digest('hex'));
  }
  return digests;
}

/** Undefined where nothing can be read there: deleted, and not yet committed so. */
function contents(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** One digest over those of the files whose path is wanted. */
export function digestOver(digests: Digests, wanted: (path: string) => boolean): string {
  return digestOf([...digests].filter(([path]) => wanted(path)).flat());
}

/**
 * A key for each file of the project that tsc saw: its own text, that of all it imports, of what they import, and
 * so on, and of all that every file sees: the libraries, and what declares names or modules for all.
 * `buildInfo` is what tsc wrote of the very state that it was given; `folder` the one that holds it, from the root.
 */
export function typeKeys(buildInfo: string, folder: string): Map<string, string> {
  const { fileNames, fileInfos, fileIdsList, referencedMap } = JSON.parse(buildInfo) as BuildInfo;
  const versions = fileInfos.map((info) => (typeof info === 'string' ? info : info.version));
  const paths = fileNames.map((name) => posix.join(folder, name));
  const ours = paths.map((path) => !path.startsWith('node_modules/') && !path.startsWith('..'));
  const forAll = fileInfos.map(
    (info, index) => ours[index] !== true || (typeof info === 'object' && info.affectsGlobalScope === true),
  );
  const shared = digestOf(
    paths.flatMap((path, index) => (forAll[index] === true ? [path, versions[index] ?? ''] : [])),
  );
  const imports = new Map(referencedMap.map(([file, list]) => [file - 1, fileIdsList[list - 1] ?? []]));
  const keys = new Map<string, string>();
  for (const [index, path] of paths.entries()) {
    if (ours[index] !== true) continue;
    const reached = new Set([index]);
    // What is added while it is walked is walked too.
    for (const each of reached)
      for (const id of imports.get(each) ?? []) if (ours[id - 1] === true) reached.add(id - 1);
    const rest = [...reached].toSorted((one, other) => one - other);
    keys.set(path, digestOf([shared, path, ...rest.flatMap((each) => [paths[each] ?? '', versions[each] ?? ''])]));
  }
  return keys;
}

/** Nothing where it was never written, or cannot be read. */
export function readClean(file: string): Clean {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Clean;
  } catch {
    return {};
  }
}

export function writeClean(file: string, clean: Clean): void {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, JSON.stringify(clean));
  renameSync(fresh, file);
}
