// Makes a fresh clone ready: runs before every npm script, and costs a few file reads once it has run.
//
// Plain JavaScript on purpose: whatever Node the machine has (20 or newer) must be able to run it.
// It installs what the lock names, without install scripts (they would need a compiler and would
// build for the wrong Node), and links the Node 24 of the lock as `node_modules/.bin/node`, which
// npm 10 leaves out when several packages carry that name.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.affiant-setup');
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const runtime = join(modules, `node-${platform}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const stamp = `${createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')} ${platform}\n`;

function stop(message, remedy) {
  process.stderr.write(`affiant setup: ${message}\n  remedy: ${remedy}\n`);
  process.exit(70);
}

function install() {
  const npm = process.env.npm_execpath;
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  process.stderr.write('affiant setup: installing the packages that package-lock.json names ...\n');
  // stdout of a command is its own output only, so npm's goes to stderr.
  const stdio = ['ignore', 2, 2];
  const done = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio })
    : spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
        cwd: root,
        stdio,
        shell: process.platform === 'win32',
      });
  if (done.status !== 0)
    stop(
      `npm ci ended with ${done.status ?? done.signal ?? done.error?.message}`,
      'see the lines above; the machine needs a package registry that npm can reach, and a writable folder',
    );
}

function linkRuntime() {
  if (!existsSync(runtime))
    stop(
      `no Node 24 for ${platform} among the packages`,
      'run on linux-x64, linux-arm64 or win-x64, with optional dependencies allowed (npm config get omit)',
    );
  const bin = join(modules, '.bin');
  mkdirSync(bin, { recursive: true });
  const link = join(bin, process.platform === 'win32' ? 'node.exe' : 'node');
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  if (process.platform === 'win32') copyFileSync(runtime, fresh);
  else symlinkSync(join('..', `node-${platform}`, 'bin', 'node'), fresh);
  renameSync(fresh, link);
}

const ready = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp && existsSync(runtime);
if (!ready) {
  install();
  linkRuntime();
  writeFileSync(stampFile, stamp);
}
