/** Where findings wait on disk: for nobody else, gone with the process however it ends, and no need of it where the disk is full. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CachedEntry } from '../../audit/pack-cache.ts';
import { openTemporaryCache } from '../../audit/pack-cache.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { affiant, projectRoot } from '../agent/cli/run-cli.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { writePacks } from './packs-for-cli.ts';
import { entriesOf } from './played.ts';

const main = join(projectRoot, 'agent/cli/affiant.mjs');

/** Files of a process that have lost their name, in a folder; with the permissions that they have. */
function nameless(pid: number, folder: string): { readonly mode: number }[] {
  const base = `/proc/${pid}/fd`;
  return readdirSync(base).flatMap((fd) => {
    try {
      const path = readlinkSync(join(base, fd));
      return path.startsWith(folder) && path.endsWith(' (deleted)')
        ? [{ mode: statSync(join(base, fd)).mode & 0o777 }]
        : [];
    } catch {
      return [];
    }
  });
}

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
    equal(code, 5);
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
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    try {
      const cache = openTemporaryCache();
      ok(cache);
      const [entry] = entriesOf({ ...fixture('good'), from: '2021-08-10', to: '2021-08-10' });
      ok(entry);
      const { file: _file, ...kept } = entry;
      for (let number = 0; number < 3000; number += 1) cache.put(String(number), { ...kept, targetId: `t${number}` });
      cache.flush();
      const again: CachedEntry | undefined = cache.get('2999');
      deepEqual([again?.targetId, again?.seen], ['t2999', kept.seen]);
      if (process.platform === 'linux') {
        const modes = new Set(nameless(process.pid, temporary).map(({ mode }) => mode));
        deepEqual([...modes], [0o600]);
      }
      deepEqual(readdirSync(temporary), []);
      cache.close();
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
