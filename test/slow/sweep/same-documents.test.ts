/** A look through SSH says what a look from inside says: byte for byte, sources included, as root and as a plain user. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { localLinux } from '../../../agent/host/local-linux.ts';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import { type Lab, labMissing, openLab, plainAccount, rootAccount, type Sshd } from './lab.ts';
import { collectOptions, seenBy } from './seen.ts';

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
