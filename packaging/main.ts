/**
 * `npm run package -- [--target NAME,…] [--kind exe,deb,rpm,msi] [--out DIR]`: builds, checks and tries the executables,
 * makes the installers, and writes all into a folder with a bill of materials and SHA256SUMS.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import about from '../package.json' with { type: 'json' };
import { bundle } from './build/bundle.ts';
import { fileSha256, projectRoot } from './build/cache.ts';
import { buildExecutable } from './build/executable.ts';
import { PackagingError } from './build/failure.ts';
import { buildInstaller, installersFor, packageOptions } from './build/installers.ts';
import { sbomOf } from './build/sbom.ts';
import { smoke } from './build/smoke.ts';
import { type Target, targets } from './build/targets.ts';
import { thirdParties } from './build/third-party.ts';

const kinds = ['exe', 'deb', 'rpm', 'msi'];
const usage = `npm run package -- [--target ${Object.keys(targets).join(',')}] [--kind ${kinds.join(',')}] [--out DIR]`;

function chosen<T>(names: string | undefined, known: Readonly<Record<string, T>>, what: string): T[] {
  return (names?.split(',') ?? Object.keys(known)).map((name) => {
    const found = Object.hasOwn(known, name) ? known[name] : undefined;
    if (found === undefined) throw new PackagingError(`there is no ${what} ${name}`, usage);
    return found;
  });
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { target: text, kind: text, out: text } });
  const wanted = chosen<Target>(values.target, targets, 'target');
  const asked = new Set(chosen(values.kind, Object.fromEntries(kinds.map((kind) => [kind, kind])), 'kind'));
  const out = resolve(process.env['INIT_CWD'] ?? '.', values.out ?? join(projectRoot, 'dist'));
  mkdirSync(out, { recursive: true });
  const put = (name: string, from: string): void => {
    copyFileSync(from, join(out, name));
    const size = (statSync(from).size / 1e6).toFixed(1);
    process.stdout.write(`${name}  ${size} MB  SHA-256 ${fileSha256(from)}\n`);
    addSum(out, name);
  };
  const parts = await bundle();
  for (const target of wanted) {
    const executable = buildExecutable(target, parts);
    const name = `affiant-${about.version}-${target.name}`;
    const seen = smoke(executable);
    if (asked.has('exe')) put(`${name}${target.platform === 'win32' ? '.exe' : ''}`, executable.file);
    process.stdout.write(`  tried: ${seen}\n`);
    writeFileSync(join(out, `${name}.cdx.json`), sbomOf(executable, thirdParties(target, parts.packages)));
    addSum(out, `${name}.cdx.json`);
    for (const kind of installersFor(executable).filter((each) => asked.has(each))) {
      const file = buildInstaller(kind, executable, parts, packageOptions());
      put(basename(file), file);
    }
  }
  process.stdout.write(`${out}\n`);
}

/** SHA256SUMS as sha256sum(1) reads it: one line a file, the newest build of each. */
function addSum(out: string, name: string): void {
  const file = join(out, 'SHA256SUMS');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const others = lines.filter((line) => line !== '' && !line.endsWith(`  ${name}`));
  const all = [...others, `${fileSha256(join(out, name))}  ${name}`];
  writeFileSync(file, `${all.toSorted((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1)).join('\n')}\n`);
}

try {
  await main();
} catch (error) {
  const remedy = error instanceof PackagingError ? error.remedy : usage;
  process.stderr.write(`package: ${error instanceof Error ? error.message : String(error)}\n  remedy: ${remedy}\n`);
  process.exitCode = 1;
}
