/**
 * `npm run package -- [--target NAME,…] [--out DIR]`: builds, checks and tries the executables, and writes them with
 * their checksums into a folder.
 */
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import about from '../package.json' with { type: 'json' };
import { bundle } from './build/bundle.ts';
import { projectRoot } from './build/cache.ts';
import { buildExecutable } from './build/executable.ts';
import { PackagingError } from './build/failure.ts';
import { smoke } from './build/smoke.ts';
import { type Target, targets } from './build/targets.ts';

const usage = `npm run package -- [--target ${Object.keys(targets).join(',')}] [--out DIR]`;

function chosen(names: string | undefined): Target[] {
  const known: Readonly<Record<string, Target>> = targets;
  return (names?.split(',') ?? Object.keys(targets)).map((name) => {
    const target = Object.hasOwn(known, name) ? known[name] : undefined;
    if (target === undefined) throw new PackagingError(`there is no target ${name}`, usage);
    return target;
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { target: { type: 'string' }, out: { type: 'string' } } });
  const out = resolve(process.env['INIT_CWD'] ?? '.', values.out ?? join(projectRoot, 'dist'));
  mkdirSync(out, { recursive: true });
  const parts = await bundle();
  for (const target of chosen(values.target)) {
    const executable = buildExecutable(target, parts);
    const seen = smoke(executable);
    const name = `affiant-${about.version}-${target.name}${target.platform === 'win32' ? '.exe' : ''}`;
    copyFileSync(executable.file, join(out, name));
    const size = (statSync(executable.file).size / 1e6).toFixed(1);
    process.stdout.write(`${join(out, name)}\n  ${size} MB, SHA-256 ${executable.sha256}\n  ${seen}\n`);
  }
}

try {
  await main();
} catch (error) {
  const remedy = error instanceof PackagingError ? error.remedy : usage;
  process.stderr.write(`package: ${error instanceof Error ? error.message : String(error)}\n  remedy: ${remedy}\n`);
  process.exitCode = 1;
}
