/** What can be said of an executable without running it. */
import { readFileSync } from 'node:fs';
import { PackagingError } from './failure.ts';
import { amd64, peHeader } from './portable-executable.ts';
import type { Target } from './targets.ts';

/** e_machine of an ELF file (elf(5)). */
const elfMachines = { x64: 62, arm64: 183 } as const;
/** Node's own mark: the digit behind it says whether a program was injected. In two parts, so that it is not found here. */
const fuse = ['NODE_SEA', 'FUSE_fce680ab2cc467b6e072b8b5df1996b2:'].join('_');

/** For which machine the file is, as the names of targets say it; undefined where it is neither ELF nor PE. */
export function builtFor(file: Buffer): string | undefined {
  const pe = peHeader(file);
  if (pe !== undefined) return pe.machine === amd64 ? 'win-x64' : undefined;
  const isElf64 = file.length >= 64 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
  if (!isElf64) return undefined;
  const machine = file.readUInt16LE(18);
  const arch = Object.entries(elfMachines).find(([, number]) => number === machine)?.[0];
  return arch === undefined ? undefined : `linux-${arch}`;
}

/** True where Node finds a program inside: a failed injection leaves a plain `node`, which runs whatever it is given. */
export function hasProgram(file: Buffer): boolean {
  const at = file.indexOf(fuse, 0, 'latin1');
  return at >= 0 && file[at + fuse.length] === '1'.charCodeAt(0);
}

/** Throws where the file is not the program for the target. */
export function checkExecutable(target: Target, path: string): void {
  const file = readFileSync(path);
  const machine = builtFor(file);
  if (machine !== target.name)
    throw new PackagingError(`${path} is built for ${machine ?? 'no machine that we know'}`, `wanted: ${target.name}`);
  if (!hasProgram(file))
    throw new PackagingError(`${path} is a plain Node without our program`, 'the injection failed; build again');
}
