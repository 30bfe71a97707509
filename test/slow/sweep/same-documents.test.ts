/** A look through SSH says what a look from inside says: byte for byte, sources included, as root and as a plain user. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { localLinux } from '../../../agent/host/local-linux.ts';
import { connect } from '../../../agent/host/ssh/connection.ts';
import { hostKeyRule } from '../../../agent/host/ssh/host-key.ts';
import { parseKnownHosts } from '../../../agent/host/ssh/known-hosts.ts';
import { linuxOverSsh, type Sudo } from '../../../agent/host/ssh/linux-over-ssh.ts';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import { collectors } from '../../../collectors/list.ts';
import { type Lab, labMissing, openLab, plainAccount, rootAccount, type Sshd } from './lab.ts';

const root = join(import.meta.dirname, '../../..');
const blindKey = Buffer.alloc(32, 7);
export const options = { collectors, only: undefined, disabled: [], budgetSeconds: {}, blindKey };

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

  it('gives the same documents as from inside, as root', async () => {
    const inside = await runCollectors(localLinux(), options);
    assertSame(await seenBy(rootAccount, { way: 'none' }), Object.fromEntries(inside.documents));
  });

  it('gives the same documents as from inside, as a plain user', async () => {
    const seen = await seenBy(plainAccount, { way: 'none' });
    assertSame(seen, await insideAs(plainAccount));
    // It is the same because it is less, and says so.
    assert.match(JSON.stringify(seen), /"denied"/);
  });

  async function seenBy(user: string, sudo: Sudo): Promise<Record<string, object>> {
    assert.ok(lab);
    const known = parseKnownHosts(sshd.knownHost, 'known_hosts');
    assert.ok(known.ok);
    const rule = hostKeyRule({ host: '127.0.0.1', port: sshd.port }, known.value, false);
    assert.ok(rule.ok);
    const privateKey = (await import('node:fs')).readFileSync(lab.keyFile, 'utf8');
    const connection = await connect(
      { host: '127.0.0.1', port: sshd.port, user, privateKey, timeoutMs: 60_000 },
      rule.value,
    );
    assert.ok(connection.ok, JSON.stringify(connection));
    try {
      const machine = await linuxOverSsh(connection.value, sudo);
      assert.ok(machine.ok, JSON.stringify(machine));
      return Object.fromEntries((await runCollectors(machine.value, options)).documents);
    } finally {
      connection.value.end();
    }
  }
});

function assertSame(seen: Readonly<Record<string, object>>, inside: Readonly<Record<string, object>>): void {
  assert.deepEqual(Object.keys(seen).toSorted(), Object.keys(inside).toSorted());
  for (const [name, document] of Object.entries(inside)) {
    // What runs at this moment differs by who asks.
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
