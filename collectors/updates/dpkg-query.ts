/**
 * The list that dpkg-query prints in the format of the command `dpkg-query` (agent/host/commands.ts):
 *
 *     bash⇥5.2.15-2+b8⇥amd64⇥bash⇥5.2.15-2⇥ii ⇥1747699200
 *     libc6:amd64⇥2.36-9+deb12u10⇥amd64⇥glibc⇥2.36-9+deb12u10⇥hi ⇥1747699200
 *     vim⇥2:9.0.1378-2⇥amd64⇥vim⇥2:9.0.1378-2⇥rc ⇥
 *
 * dpkg before 1.19.3 does not know db-fsys:Last-Modified and leaves the last column empty.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type DpkgPackage = {
  /** Without an architecture behind a colon. */
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sourceName: string;
  readonly sourceVersion: string;
  /** The administrator holds it back (`dpkg --set-selections`, `apt-mark hold`). */
  readonly held: boolean;
  /** `gone` is everything that is not on disk, though its configuration may be. */
  readonly state: 'installed' | 'gone' | 'broken';
  /** dpkg's own word for the state, such as half-configured. */
  readonly stateName: string;
  /** Seconds since 1970 of the last change of its file list, where dpkg tells. */
  readonly changedAt?: number;
};

/** dpkg-query(1), db:Status-Abbrev, second letter. */
const states: ReadonlyMap<string, { readonly state: DpkgPackage['state']; readonly name: string }> = new Map([
  ['n', { state: 'gone', name: 'not-installed' }],
  ['c', { state: 'gone', name: 'config-files' }],
  ['H', { state: 'broken', name: 'half-installed' }],
  ['U', { state: 'broken', name: 'unpacked' }],
  ['F', { state: 'broken', name: 'half-configured' }],
  ['W', { state: 'broken', name: 'triggers-awaited' }],
  ['t', { state: 'broken', name: 'triggers-pending' }],
  ['i', { state: 'installed', name: 'installed' }],
] as const);

/** Fails with `unexpected-line`, `unknown-package-state`, or `no-packages-listed`: a dpkg system without packages is none. */
export function parseDpkgQuery(text: string): Parsed<readonly DpkgPackage[]> {
  const packages: DpkgPackage[] = [];
  for (const [index, line] of text.toWellFormed().split('\n').entries()) {
    if (line === '') continue;
    const result = parseLine(line, index + 1);
    if (!result.ok) return result;
    packages.push(result.value);
  }
  return packages.some(({ state }) => state !== 'gone') ? parsed(packages) : unparsed('no-packages-listed');
}

function parseLine(line: string, number: number): Parsed<DpkgPackage> {
  const [qualified, version, architecture, sourceName = '', sourceVersion = '', abbreviation = '', changed = ''] =
    line.split('\t');
  if (qualified === undefined || version === undefined || architecture === undefined || abbreviation === '') {
    return unparsed('unexpected-line', `line ${number}`);
  }
  // Longer than dpkg lets them be; a document could not hold them.
  if (
    Math.max(qualified.length, version.length, sourceName.length, sourceVersion.length) > 256 ||
    architecture.length > 64
  ) {
    return unparsed('unexpected-line', `line ${number}`);
  }
  const [want, status = '', error = ' '] = abbreviation;
  const known = states.get(status);
  if (known === undefined) return unparsed('unknown-package-state', `line ${number}`);
  // An upper-case third letter is an error flag: R for reinst-required.
  const isDamaged = error !== ' ' && known.state !== 'gone';
  return parsed({
    name: qualified.replace(/:.*$/, ''),
    version,
    architecture,
    sourceName,
    sourceVersion,
    held: want === 'h',
    state: isDamaged ? 'broken' : known.state,
    stateName: isDamaged ? `${known.name} reinst-required` : known.name,
    ...(/^[0-9]{1,11}$/.test(changed) ? { changedAt: Number(changed) } : {}),
  });
}
