/** Where findings wait on disk: for nobody else, gone with the process however it ends, and no need of it where the disk is full. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fixture } from '../../tools/case/fixtures.ts';
import { affiant, projectRoot } from '../agent/cli/run-cli.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { nameless } from './nameless.ts';
import { writePacks } from './packs-for-cli.ts';

const main = join(projectRoot, 'agent/cli/affiant.mjs');

describe('texts of findings on disk', () => {
  const base = temporaryFolder();
  const room = (name: string): string => {
    const folder = join(base(), name);
    mkdirSync(folder);
    return folder;
  };
  let options: readonly string[] = [];
  let plain = '';
  const at = ['--at', '2021-08-14', '--format', 'json'];
  before(() => {
    options = writePacks(room('packs'), { ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-14' }).options;
    plain = affiant(['findings', ...options, ...at]).out;
    ok(plain.length > 20_000);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const)
    it(`have no name, are for this user alone, and go with the process by ${signal}`, async function () {
      if (process.platform !== 'linux') {
        console.warn('      skipped: open files of a process are seen on Linux only');
        this.skip();
      }
      const temporary = room(signal);
      // Whoever reads the inventory waits for a writer that never comes; the file of texts is open by then.
      const fifo = join(base(), `${signal}.yaml`);
      execFileSync('mkfifo', [fifo]);
      const child = spawn(process.execPath, [main, 'findings', ...options, '--inventory', fifo, ...at], {
        env: { ...process.env, TMPDIR: temporary, NODE_COMPILE_CACHE: '' },
        stdio: 'ignore',
      });
      const gone = once(child, 'exit');
      let files: { readonly mode: number }[] = [];
      for (let tries = 0; files.length === 0 && tries < 600 && child.exitCode === null; tries += 1) {
        files = nameless(child.pid ?? 0, temporary);
        await wait(50);
      }
      deepEqual(files, [{ mode: 0o600 }]);
      deepEqual(readdirSync(temporary), []);
      child.kill(signal);
      deepEqual(await gone, [null, signal]);
      deepEqual(readdirSync(temporary), []);
    }).timeout(60_000);
  it('leave nothing behind where the command fails', () => {
    const temporary = room('failure');
    const { code, err } = affiant(['findings', ...options, '--policy', 'iso-9001', ...at], { TMPDIR: temporary });
    equal(code, 2);
    match(err, /there is no policy iso-9001/);
    deepEqual(readdirSync(temporary), []);
  });
  it('are not needed where the disk is full: the same is said, and why it takes longer', function () {
    const disk = room('full');
    const full = 'mount -t tmpfs -o size=8k tmpfs "$1" && export TMPDIR="$1" && shift && exec "$@"';
    const within = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', full, 'sh', disk];
    const run = (words: readonly string[]): ReturnType<typeof spawnSync> =>
      spawnSync(within[0] ?? '', [...within.slice(1), ...words], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (run(['true']).status !== 0) {
      console.warn('      skipped: no file system of our own can be mounted here');
      this.skip();
    }
    const told = run([process.execPath, main, 'findings', ...options, ...at]);
    equal(told.status, 1, String(told.stderr));
    equal(told.stdout, plain);
    match(
      String(told.stderr),
      /full takes no temporary file \(ENOSPC\): this takes longer without; TMPDIR names another/,
    );
  }).timeout(60_000);
  it('leave nothing behind where entries wait in a database of this process', () => {
    const temporary = room('entries');
    // A process of its own: SQLite asks for TMPDIR once, when it is first used.
    const child = spawnSync(process.execPath, [join(import.meta.dirname, 'spill-child.ts')], {
      env: { ...process.env, TMPDIR: temporary },
      encoding: 'utf8',
    });
    equal(child.status, 0, child.stderr);
    const { read, expected, modes, left } = JSON.parse(child.stdout) as Record<string, unknown>;
    deepEqual(read, expected);
    if (process.platform === 'linux') deepEqual(modes, [0o600]);
    deepEqual(left, []);
    deepEqual(readdirSync(temporary), []);
  });
});
