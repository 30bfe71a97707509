/**
 * Which files packages brought, by dpkg's own lists of them (deb-packages' `/var/lib/dpkg/info/NAME.list`, one path a
 * line) and by the file of diversions beside them (dpkg-divert(1)). Reading both through `dpkg-query -S` loads every
 * package and every path of every package first.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

/** A path in a list, and the package whose list it is. */
export type ListedPath = { readonly package: string; readonly path: string };

export type Diversion = {
  readonly from: string;
  readonly to: string;
  /** The package whose own file stays at `from`; undefined where the administrator diverts, who has no list. */
  readonly by?: string;
};

/** `grep -Z` ends the file's name with a NUL; its architecture is part of it for some: `libc6:amd64.list`. */
export function parseListedPaths(text: string): Parsed<readonly ListedPath[]> {
  const found: ListedPath[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, name, path] =
      /^\/var\/lib\/dpkg\/info\/([a-z0-9][a-z0-9.+-]*)(?::[a-z0-9-]+)?\.list\0(\/.*)$/s.exec(line) ?? [];
    if (name === undefined || path === undefined) return unparsed('unexpected-line');
    found.push({ package: name, path });
  }
  return parsed(found);
}

/** Three lines each: from, to, and the package or `:` for the administrator (dpkg's divertdb). */
export function parseDiversions(text: string): Parsed<readonly Diversion[]> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length % 3 !== 0) return unparsed('unexpected-end');
  const found: Diversion[] = [];
  for (let at = 0; at < lines.length; at += 3) {
    const [from = '', to = '', by = ''] = lines.slice(at, at + 3);
    if (!from.startsWith('/') || !to.startsWith('/') || by === '') return unparsed('unexpected-line', `line ${at + 1}`);
    found.push({ from, to, ...(by === ':' ? {} : { by }) });
  }
  return parsed(found);
}

/** Where /bin is a link to /usr/bin, dpkg knows a file by the name under which its package brought it. */
export function spellings(path: string): readonly string[] {
  if (/^\/usr\/(?:s?bin|lib)/.test(path)) return [path, path.slice('/usr'.length)];
  return /^\/(?:s?bin|lib)/.test(path) ? [path, `/usr${path}`] : [path];
}

/** What to look for in the lists: the files by either name, and those that are diverted to one of them. */
export function wantedPaths(paths: readonly string[], diversions: readonly Diversion[]): readonly string[] {
  const wanted = new Set(paths.flatMap(spellings));
  const diverted = diversions.filter(({ to }) => wanted.has(to)).map(({ from }) => from);
  return [...new Set([...wanted, ...diverted])];
}

/** The files that no package brought to where they are. Fails with `no-file-known` where the lists have none of them. */
export function withoutOwnerByLists(
  paths: readonly string[],
  listed: readonly ListedPath[],
  diversions: readonly Diversion[],
): Parsed<readonly string[]> {
  // A machine that has dpkg as a tool, and its packages elsewhere.
  if (listed.length === 0) return unparsed('no-file-known');
  const diverted = new Map(diversions.map((each) => [each.from, each]));
  const owned = new Set(
    listed.map((each) => {
      const diversion = diverted.get(each.path);
      return diversion === undefined || diversion.by === each.package ? each.path : diversion.to;
    }),
  );
  return parsed(paths.filter((path) => !spellings(path).some((each) => owned.has(each))));
}
