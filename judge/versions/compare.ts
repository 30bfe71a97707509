/** The rules of each package family for its versions; no family's versions are ever compared by another's rules. */
import type { UpdatesDocument } from '../../schemas/generated/types.ts';
import { compareApkVersions } from './apk.ts';
import { compareDebVersions } from './deb.ts';
import { comparePacmanVersions } from './pacman.ts';
import { compareRpmVersions } from './rpm.ts';

type Family = Extract<UpdatesDocument['packageFamily'], { status: 'observed' }>['value'];

/** Gives -1 where the first version is older, 0 where the family takes both for equal, 1 where it is newer. */
export const compareVersions: Readonly<Record<Family, (a: string, b: string) => -1 | 0 | 1>> = {
  deb: compareDebVersions,
  rpm: compareRpmVersions,
  apk: compareApkVersions,
  pacman: comparePacmanVersions,
};
