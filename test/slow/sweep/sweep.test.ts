/** `affiant sweep` on real sshd processes: keys, jump hosts, agents, resuming, and servers that misbehave. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { throwAwaySigner, verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { encodeSweep } from '../../../evidence/sweep.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import { valueOf } from '../../evidence/sample.ts';
import { type Lab, labMissing, must, openLab, plainAccount, rootAccount, type Sshd } from './lab.ts';
import { knownIn, loginAt, newOut, sweep } from './swept.ts';

describe('affiant sweep', () => {
  let lab: Lab;
  let sshd: Sshd;
  let jump: Sshd;
  before(async function () {
    const missing = labMissing();
    if (missing !== undefined) {
      console.error(`skipped: a sweep of a real sshd: ${missing}`);
      this.skip();
    }
    lab = openLab();
    sshd = await lab.start();
    jump = await lab.start();
  });
  after(() => lab?.close());

  const known = (...lines: readonly string[]): string => knownIn(lab, lines);
  const at = (address: string, server = sshd): string => server.knownHost.replaceAll('127.0.0.1', address);
  const login = (user?: string): object => loginAt(sshd, user);
  const one = ['--only', 'host'];

  it('signs a pack a server and a summary that names each bundle, and goes on where it failed', async () => {
    const out = newOut(lab);
    const hosts = {
      knownHostsFile: known(at('127.0.0.1'), at('127.0.0.2')),
      defaults: login(),
      hosts: [
        { name: 'web1', address: '127.0.0.1' },
        { name: 'web2', address: '127.0.0.2', user: plainAccount },
        { name: 'gone', address: '127.0.0.1', port: 1 },
      ],
    };
    writeFileSync(join(lab.folder, 'known_hosts'), at('127.0.0.1').replace(String(sshd.port), '1'), { flag: 'a' });
    const first = await sweep(lab, hosts, out, ...one);
    assert.equal(first.code, 3, first.err);
    const key = valueOf(verificationKeyFromPem(readFileSync(join(lab.folder, 'state/sweep/public.pem'), 'utf8')));
    for (const name of ['web1', 'web2']) {
      const bytes = readFileSync(join(out, `${name}.pack.json`));
      const verified = valueOf(verifyPack(bytes, { key: () => key }));
      assert.equal(verified.digest, first.host(name)?.bundle);
      const { mode, transport } = verified.statement.predicate;
      assert.equal(mode, 'sweep');
      assert.deepEqual(transport, {
        kind: 'ssh',
        hostKey: first.host(name)?.hostKey?.fingerprint,
        trust: 'known',
        privilege: name === 'web1' ? 'root' : 'user',
      });
    }
    assert.deepEqual([first.host('gone')?.outcome, first.host('gone')?.reason], ['absent', 'connection-refused']);
    assert.match(
      first.out,
      /gone {4}absent {2}nothing listens at 127\.0\.0\.1, port 1 \(connection-refused\)\. Remedy: start sshd/,
    );

    // A pack that was changed is missing.
    writeFileSync(join(out, 'web2.pack.json'), '{}');
    const again = await sweep(lab, { ...hosts, hosts: hosts.hosts.slice(0, 2) }, out, ...one);
    assert.equal(again.code, 0, again.err);
    assert.match(again.err, /^1 of 1 {2}web2: collected\n$/);
    assert.equal(again.host('web1')?.bundle, first.host('web1')?.bundle);
    assert.notEqual(again.host('web2')?.bundle, first.host('web2')?.bundle);
    assert.equal(again.summary?.id, first.summary?.id);
    const nothing = await sweep(lab, { ...hosts, hosts: hosts.hosts.slice(0, 2) }, out, ...one);
    assert.deepEqual([nothing.code, nothing.err], [0, '']);
  });

  it('asks id(1) each time where the shell of the login cannot say as whom it runs', async () => {
    const shell = join(lab.folder, 'other-shell');
    const log = join(lab.folder, 'other-shell.log');
    writeFileSync(log, '', { mode: 0o666 });
    must('chmod', ['666', log]);
    // As csh and fish do with a loop of sh.
    const refuses = "case $2 in *'while read'*) echo 'while: Expression Syntax.' >&2; exit 1;; esac";
    writeFileSync(shell, `#!/bin/sh\n${refuses}\necho "$2" >>${log}\nexec /bin/sh -c "$2"\n`, { mode: 0o755 });
    const hosts = {
      knownHostsFile: known(at('127.0.0.1')),
      defaults: login(plainAccount),
      hosts: [{ name: 'web1', address: '127.0.0.1' }],
    };
    must('usermod', ['-s', shell, plainAccount]);
    try {
      const swept = await sweep(lab, hosts, newOut(lab), ...one);
      assert.equal(swept.code, 0, swept.err);
    } finally {
      must('usermod', ['-s', '/bin/sh', plainAccount]);
    }
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    assert.ok(lines.length > 3 && lines.every((line) => line.includes("'/usr/bin/id' '-u'")), lines.join('\n'));
  });

  it('knows a server by a hashed name, refuses an unknown one, and takes it only where that is asked for and told', async () => {
    const file = join(lab.folder, 'known_hosts');
    known(at('127.0.0.3'));
    must('ssh-keygen', ['-q', '-H', '-f', file]);
    rmSync(`${file}.old`, { force: true });
    assert.doesNotMatch(readFileSync(file, 'utf8'), /127\.0\.0/);
    const hosts = {
      knownHostsFile: 'known_hosts',
      defaults: login(),
      hosts: [
        { name: 'hashed', address: '127.0.0.3' },
        { name: 'new', address: '127.0.0.4' },
      ],
    };
    const out = newOut(lab);
    const strict = await sweep(lab, hosts, out, ...one);
    assert.equal(strict.host('hashed')?.outcome, 'collected', strict.err);
    assert.deepEqual([strict.host('new')?.outcome, strict.host('new')?.reason], ['denied', 'host-key-unknown']);
    assert.equal(strict.summary?.acceptNew, false);
    const accepting = await sweep(lab, hosts, out, ...one, '--accept-new');
    assert.equal(accepting.host('new')?.hostKey?.trust, 'accepted');
    assert.equal(accepting.summary?.acceptNew, true);
    assert.match(accepting.out, /the keys of 1 servers stood nowhere/);
    // From now on it is known, and strictly so.
    const later = await sweep(lab, hosts, newOut(lab), ...one);
    assert.equal(later.host('new')?.hostKey?.trust, 'known');
  });

  it('refuses another key than the known one, a revoked one, and one that only an authority vouches for', async () => {
    const other = readFileSync(join(lab.folder, 'other.pub'), 'utf8').trim();
    const hosts = {
      knownHostsFile: known(
        `[127.0.0.5]:${sshd.port} ${other}\n`,
        `@revoked ${at('127.0.0.6')}`,
        at('127.0.0.6'),
        `@cert-authority ${at('127.0.0.7')}`,
      ),
      defaults: login(),
      hosts: ['5', '6', '7'].map((last) => ({ name: `h${last}`, address: `127.0.0.${last}` })),
    };
    const ran = await sweep(lab, hosts, newOut(lab), '--accept-new');
    assert.deepEqual(
      ran.summary?.hosts.map(({ outcome, reason }) => [outcome, reason]),
      [
        ['denied', 'host-key-changed'],
        ['denied', 'host-key-revoked'],
        ['denied', 'host-key-certificate-only'],
      ],
    );
  });

  it('goes through a jump host, with an agent and with a password, none of which shows', async () => {
    const socket = join(lab.folder, 'agent');
    const agent = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((done) => agent.stdout.once('data', done));
    try {
      must('/usr/bin/env', [`SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', lab.keyFile]);
      const hosts = {
        knownHostsFile: known(at('127.0.0.1'), at('127.0.0.1', jump), at('127.0.0.8')),
        defaults: login(),
        jumps: [{ name: 'bastion', address: '127.0.0.1', port: jump.port, user: plainAccount }],
        hosts: [
          { name: 'behind', address: '127.0.0.1', jump: 'bastion' },
          { name: 'behind2', address: '127.0.0.8', jump: 'bastion' },
          { name: 'agented', address: '127.0.0.1', keyFile: undefined, agent: socket },
          { name: 'worded', address: '127.0.0.1', user: plainAccount, passwordFile: 'password' },
        ],
      };
      // The last one has the password alone.
      const plain = { ...hosts, defaults: { user: rootAccount, port: sshd.port } };
      plain.hosts = hosts.hosts.map((host) =>
        host.name.startsWith('behind') ? { ...host, keyFile: 'client' } : host,
      ) as never;
      plain.jumps = hosts.jumps.map((each) => ({ ...each, keyFile: 'client' }));
      let logins = 0;
      jump.child.stderr?.on('data', (part: Buffer) => {
        logins += part.toString('utf8').split('Accepted publickey').length - 1;
      });
      const ran = await sweep(lab, plain, newOut(lab), ...one);
      // Two servers ask for it at the same moment: a second login would be forgotten, and never end.
      assert.equal(logins, 1);
      assert.deepEqual(
        ran.summary?.hosts.map(({ name, outcome, privilege }) => [name, outcome, privilege]),
        [
          ['agented', 'collected', 'root'],
          ['behind', 'collected', 'root'],
          ['behind2', 'collected', 'root'],
          ['worded', 'collected', 'user'],
        ],
        ran.out,
      );
      assert.ok(!(ran.out + ran.err).includes(readFileSync(lab.passwordFile, 'utf8').trim()));
    } finally {
      agent.kill();
    }
  });

  it('says what is wrong with the file, by line', async () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ hosts: [{ name: 'a', user: 'x' }] }, /hosts\.yaml, line \d+: a has nothing to log in with\ngive keyFile/],
      [{ hosts: [{ name: 'a', keyFile: 'client' }] }, /line \d+: a lacks user/],
      [{ hosts: [{ name: '../a' }] }, /line \d+: hosts\.0\.name does not have the expected form/],
      [{ hosts: [{ name: 'a', sude: 'none' }] }, /line \d+: hosts\.0\.sude is not known here/],
      [{ defaults: login(), hosts: [{ name: 'a' }, { name: 'A' }] }, /line \d+: A is named twice/],
      [{ defaults: login(), hosts: [{ name: 'a', jump: 'b' }] }, /line \d+: there is no jump host b/],
      [
        { defaults: login(), jumps: [{ name: 'b', jump: 'b' }], hosts: [{ name: 'a', jump: 'b' }] },
        /line \d+: b is reached through itself/,
      ],
      [
        { defaults: { ...login(), keyFile: 'no-such' }, hosts: [{ name: 'a' }] },
        /line \d+: .*no-such cannot be read \(ENOENT\)/,
      ],
    ];
    for (const [hosts, message] of cases) {
      const ran = await sweep(lab, hosts, newOut(lab));
      assert.equal(ran.code, 2, JSON.stringify(hosts));
      assert.match(ran.err, message);
    }
    copyFileSync(lab.keyFile, join(lab.folder, 'open-key'));
    spawnSync('chmod', ['644', join(lab.folder, 'open-key')]);
    const open = await sweep(
      lab,
      { defaults: { ...login(), keyFile: 'open-key' }, hosts: [{ name: 'a' }] },
      newOut(lab),
    );
    assert.match(open.err, /open-key can be read or written by others/);
  });

  it('refuses a folder whose summary another key signed, or somebody changed, and leaves it as it is', async () => {
    const out = newOut(lab);
    const hosts = {
      knownHostsFile: known(at('127.0.0.1')),
      defaults: login(),
      hosts: [{ name: 'a', address: '127.0.0.1' }],
    };
    const first = await sweep(lab, hosts, out, ...one);
    assert.ok(first.summary !== undefined, first.err);
    const stranger = throwAwaySigner();
    const file = join(out, 'sweep.json');
    const { keyId: id } = stranger;
    const theirs = encodeSweep({ ...first.summary, key: { ...first.summary.key, id } }, stranger);
    writeFileSync(file, theirs);
    const ran = await sweep(lab, hosts, out, ...one);
    assert.notEqual(ran.code, 0);
    assert.match(
      ran.err,
      /sweep\.json was signed by another key than the one of this state folder\nname another folder/,
    );
    assert.deepEqual(readFileSync(file), Buffer.from(theirs));
    writeFileSync(file, '{}');
    await assert.rejects(sweep(lab, hosts, out, ...one), 'it is still no summary');
    assert.equal(readFileSync(file, 'utf8'), '{}');
  });
});
