/**
 * What pacman prints, in English under LC_ALL=C and in UTC: `pacman -Qi` of installed packages
 *
 *     Name            : foo
 *     Version         : 1.0-1
 *     Architecture    : x86_64
 *     Provides        : libfoo.so=1-64
 *     Depends On      : bash  glibc>=2.38
 *     Packager        : A <a@example.org>
 *     Install Date    : Tue Nov 14 22:15:00 2023
 *
 * and `pacman -Qu` of updates: `foo 1.0-1 -> 1.1-1 [ignored]`.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { type Needs, namesOf } from './requirements.ts';

export type PacmanPackage = Needs & {
  readonly version: string;
  readonly architecture: string;
  /** Seconds since 1970. */
  readonly installedAt?: number;
};

/** Fails with `unexpected-line`, and with `no-packages-listed`: an Arch system without packages is none. */
export function parsePacmanInfo(text: string): Parsed<readonly PacmanPackage[]> {
  const packages: PacmanPackage[] = [];
  for (const block of text.toWellFormed().split(/\n\s*\n/)) {
    if (block.trim() === '') continue;
    const field = (name: string): string => new RegExp(`^${name} *: (.*?)\\s*$`, 'm').exec(block)?.[1] ?? '';
    const name = field('Name');
    const version = field('Version');
    const architecture = field('Architecture');
    if (!/^[\w@+.:-]{1,256}$/.test(name) || !/^\S{1,256}$/.test(version) || !/^\S{1,64}$/.test(architecture))
      return unparsed('unexpected-line', `package ${packages.length + 1}`);
    // Where there are none, pacman says so; no package has that name.
    const names = (list: string): readonly string[] => namesOf(field(list)).filter((each) => each !== 'None');
    const needs = { depends: names('Depends On'), provides: names('Provides') };
    const installedAt = secondsOf(field('Install Date'));
    packages.push({ name, version, architecture, ...needs, ...(installedAt === undefined ? {} : { installedAt }) });
  }
  return packages.length === 0 ? unparsed('no-packages-listed') : parsed(packages);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Tue Nov 14 22:15:00 2023` of the C locale, or `Tue 14 Nov 2023 10:15:00 PM UTC` of glibc's English. */
function secondsOf(text: string): number | undefined {
  const [, month, day, clock, year] = /^\w{3} (\w{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})$/.exec(text) ?? [];
  const [, otherDay, otherMonth, otherYear, twelve, half] =
    /^\w{3} (\d{1,2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) ?(AM|PM)? ?(?:UTC|GMT)?$/.exec(text) ?? [];
  const index = months.indexOf(month ?? otherMonth ?? '');
  const [hours = 0, minutes = 0, seconds = 0] = (clock ?? twelve ?? '').split(':').map(Number);
  if (index < 0) return undefined;
  const hour = half === undefined ? hours : (hours % 12) + (half === 'PM' ? 12 : 0);
  const epoch = Date.UTC(Number(year ?? otherYear), index, Number(day ?? otherDay), hour, minutes, seconds);
  return Number.isNaN(epoch) || epoch <= 0 ? undefined : epoch / 1000;
}

export type PacmanUpgrade = {
  readonly name: string;
  readonly installedVersion: string;
  readonly version: string;
  readonly ignored: boolean;
};

/** Fails with `unexpected-line`. */
export function parsePacmanUpgrades(text: string): Parsed<readonly PacmanUpgrade[]> {
  const upgrades: PacmanUpgrade[] = [];
  for (const [index, line] of text.toWellFormed().split('\n').entries()) {
    if (line.trim() === '' || /^(?:warning|::)/.test(line)) continue;
    const [, name, installedVersion, version, ignored] =
      /^([\w@+.:-]{1,256}) (\S{1,256}) -> (\S{1,256})( \[ignored\])?\s*$/.exec(line) ?? [];
    if (name === undefined || installedVersion === undefined || version === undefined)
      return unparsed('unexpected-line', `line ${index + 1}`);
    upgrades.push({ name, installedVersion, version, ignored: ignored !== undefined });
  }
  return parsed(upgrades);
}
