/**
 * The output of `apk list --upgradable` (apk-list(8)), of apk v2 and v3:
 *
 *     busybox-1.36.1-r29 x86_64 {busybox} (GPL-2.0-only) [upgradable from: busybox-1.36.1-r28]
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type ApkUpgrade = {
  readonly name: string;
  readonly architecture: string;
  readonly installedVersion: string;
  readonly version: string;
};

const row =
  /^(?<candidate>\S{1,512}) (?<architecture>\S{1,64}) \{[^}]{0,256}\} \(.{0,1024}\) \[upgradable from: (?<installed>\S{1,512})\]$/;

/** Fails with `unexpected-line`. */
export function parseApkUpgradable(text: string): Parsed<readonly ApkUpgrade[]> {
  const upgrades: ApkUpgrade[] = [];
  for (const [index, line] of text.toWellFormed().split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('WARNING: ')) continue;
    const groups = row.exec(line.trimEnd())?.groups;
    const candidate = nameAndVersion(groups?.['candidate'] ?? '');
    const installed = nameAndVersion(groups?.['installed'] ?? '');
    if (candidate === undefined || installed === undefined || candidate.name !== installed.name)
      return unparsed('unexpected-line', `line ${index + 1}`);
    const architecture = groups?.['architecture'] ?? '';
    upgrades.push({
      name: candidate.name,
      architecture,
      installedVersion: installed.version,
      version: candidate.version,
    });
  }
  return parsed(upgrades);
}

/** A version begins with a digit and ends with `-r` and the number of the build. */
function nameAndVersion(text: string): { name: string; version: string } | undefined {
  const [, name, version] = /^(.{1,256})-(\d[^-]{0,200}-r\d{1,9})$/.exec(text) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}
