import assert from 'node:assert/strict';
import {
  beginsRootAction,
  isRootAction,
  reachOf,
  reachOfCapabilities,
  reachOfSetId,
} from '../../judge/root-commands.ts';

/** `/usr/bin/apt update` as a sudo rule has it; nothing after the path allows any arguments. */
function reach(text: string): string {
  const [command = '', ...args] = text.split(' ');
  return reachOf(args.length === 0 ? { command } : { command, arguments: args.join(' ') });
}

describe('commands of a sudo rule', () => {
  it('lead to root where the caller chooses the arguments of a program that starts others', () => {
    for (const text of [
      'ALL',
      '/usr/bin/find',
      '/usr/bin/tar *',
      '/usr/bin/python3.11',
      '/bin/cp /tmp/* /etc/',
      '/usr/bin/',
      '/usr/bin/*',
      '/usr/bin/vi?',
    ])
      assert.equal(reach(text), 'yes', text);
  });

  it('lead to root with fixed arguments too where the program is interactive or shows its output through a pager', () => {
    for (const text of [
      '/usr/bin/vim /etc/motd',
      '/usr/bin/less /var/log/syslog',
      '/usr/bin/systemctl status nginx',
      '/bin/su -',
      '/usr/bin/git pull',
    ])
      assert.equal(reach(text), 'yes', text);
  });

  it('do not where a known program has fixed arguments', () => {
    for (const text of ['/usr/bin/systemctl restart nginx', '/usr/bin/apt-get ""', '/usr/bin/mount /mnt/usb'])
      assert.equal(reach(text), 'no', text);
    assert.equal(reachOf({ command: 'ALL', negated: true }), 'no');
  });

  it('lead nobody knows where otherwise', () => {
    for (const text of ['/opt/app/deploy.sh', '/opt/app/*', 'sudoedit /etc/motd', '^/usr/bin/(a|b)$'])
      assert.equal(reach(text), 'unknown', text);
    assert.equal(reachOf({ command: { bytes: 'L/8=' } }), 'unknown');
  });
});

describe('programs with more rights than their caller', () => {
  it('lead to root where they start others', () => {
    for (const path of ['/usr/bin/find', '/usr/local/bin/bash', '/opt/python3.12', '/usr/bin/vim'])
      assert.equal(reachOfSetId(path), 'yes', path);
    assert.equal(reachOfCapabilities('/usr/bin/python3', 'cap_setuid=ep'), 'yes');
  });

  it('do not where they are made for it', () => {
    for (const path of ['/usr/bin/sudo', '/usr/bin/passwd', '/usr/lib/openssh/ssh-keysign'])
      assert.equal(reachOfSetId(path), 'no', path);
    assert.equal(reachOfCapabilities('/usr/bin/newuidmap', 'cap_setuid=ep'), 'no');
    assert.equal(reachOfCapabilities('/usr/bin/ping', 'cap_net_raw=ep'), 'no');
    assert.equal(reachOfCapabilities('/opt/agent', 'cap_sys_admin,cap_net_raw=eip'), 'unknown');
  });
});

describe('polkit actions', () => {
  it('that act as root are told from others', () => {
    for (const action of ['*', 'org.freedesktop.systemd1.manage-units', 'org.freedesktop.policykit.exec'])
      assert.ok(isRootAction(action), action);
    assert.ok(!isRootAction('org.freedesktop.timedate1.set-time'));
  });

  it('are also taken in by patterns, and begun by what rules compare with (symptom: policykit.* was no root)', () => {
    const patterns = [
      'org.freedesktop.policykit.*',
      'org.freedesktop.p*',
      '*.exec',
      'org.*.manage-*',
      'org.debian.apt.*',
    ];
    for (const pattern of patterns) assert.ok(isRootAction(pattern), pattern);
    for (const pattern of ['org.freedesktop.timedate1.*', '*.set-time', 'org.freedesktop.policykit.exec.*'])
      assert.ok(!isRootAction(pattern), pattern);
    for (const text of ['org.freedesktop.systemd1.', 'org.freedesktop.systemd1.manage', 'org.'])
      assert.ok(beginsRootAction(text), text);
    assert.ok(!beginsRootAction('org.freedesktop.timedate1.'));
  });

  it('are also taken in by patterns, and begun by what rules compare with (symptom: policykit.* and systemd1. were no root)', () => {
    for (const pattern of [
      'org.freedesktop.policykit.*',
      'org.freedesktop.p*',
      '*.exec',
      'org.*.manage-*',
      'org.debian.apt.*',
    ])
      assert.ok(isRootAction(pattern), pattern);
    for (const pattern of ['org.freedesktop.timedate1.*', '*.set-time', 'org.freedesktop.policykit.exec.*'])
      assert.ok(!isRootAction(pattern), pattern);
    for (const text of ['org.freedesktop.systemd1.', 'org.freedesktop.systemd1.manage', 'org.'])
      assert.ok(beginsRootAction(text), text);
    assert.ok(!beginsRootAction('org.freedesktop.timedate1.'));
  });
});
