/**
 * A real clamd with a signature database of our own, in a folder of our own, without a network: what it
 * prints and writes goes through the collector's parsers. It needs the packages clamav-daemon and clamdscan.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFanotify } from '../../collectors/edr/fanotify.ts';
import { parseClamdConf, watchedPlaces } from '../../collectors/edr/products/clamav-conf.ts';
import { parseClamdLog } from '../../collectors/edr/products/clamav-log.ts';
import { parseClamVersion } from '../../collectors/edr/products/clamav-version.ts';
import { digests } from '../collectors/each-source-denied.ts';

/** In two halves, so that no scanner takes this file for the test virus. */
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STAN', 'DARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

describe('a real ClamAV', () => {
  let folder = '';
  let clamd: ChildProcess | undefined;
  let onAccess: ChildProcess | undefined;

  before(async function () {
    if (!existsSync('/usr/sbin/clamd') || !existsSync('/usr/bin/clamdscan')) {
      console.log('      skipped: clamav-daemon and clamdscan are not installed');
      this.skip();
    }
    this.timeout(120_000);
    folder = mkdtempSync(join(tmpdir(), 'clam-'));
    for (const name of ['db', 'watched']) mkdirSync(join(folder, name), { mode: 0o755 });
    const md5 = createHash('md5').update(eicar).digest('hex');
    writeFileSync(join(folder, 'db/own.hdb'), `${md5}:${eicar.length}:Affiant.Test.Eicar\n`);
    writeFileSync(
      join(folder, 'clamd.conf'),
      [
        `LocalSocket ${join(folder, 'clamd.sock')}`,
        `DatabaseDirectory ${join(folder, 'db')}`,
        `LogFile ${join(folder, 'clamd.log')}`,
        `PidFile ${join(folder, 'clamd.pid')}`,
        'LogTime yes',
        'Foreground yes',
        `OnAccessIncludePath ${join(folder, 'watched')}`,
        'OnAccessPrevention yes',
        'OnAccessExcludeUname clamav',
        '',
      ].join('\n'),
    );
    clamd = spawn('/usr/sbin/clamd', ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' });
    await until(() => existsSync(join(folder, 'clamd.sock')) && ask('--ping', '1').includes('PONG'));
  });

  after(async () => {
    for (const child of [onAccess, clamd]) {
      if (child === undefined || child.exitCode !== null) continue;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await Promise.race([ended, new Promise((done) => setTimeout(done, 5000).unref())]);
      if (child.exitCode === null) child.kill('SIGKILL');
    }
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  function ask(...args: readonly string[]): string {
    const { stdout, stderr } = spawnSync('/usr/bin/clamdscan', ['--config-file', join(folder, 'clamd.conf'), ...args], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    return `${stdout}${stderr}`;
  }

  it('says its version, and without dated signatures no date is made up', () => {
    const version = parseClamVersion(ask('--version'));
    assert.ok(version.ok, JSON.stringify(version));
    assert.match(version.value.version, /^[0-9]+\.[0-9]+/);
    const [, , number] = /^ClamAV ([^/\n]+)(?:\/([0-9]+))?/m.exec(ask('--version')) ?? [];
    // Our own database is not the daily one: clamd answers 0 or nothing.
    assert.ok(number === undefined || number === '0', `number ${number}`);
  });

  it('finds EICAR, and its log gives one detection without the path', () => {
    const file = join(folder, 'jane.doe.com');
    writeFileSync(file, eicar);
    assert.match(ask('--fdpass', '--no-summary', file), /Affiant\.Test\.Eicar(?:\.UNOFFICIAL)? FOUND/);
    const detections = parseClamdLog(readFileSync(join(folder, 'clamd.log'), 'utf8'), digests, false);
    assert.ok(detections.ok);
    assert.equal(detections.value.total, 1);
    const [item] = detections.value.items ?? [];
    assert.match(JSON.stringify(item?.name), /Affiant\.Test\.Eicar/);
    assert.deepEqual([item?.pathClass, item?.extension], ['temporary-folder', 'com']);
    assert.notEqual(item?.firstSeen, undefined, 'the date of its log line');
    assert.ok(!JSON.stringify(detections.value).includes('jane'));
  });

  it('names what it watches in its own configuration', () => {
    const conf = parseClamdConf(readFileSync(join(folder, 'clamd.conf'), 'utf8'));
    assert.ok(conf.ok);
    assert.deepEqual(
      watchedPlaces(conf.value, digests).map(({ pathClass }) => pathClass),
      ['temporary-folder'],
    );
  });

  it('reads the configuration that the package ships', function () {
    if (!existsSync('/etc/clamav/clamd.conf')) return this.skip();
    const conf = parseClamdConf(readFileSync('/etc/clamav/clamd.conf', 'utf8'));
    assert.ok(conf.ok, JSON.stringify(conf));
    assert.deepEqual(conf.value.get('logfile'), ['/var/log/clamav/clamav.log']);
  });

  it('shows its fanotify marks while it scans on access, where the kernel lets it', async function () {
    if (!existsSync('/usr/sbin/clamonacc')) return this.skip();
    const log = join(folder, 'onacc.log');
    onAccess = spawn(
      '/usr/sbin/clamonacc',
      ['--foreground', '--fdpass', '--config-file', join(folder, 'clamd.conf'), '--log', log],
      { stdio: 'ignore' },
    );
    const { pid } = onAccess;
    const child = onAccess;
    await until(() => child.exitCode !== null || (pid !== undefined && marksOf(pid) > 0), 15_000).catch(
      () => undefined,
    );
    if (pid === undefined || child.exitCode !== null || marksOf(pid) === 0) {
      console.log(
        `      this kernel gives no fanotify to clamonacc: ${existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').at(-1) : 'no log'}`,
      );
      return this.skip();
    }
    const groups = groupsOf(pid);
    assert.ok(
      groups.some(({ blocking }) => blocking),
      JSON.stringify(groups),
    );
    const file = join(folder, 'watched/mark.com');
    writeFileSync(file, eicar);
    assert.throws(
      () => execFileSync('/bin/cat', [file], { stdio: 'pipe' }),
      'on-access scanning lets the test virus be read',
    );
  });

  function groupsOf(pid: number) {
    return readdirSync(`/proc/${pid}/fdinfo`)
      .map((name) => {
        try {
          return parseFanotify(readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8'));
        } catch {
          // A descriptor that was closed meanwhile.
          return undefined;
        }
      })
      .filter((group) => group !== undefined);
  }

  function marksOf(pid: number): number {
    return groupsOf(pid).reduce((sum, { marks }) => sum + marks, 0);
  }
});

async function until(done: () => boolean, milliseconds = 60_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!done()) {
    if (Date.now() > end) throw new Error('it did not come up in time');
    await new Promise((next) => setTimeout(next, 100));
  }
}
