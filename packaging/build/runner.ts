/** How an artefact is started on this machine: as itself, under Wine, or by an emulator. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findTool } from './run-tool.ts';
import { isNative, nodeVersion, type Target } from './targets.ts';

export type Runner = {
  readonly how: 'itself' | 'under Wine' | 'by an emulator';
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A path of this machine as the program would name it. */
  readonly path: (path: string) => string;
};
export type NoRunner = { readonly missing: string };

const wine = '/usr/lib/wine/wine64';
/** Where Debian's packages libc6-arm64-cross and libstdc++6-arm64-cross lie. */
const arm64Libraries = '/usr/aarch64-linux-gnu';

/** `folder` takes a copy where the file cannot run as it is. */
export function runnerFor(target: Target, file: string, folder: string): Runner | NoRunner {
  const env = { PATH: '/usr/bin:/bin' };
  const path = (given: string): string => given;
  if (isNative(target)) return { how: 'itself', argv: [file], env, path };
  if (target.platform === 'win32') return underWine(file, folder);
  const emulator = findTool(['qemu-aarch64-static', 'qemu-aarch64']);
  if (emulator === undefined) return { missing: 'no qemu-aarch64 (Debian: qemu-user-static)' };
  if (!existsSync(join(arm64Libraries, 'lib/libstdc++.so.6')))
    return { missing: 'no C++ library for arm64 (Debian: libc6-arm64-cross, libstdc++6-arm64-cross)' };
  return { how: 'by an emulator', argv: [emulator, '-L', arm64Libraries, file], env, path };
}

/** The folder that test/judges/wine.sh makes. */
export function wineFolder(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, `affiant-test/wine-${nodeVersion}`);
  return existsSync(wine) && existsSync(join(folder, 'ready')) ? folder : undefined;
}

function underWine(file: string, folder: string): Runner | NoRunner {
  const prepared = wineFolder();
  if (prepared === undefined) return { missing: 'no Wine (run test/judges/wine.sh)' };
  // Debian 12 has Wine 8, which lacks this import; the engine has a way for older systems without it.
  const copy = join(folder, 'affiant.exe');
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf('VirtualAlloc2\0'); at >= 0; at = bytes.indexOf('VirtualAlloc2\0', at + 1))
    bytes.write('VirtualAllocX', at, 'latin1');
  writeFileSync(copy, bytes);
  return {
    how: 'under Wine',
    argv: [wine, copy],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: homedir(),
      WINEPREFIX: join(prepared, 'prefix'),
      WINEDEBUG: '-all',
      WINEPATH: '',
    },
    path: (given) => `Z:${given.replaceAll('/', '\\')}`,
  };
}
