/** Runs the programs of the build machine, and says which one failed and how. */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PackagingError } from './failure.ts';

/** The whole path of the first of these programs that is installed. */
export function findTool(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names)
    for (const folder of folders) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  return undefined;
}

/** The program, or an error that names the package that brings it. */
export function needTool(names: readonly string[], debianPackage: string): string {
  const found = findTool(names);
  if (found !== undefined) return found;
  throw new PackagingError(
    `the program ${names.join(' or ')} is not installed`,
    `on Debian: apt-get install ${debianPackage}`,
  );
}

/** Runs a program to its end and returns its standard output; what it says otherwise becomes part of the error. */
export function runTool(program: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const done = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
    ...options,
    encoding: 'utf8',
  });
  if (done.status === 0) return done.stdout;
  const how = done.error?.message ?? (done.signal === null ? `exit code ${done.status}` : `signal ${done.signal}`);
  throw new PackagingError(
    `${[program, ...args].join(' ')} failed: ${how}\n${done.stdout ?? ''}${done.stderr ?? ''}`.trimEnd(),
    'see the lines above',
  );
}
