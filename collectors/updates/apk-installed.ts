/**
 * Alpine's database of installed packages, /lib/apk/db/installed (apk v3: /usr/lib/apk/db/installed):
 *
 *     P:busybox          name
 *     V:1.36.1-r28       version
 *     A:x86_64           architecture
 *     o:busybox          origin
 *     D:so:libc.musl-x86_64.so.1     what it needs
 *     p:/bin/sh cmd:sh=1.36.1-r28    what it provides
 *     f:fs               left broken: files, scripts
 */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { mapFact, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { byCodePoint } from './field-text.ts';
import { type Needs, namesOf, requirementsUnmet, unmetNeeds } from './requirements.ts';
import { wholeFile } from './whole-text.ts';

export type ApkPackage = Needs & {
  readonly version: string;
  readonly architecture: string;
  readonly origin?: string;
  /** apk's own marks of a broken installation: f files, s scripts, x xattrs, S checksum. Empty where it is whole. */
  readonly broken: string;
};

/** Fails with `unexpected-line`, and with `no-packages-listed`: an Alpine system without packages is none. */
export function parseApkInstalled(text: string): Parsed<readonly ApkPackage[]> {
  const packages: ApkPackage[] = [];
  for (const block of text.toWellFormed().split(/\n\s*\n/)) {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      if (line === '') continue;
      const [, field, value] = /^([A-Za-z]):(.*)$/.exec(line) ?? [];
      if (field === undefined || value === undefined)
        return unparsed('unexpected-line', `package ${packages.length + 1}`);
      // F, R, a, Z and M tell of single files.
      if (!fields.has(field)) fields.set(field, value);
    }
    if (fields.size === 0) continue;
    const name = fields.get('P') ?? '';
    const version = fields.get('V') ?? '';
    const architecture = fields.get('A') ?? '';
    if (name === '' || version === '' || Math.max(name.length, version.length) > 256 || architecture.length > 64)
      return unparsed('unexpected-line', `package ${packages.length + 1}`);
    const origin = fields.get('o') ?? '';
    packages.push({
      name,
      version,
      architecture: architecture === '' ? 'noarch' : architecture,
      ...(origin === '' || origin.length > 256 ? {} : { origin }),
      broken: (fields.get('f') ?? '').slice(0, 64),
      depends: namesOf(fields.get('D') ?? ''),
      provides: namesOf(fields.get('p') ?? ''),
    });
  }
  return packages.length === 0 ? unparsed('no-packages-listed') : parsed(packages);
}

const databases = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'] as const;
const databaseBytes = 64 * 1024 * 1024;
const worldFile = '/etc/apk/world';

/** Installed packages by code point of their names, and the file that names them. */
export async function readApk(host: Host): Promise<{ path: string; installed: Fact<readonly ApkPackage[]> }> {
  const [first, second] = databases;
  const answer = await host.readFile(first, { maxBytes: databaseBytes });
  const path = answer.status === 'absent' ? second : first;
  const content = answer.status === 'absent' ? await host.readFile(second, { maxBytes: databaseBytes }) : answer;
  const installed = mapFact(wholeFile(content, parseApkInstalled), (packages) =>
    packages.toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture)),
  );
  if (installed.status === 'absent') return { path, installed: { ...installed, status: 'unsupported' } };
  if (installed.status !== 'observed') return { path, installed };
  const world = await host.readFile(worldFile);
  const wanted = world.status === 'observed' && !world.value.truncated ? namesOf(world.value.text) : [];
  const sources = [...installed.sources, world.source];
  const [lost] = lostFromApk(installed.value, wanted);
  return {
    path,
    installed:
      lost === undefined
        ? observed(installed.value, ...sources)
        : unseen('failed', requirementsUnmet, sources, `${lost.name}, needed by ${lost.by}`),
  };
}

/**
 * apk installs what its world names and what that needs, and takes away the rest (apk-world(5)): where the database was
 * cut short between two packages, one of them is missed, by the world or by another. Only what is there because of an
 * install_if, documentation and the like, nobody misses.
 */
export function lostFromApk(packages: readonly ApkPackage[], world: readonly string[]): ReturnType<typeof unmetNeeds> {
  return unmetNeeds([...packages, { name: worldFile, provides: [], depends: world }]);
}
