/** Node's own binary for a target, from npm, held to its digest, and made smaller. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, fileSha256, keyOf, projectRoot } from './cache.ts';
import { PackagingError } from './failure.ts';
import { withoutSignature } from './portable-executable.ts';
import { needTool, runTool } from './run-tool.ts';
import { nodeVersion, type Target } from './targets.ts';

/** The binary as npm ships it. On this machine only its own platform's package is installed; others are fetched. */
export function shippedRuntime(target: Target): string {
  const installed = join(projectRoot, 'node_modules', target.package, target.binary);
  const file = existsSync(installed) ? installed : join(fetched(target), target.binary);
  const found = fileSha256(file);
  if (found !== target.sha256)
    throw new PackagingError(
      `${file} is not the Node ${nodeVersion} that packaging/build/targets.ts pins: SHA-256 ${found}`,
      'after an upgrade of Node pin the digests of its own release; otherwise find out who changed the file',
    );
  return file;
}

/** Fetches the package that the lock names with npm itself, and holds it to the lock's digest. */
function fetched(target: Target): string {
  const name = `${target.package}@${nodeVersion}`;
  return cached('fetched', name, (folder) => {
    const npm = process.env['npm_execpath'];
    const [program, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm];
    runTool(program ?? 'npm', [...before, 'pack', '--silent', name], { cwd: folder });
    const archive = join(folder, `${target.package}-${nodeVersion}.tgz`);
    const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (integrity !== lockedIntegrity(target.package))
      throw new PackagingError(`${name} from npm is not what package-lock.json names`, 'do not build on it; look why');
    runTool('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', `package/${target.binary}`]);
    rmSync(archive);
  });
}

function lockedIntegrity(name: string): string | undefined {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  return lock.packages[`node_modules/${name}`]?.integrity;
}

/** The file in the folder that pkg looks into before it would download: under the home folder that it is given. */
export function pkgRuntime(target: Target): string {
  const platform = target.platform === 'win32' ? 'win' : 'linux';
  const name = `node-v${nodeVersion}-${platform}-${target.arch}`;
  return join('.pkg-cache/sea', target.platform === 'win32' ? `${name}.exe` : `${name}/bin/node`);
}

/**
 * A home folder for pkg whose cache holds the runtime, so that it downloads nothing. Linux: without symbols
 * (126 to 110 MB; after the injection it is too late). Windows: without Node's signature, which would not fit any more.
 */
export function pkgHome(target: Target): string {
  const source = shippedRuntime(target);
  const strip = target.strip.length === 0 ? undefined : needTool(target.strip, stripPackage(target));
  const how = strip === undefined ? 'unsigned' : (runTool(strip, ['--version']).split('\n')[0] ?? '');
  return cached('runtime', `${target.name}-${keyOf(target.sha256, how)}`, (home) => {
    const file = join(home, pkgRuntime(target));
    mkdirSync(dirname(file), { recursive: true });
    if (strip === undefined) writeFileSync(file, withoutSignature(readFileSync(source)), { mode: 0o755 });
    else {
      copyFileSync(source, file);
      runTool(strip, ['--strip-all', file]);
    }
    // What pkg takes for a complete download and a complete extraction.
    const platform = target.platform === 'win32' ? 'win' : 'linux';
    const archive = `node-v${nodeVersion}-${platform}-${target.arch}.${platform === 'win' ? 'zip' : 'tar.gz'}`;
    for (const marker of [archive, `${archive}.ok`]) writeFileSync(join(home, '.pkg-cache/sea', marker), '');
    writeFileSync(`${file}.ok`, '');
  });
}

function stripPackage(target: Target): string {
  return target.arch === process.arch ? 'binutils' : 'binutils-aarch64-linux-gnu';
}
