/**
 * Alpine's database of installed packages, /lib/apk/db/installed (apk v3: /usr/lib/apk/db/installed):
 *
 *     P:busybox          name
 *     V:1.36.1-r28       version
 *     A:x86_64           architecture
 *     o:busybox          origin
 *     f:fs               left broken: files, scripts
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type ApkPackage = {
  readonly name: string;
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
    });
  }
  return packages.length === 0 ? unparsed('no-packages-listed') : parsed(packages);
}
