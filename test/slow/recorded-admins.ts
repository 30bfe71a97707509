/** Recordings of administrators as machines: each in its place on a server that is otherwise in order and seen whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBytes } from '../../collectors/text.ts';
import type { FakeMachine } from '../collectors/fake-host.ts';

export const folder = join(import.meta.dirname, '../../../shared/recordings');

/** The text of one; a template that is shipped is filled in as its build does. */
export function recordedText(name: string): string {
  return decodeBytes(readFileSync(join(folder, 'admins', name)))
    .replaceAll('@visudo@', '/usr/sbin/visudo')
    .replaceAll('@sysconfdir@', '/etc')
    .replaceAll(/"@[a-z_]+@"/g, '"/usr/bin"')
    .replaceAll(/@[a-z_]+@/g, '');
}

/** Names of the index, those of Windows and of identity providers left out. */
export function recordedNames(): string[] {
  return readFileSync(join(folder, 'INDEX.tsv'), 'utf8')
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter((path) => path.startsWith('admins/'))
    .map((path) => path.slice('admins/'.length))
    .filter((name) => !/^(?:net-|adsi-|dsregcmd-|cssexchange_|scuba_)/.test(name));
}

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

/** Everybody is asked for a password, and every source answers: the judge passes it. */
export const inOrder: FakeMachine = {
  restIsAbsent: true,
  files: {
    '/proc/net/tcp': '  sl  local_address rem_address   st\n',
    '/etc/passwd':
      'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\njoeuser:x:1001:10::/home/joeuser:/bin/sh\n',
    '/etc/group': 'root:x:0:\nwheel:x:10:alice\nsudo:x:27:alice\nadmins:x:1005:joeuser\ndocker:x:998:\n',
    '/etc/shadow': 'root:*:20000::::::\nalice:$y$j9T$s$h:20000::::::\njoeuser:$y$j9T$s$h:20000::::::\n',
    '/etc/nsswitch.conf': 'passwd: files systemd\ngroup: files\n',
    '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n%wheel ALL=(ALL:ALL) ALL\n',
    '/root/.ssh/authorized_keys': `${key} ops@example\n`,
  },
  stats: { '/usr/bin/sudo': {} },
  commands: { getcap: '', 'find-set-id': '4755\t0\t0\tf\t/usr/bin/sudo\0', 'find-writable-jobs': '' },
};

const askedFor = ['root', 'sudo', 'wheel', 'admin', 'admins', 'docker', 'lxd', 'libvirt', 'disk'];

/** The same on a server that asks a directory too. */
function joined(commands: NonNullable<FakeMachine['commands']>): FakeMachine {
  const none = Object.fromEntries(askedFor.map((group) => [`getent-group ${group}`, { stdout: '', exitCode: 2 }]));
  const listings = Object.fromEntries(
    ['root', 'alice', 'joeuser'].map((name) => [
      `sudo-list ${name}`,
      { stderr: `User ${name} is not allowed to run sudo on web1.\n`, exitCode: 1 },
    ]),
  );
  return {
    ...inOrder,
    files: { ...inOrder.files, '/etc/nsswitch.conf': 'passwd: files sss\ngroup: files sss\nsudoers: files sss\n' },
    commands: { ...inOrder.commands, 'realm-list': '', ...none, ...listings, ...commands },
  };
}

function withFile(path: string, text: string, more: FakeMachine = {}): FakeMachine {
  return { ...inOrder, ...more, files: { ...inOrder.files, [path]: text } };
}

/** Undefined for outputs that no collector asks for. `text` stands in for the recording's own. */
export function machineOf(name: string, text: string): FakeMachine | undefined {
  if (name.startsWith('doas-'))
    return withFile('/etc/doas.conf', text, { stats: { ...inOrder.stats, '/usr/bin/doas': { mode: 0o4755 } } });
  if (name.startsWith('polkit-')) {
    const file = name.slice('polkit-'.length);
    return withFile(`/etc/polkit-1/rules.d/${file}`, text, { lists: { '/etc/polkit-1/rules.d': [file] } });
  }
  if (name.startsWith('realm-')) return joined({ 'realm-list': text });
  if (/(?:^|_)sudo-l-/.test(name)) return joined({ 'sudo-list alice': text });
  if (name.includes('getent-group')) return joined({ 'getent-group wheel': text });
  if (name.startsWith('lastlog')) return { ...inOrder, commands: { ...inOrder.commands, lastlog2: text } };
  if (name.startsWith('jc_passwd')) return withFile('/etc/passwd', text);
  if (name.startsWith('jc_group')) return withFile('/etc/group', text);
  if (/sshd[-_]config/.test(name)) return withFile('/etc/ssh/sshd_config', text);
  if (/^sudo_cvtsudoers-test\d+\.json$/.test(name)) {
    const rules = recordedText(name.replace('cvtsudoers-', 'sudoers-').replace('.json', '.txt'));
    const machine = withFile('/etc/sudoers', rules);
    return { ...machine, commands: { ...machine.commands, 'cvtsudoers-json': text } };
  }
  return name.includes('sudoers') ? withFile('/etc/sudoers', text) : undefined;
}
