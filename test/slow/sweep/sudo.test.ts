/** The rules that `affiant sudoers` prints, under a real sudo: they let a sweep see what root sees, and nobody do anything else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { localLinux } from '../../../agent/host/local-linux.ts';
import { linuxOverSsh } from '../../../agent/host/ssh/linux-over-ssh.ts';
import { granted, sudoersFile } from '../../../agent/host/ssh/sudoers.ts';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import { type Lab, labMissing, must, openLab, plainAccount, type Sshd } from './lab.ts';
import { collectOptions, connectTo, seenBy } from './seen.ts';

// No dot in the name: sudo would skip it.
const rules = `/etc/sudoers.d/affiant-test-${process.pid}`;

describe('a sweep by sudo', () => {
  let lab: Lab | undefined;
  let sshd: Sshd;
  const remove = (): void => rmSync(rules, { force: true });
  before(async function () {
    const missing = labMissing('/usr/bin/sudo', '/usr/sbin/visudo', '/usr/bin/setpriv');
    if (missing !== undefined) {
      console.error(`skipped: a sweep by a real sudo: ${missing}`);
      this.skip();
    }
    lab = openLab();
    sshd = await lab.start();
    process.once('exit', remove);
  });
  afterEach(remove);
  after(() => lab?.close());

  function install(password: boolean): void {
    writeFileSync(rules, sudoersFile({ user: plainAccount, password }), { mode: 0o440 });
    must('/usr/sbin/visudo', ['-cf', rules]);
  }

  /** What sudo says to the login of the sweep, without running anything. */
  function allows(argv: readonly string[]): boolean {
    const words = [
      '--reuid',
      plainAccount,
      '--regid',
      plainAccount,
      '--init-groups',
      '/usr/bin/sudo',
      '-n',
      '-l',
      '--',
    ];
    return spawnSync('/usr/bin/setpriv', [...words, ...argv], { cwd: '/' }).status === 0;
  }

  it('allows every command that it prints, and no other argument', () => {
    install(false);
    const there = granted().filter(({ argv }) => existsSync(argv[0] ?? ''));
    assert.ok(there.length > 5);
    for (const { argv } of there) {
      assert.equal(allows(argv), true, argv.join(' '));
      assert.equal(allows([...argv, '/etc/shadow']), false, `${argv.join(' ')} and one more`);
      if (argv.length > 1) assert.equal(allows(argv.slice(0, -1)), false, `${argv.join(' ')} without the last`);
    }
    for (const other of [
      ['/bin/sh'],
      ['/usr/bin/cat', '/etc/shadow'],
      ['/usr/lib/openssh/sftp-server', '-R', '-d', '/etc'],
      ['/usr/bin/find', '/', '-delete'],
      ['/usr/bin/id', '-g'],
    ])
      assert.equal(allows(other), false, other.join(' '));
  });

  it('sees what root sees, and holds back what needs no root', async () => {
    install(false);
    assert.ok(lab);
    const seen = await seenBy({ lab, sshd, user: plainAccount, sudo: { way: 'no-password' } });
    const inside = Object.fromEntries((await runCollectors(localLinux(), collectOptions)).documents);
    for (const name of ['host', 'updates', 'packages', 'edr', 'admins'])
      assert.deepEqual(seen[name], inside[name], name);
    // `sshd -T` for one login has arguments that no rule can name: our own reading of the same files takes its place.
    const own = classesOf(seen['mfa']);
    const sshds = classesOf(inside['mfa']);
    assert.ok(own.length > 0 && own.every(({ answeredBy }) => answeredBy === 'own-parser'));
    assert.ok(sshds.every(({ answeredBy }) => answeredBy === 'sshd'));
    assert.deepEqual(withoutWho(seen['mfa']), withoutWho(inside['mfa']));
    const records = (seen['sources/updates'] as { records: { locator: string; privilege: string }[] }).records;
    const dpkg = records.find(({ locator }) => locator.startsWith('command:dpkg-query'));
    assert.equal(dpkg?.privilege, 'user');
    assert.equal(records.find(({ locator }) => locator.startsWith('file:'))?.privilege, 'root');
  });

  it('gives the password on standard input, and leaves no trace of it', async () => {
    install(true);
    assert.ok(lab);
    const password = readFileSync(lab.passwordFile, 'utf8').trim();
    const connection = await connectTo(lab, sshd, plainAccount);
    try {
      const machine = await linuxOverSsh(connection, { way: 'password', password });
      assert.ok(machine.ok, JSON.stringify(machine));
      const shadow = await machine.value.readFile('/etc/shadow', { maxBytes: 100_000, deadlineMs: 20_000 });
      assert.equal(shadow.outcome, 'ok');
      const limits = { maxBytes: 1000, deadlineMs: 20_000 };
      const id = await machine.value.run({ programs: ['/usr/bin/id'], args: ['-u'], privilege: 'root' }, limits);
      assert.ok(id.outcome === 'ok', JSON.stringify(id));
      assert.equal(Buffer.from(id.value.stdout).toString('utf8'), '0\n');
      assert.equal(Buffer.from(id.value.stderr).toString('utf8'), '');
    } finally {
      connection.end();
    }
    // Nothing is remembered: the next command without a password is refused.
    assert.equal(allows(['/usr/bin/id', '-u']), false);
  });

  it('says that a wrong password was refused, after one try', async () => {
    install(true);
    assert.ok(lab);
    const connection = await connectTo(lab, sshd, plainAccount);
    try {
      const machine = await linuxOverSsh(connection, { way: 'password', password: 'not-it' });
      assert.ok(!machine.ok);
      assert.equal(machine.failure.outcome, 'denied');
      assert.equal(machine.failure.reason, 'sudo-password-refused');
      assert.doesNotMatch(JSON.stringify(machine), /not-it/);
    } finally {
      connection.end();
    }
  });

  it('says which rules are missing where sudo refuses', async () => {
    assert.ok(lab);
    const connection = await connectTo(lab, sshd, plainAccount);
    try {
      const machine = await linuxOverSsh(connection, { way: 'no-password' });
      assert.ok(!machine.ok);
      assert.deepEqual([machine.failure.outcome, machine.failure.reason], ['denied', 'sudo-refused']);
      assert.match(machine.failure.remedy, /affiant sudoers/);
    } finally {
      connection.end();
    }
  });
});

type ConnectionClass = { readonly answeredBy: string; readonly settings: { readonly sources: readonly string[] } };
type Servers = {
  readonly value?: readonly { readonly connectionClasses: { readonly value?: readonly ConnectionClass[] } }[];
};

/** What each sshd of the machine asks of a kind of login. */
function classesOf(mfa: object | undefined): readonly ConnectionClass[] {
  const { sshServers } = mfa as { readonly sshServers: Servers };
  return (sshServers.value ?? []).flatMap(({ connectionClasses }) => connectionClasses.value ?? []);
}

/** The document without who answered for a class, and from where: what was answered stays. */
function withoutWho(mfa: object | undefined): unknown {
  const copy = structuredClone({ ...mfa, blind: '' });
  for (const each of classesOf(copy))
    Object.assign(each, { answeredBy: '', settings: { ...each.settings, sources: [] } });
  return copy;
}
