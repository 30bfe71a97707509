/**
 * dpkg's own database, /var/lib/dpkg/status (deb822(5)), where there is no dpkg to ask: images that were stripped
 * of it, and those that keep a stanza a file in status.d and never had it.
 *
 *     Package: bash
 *     Status: install ok installed
 *     Architecture: amd64
 *     Source: bash (5.2.15-2)
 *     Version: 5.2.15-2+b8
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import type { DpkgPackage } from './dpkg-query.ts';

/** dpkg(1), package states. */
const states: ReadonlyMap<string, DpkgPackage['state']> = new Map([
  ['not-installed', 'gone'],
  ['config-files', 'gone'],
  ['half-installed', 'broken'],
  ['unpacked', 'broken'],
  ['half-configured', 'broken'],
  ['triggers-awaited', 'broken'],
  ['triggers-pending', 'broken'],
  ['installed', 'installed'],
]);

/**
 * Fails with `unexpected-stanza`, `unknown-package-state`, or `no-packages-listed`. A stanza without a status, as
 * in status.d, is of a package that is there: nothing ever removes one from such an image.
 */
export function parseDpkgStatus(text: string): Parsed<readonly DpkgPackage[]> {
  const packages: DpkgPackage[] = [];
  for (const [index, stanza] of text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n/)
    .entries()) {
    if (stanza.trim() === '') continue;
    const result = packageOf(stanza, index + 1);
    if (!result.ok) return result;
    packages.push(result.value);
  }
  return packages.some(({ state }) => state !== 'gone') ? parsed(packages) : unparsed('no-packages-listed');
}

function packageOf(stanza: string, number: number): Parsed<DpkgPackage> {
  const fields = new Map<string, string>();
  for (const line of stanza.split('\n')) {
    const [, name, value] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name.toLowerCase(), value.trim());
  }
  const name = fields.get('package') ?? '';
  const [want = '', flag = '', word = ''] = (fields.get('status') ?? 'install ok installed').split(/\s+/);
  const known = states.get(word);
  if (known === undefined) return unparsed('unknown-package-state', `stanza ${number}`);
  const version = fields.get('version') ?? '';
  const architecture = fields.get('architecture') ?? '';
  // What is gone has lost its version.
  if (name === '' || (known !== 'gone' && version === '')) return unparsed('unexpected-stanza', `stanza ${number}`);
  const [, sourceName = name, sourceVersion = version] =
    /^(\S+)(?:\s+\((\S+)\))?$/.exec(fields.get('source') ?? '') ?? [];
  if (Math.max(name.length, version.length, sourceName.length, sourceVersion.length) > 256 || architecture.length > 64)
    return unparsed('unexpected-stanza', `stanza ${number}`);
  const isDamaged = flag !== 'ok' && known !== 'gone';
  return parsed({
    name,
    version,
    architecture,
    sourceName,
    sourceVersion,
    held: want === 'hold',
    state: isDamaged ? 'broken' : known,
    stateName: isDamaged ? `${word} reinst-required` : word,
  });
}
