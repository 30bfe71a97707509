/** A look through SSH says what a look from inside says: byte for byte, sources included, as root and as a plain user. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { localLinux } from '../../../agent/host/local-linux.ts';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import { type Lab, labMissing, must, openLab, plainAccount, rootAccount, type Sshd } from './lab.ts';
import { collectOptions, seenBy } from './seen.ts';
import { attached, changedPaths, straceWords } from './written.ts';

const root = join(import.meta.dirname, '../../..');

describe('a server seen through SSH', () => {
  let lab: Lab | undefined;
  let sshd: Sshd;
  before(async function () {
    const missing = labMissing('/usr/bin/setpriv');
    if (missing !== undefined) {
      console.error(`skipped: a sweep of a real sshd: ${missing}`);
      this.skip();
    }
    lab = openLab();
    sshd = await lab.start();
  });
  after(() => lab?.close());

  function seen(user: string): Promise<Record<string, object>> {
    assert.ok(lab);
    return seenBy({ lab, sshd, user, sudo: { way: 'none' } });
  }

  it('gives the same documents as from inside, as root', async () => {
    const inside = await runCollectors(localLinux(), collectOptions);
    assertSame(await seen(rootAccount), Object.fromEntries(inside.documents));
  });

  it('writes nothing on the server, where every process of its sshd is listened to', async function () {
    assert.ok(lab && sshd.child.pid !== undefined);
    if (!existsSync('/usr/bin/strace')) {
      console.error('skipped: what a sweep writes on a server: /usr/bin/strace is not there');
      this.skip();
    }
    const log = join(lab.folder, 'written');
    const words = straceWords(log).filter((word) => word !== '-qq');
    const strace = spawn('/usr/bin/strace', [...words, '-p', String(sshd.child.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await attached(strace);
    try {
      await seen(rootAccount);
      // The listener is heard: a login that writes shows.
      const unknown = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
      const where = ['-p', String(sshd.port), `${rootAccount}@127.0.0.1`];
      must('ssh', ['-i', lab.keyFile, ...unknown, ...where, `echo x > ${join(lab.folder, 'left-behind')}`]);
    } finally {
      strace.kill('SIGINT');
      await once(strace, 'exit');
    }
    // What sshd does for any login, of itself: the kernel's accounting of who is to be killed first.
    const written = changedPaths(log).filter((path) => !/^\/proc\/(?:self|\d+)\/oom_(?:score_)?adj$/.test(path));
    assert.deepEqual(written, [join(lab.folder, 'left-behind')]);
  });

  it('gives the same documents as from inside, as a plain user', async () => {
    const documents = await seen(plainAccount);
    assertSame(documents, await insideAs(plainAccount));
    // It is the same because it is less, and says so.
    assert.match(JSON.stringify(documents), /"denied"/);
  });
});

function assertSame(seen: Readonly<Record<string, object>>, inside: Readonly<Record<string, object>>): void {
  assert.deepEqual(Object.keys(seen).toSorted(), Object.keys(inside).toSorted());
  for (const [name, document] of Object.entries(inside)) {
    assert.deepEqual(seen[name], document, name);
  }
}

/** The collectors in a process of that user, from the same source. */
function insideAs(user: string): Promise<Record<string, object>> {
  const child = spawn(
    '/usr/bin/setpriv',
    [
      '--reuid',
      user,
      '--regid',
      user,
      '--init-groups',
      '--inh-caps=-all',
      process.execPath,
      join(root, 'test/slow/sweep/collect-here.ts'),
    ],
    { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' } },
  );
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', fail);
    child.once('close', () => done(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, object>));
  });
}
