/**
 * Builds the Windows service host, a program of some 80 KB, with Debian's gcc-mingw-w64-x86-64. The same sources give the
 * same bytes: no time stamp is linked in.
 *
 *     node packaging/service-host/build.ts FOLDER
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tools = '/usr/bin/x86_64-w64-mingw32-';

/** Which tool is missing to build it; undefined where none is. */
export function missingForServiceHost(): string | undefined {
  return ['gcc', 'windmc', 'windres'].map((name) => tools + name).find((tool) => !existsSync(tool));
}

/** Answers with the path of `affiant-service.exe` in the folder. Throws with the tool's own words. */
export function buildServiceHost(folder: string): string {
  const out = join(folder, 'affiant-service.exe');
  const work = mkdtempSync(join(tmpdir(), 'affiant-service-host-'));
  const source = (name: string): string => join(import.meta.dirname, name);
  try {
    run('windmc', ['-h', work, '-r', work, source('messages.mc')]);
    run('windres', [join(work, 'messages.rc'), join(work, 'messages.o')]);
    const flags = ['-Os', '-s', '-Wall', '-Wextra', '-Werror', '-static', '-mconsole', `-I${work}`];
    const link = '-Wl,--no-insert-timestamp,--dynamicbase,--nxcompat,--high-entropy-va';
    const sources = [source('affiant-service.c'), join(work, 'messages.o'), '-ladvapi32', '-lshell32'];
    run('gcc', [...flags, link, '-o', out, ...sources]);
    return out;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function run(tool: string, args: readonly string[]): void {
  const ran = spawnSync(tools + tool, args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${tool}: ${ran.stderr}${ran.error?.message ?? ''}`);
}

const [, script, folder] = process.argv;
if (script === import.meta.filename && folder !== undefined) process.stdout.write(`${buildServiceHost(folder)}\n`);
