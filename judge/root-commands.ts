/**
 * Programs that hand their caller a shell, or any file, of whoever they run as. Facts only; collected from
 * their manuals and from GTFOBins (https://gtfobins.github.io, entries "sudo" and "SUID").
 */
import type { SudoCommand, Text } from '../schemas/generated/types.ts';

/**
 * `always`: even with fixed arguments it can be talked into a shell, since it is interactive or shows its
 * output through a pager. `free`: where the caller chooses the arguments.
 */
export type Lead = 'always' | 'free';

const always =
  'su sudo doas pkexec visudo vipw vigr vi vim vimdiff view nvim rvim rview nano pico emacs ed joe jed mcedit less more most man info pg git mysql mariadb psql sqlite3 ftp screen tmux script journalctl crontab passwd virsh gdb irb';
const free =
  'bash sh dash zsh ksh mksh fish csh tcsh ash rbash busybox env nice ionice nohup timeout time stdbuf setsid taskset chrt choom strace ltrace watch xargs find fd parallel python python2 python3 perl ruby node nodejs php lua luajit awk gawk mawk nawk tclsh wish expect java jshell make cmake gcc cc c++ g++ cpp ld cp mv dd tee install ln rsync tar zip unzip 7z cpio ar sed chmod chown chgrp chattr setfacl setcap mount umount insmod modprobe kexec debugfs fsck losetup cryptsetup usermod useradd adduser groupmod gpasswd chpasswd newusers chsh chroot unshare nsenter capsh setpriv start-stop-daemon systemd-run run-parts runuser at batch docker podman nerdctl buildah runc ctr crictl lxc lxd incus machinectl systemctl service init telinit apt apt-get aptitude dpkg snap yum dnf dnf5 microdnf rpm zypper pacman apk pip pip2 pip3 pipx npm npx yarn gem cargo go composer ssh scp sftp sshpass socat nc ncat netcat nmap tcpdump tshark wget curl aria2c lftp rclone ip iptables ip6tables openvpn wg-quick openssl certbot ansible ansible-playbook puppet chef-client salt-call salt-minion logrotate cobc hping3 dmsetup logsave flock split csplit sort xxd base64 ex rlwrap facter dosbox pexec ssh-keygen ssh-agent update-alternatives grub-install bpftrace perf sysctl tc mkfs.ext4 dstat restic borg duplicity pg_dump pg_ctl sendmail exim exim4 mail mailx nginx apache2 apache2ctl httpd php-fpm';

const leads: ReadonlyMap<string, Lead> = new Map<string, Lead>([
  ...free.split(' ').map((name) => [name, 'free'] as const),
  ...always.split(' ').map((name) => [name, 'always'] as const),
]);

/** Verbs of systemctl(1) whose output goes through a pager. */
const pagedVerbs = /^(?:status|show|cat|help|list-\S+|edit)\b/;

/** What a program's path leads to; a version at the end of its name (python3.11, gcc-12) does not matter. */
export function leadOf(path: string): Lead | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return leads.get(name) ?? leads.get(name.replace(/[-.]?\d+(?:\.\d+)*$/, ''));
}

/** yes: it leads to root by itself. no: it is known and its arguments are fixed. unknown: nobody says. */
export type Reach = 'yes' | 'no' | 'unknown';

/** How far a command of a sudo rule leads. A command that is taken away leads nowhere. */
export function reachOf({ command, arguments: args, negated }: SudoCommand): Reach {
  if (negated === true || command === 'list') return 'no';
  if (command === 'ALL') return 'yes';
  if (typeof command !== 'string') return 'unknown';
  // Whose name nobody knows may be one of the table.
  if (command.startsWith('^')) return 'unknown';
  if (command === 'sudoedit') return 'unknown';
  if (command.endsWith('/')) return /^\/(?:usr\/)?s?bin\/$/.test(command) ? 'yes' : 'unknown';
  if (/[*?[]/.test(command)) return couldBeKnown(command) ? 'yes' : 'unknown';
  const lead = leadOf(command);
  if (lead === undefined) return 'unknown';
  if (lead === 'always' || areFree(args)) return 'yes';
  const paged = leadNameIs(command, 'systemctl') && typeof args === 'string' && pagedVerbs.test(args);
  return paged ? 'yes' : 'no';
}

function leadNameIs(path: string, name: string): boolean {
  return path.endsWith(`/${name}`);
}

/** No list of arguments allows any; a wildcard matches blanks and slashes too (sudoers(5), Wildcards). */
function areFree(args: Text | undefined): boolean {
  return args === undefined || typeof args !== 'string' || /[*?[]/.test(args) || args.startsWith('^');
}

/** A wildcard in the place of programs that takes in some of the table. */
function couldBeKnown(pattern: string): boolean {
  const [, folder = '', name = ''] = /^(.*)\/([^/]*)$/s.exec(pattern) ?? [];
  if (!/^\/(?:usr\/(?:local\/)?)?s?bin$/.test(folder.replace(/[*?]+/g, 'bin'))) return false;
  const shape = new RegExp(
    `^${name
      .replace(/[.+^${}()|\\]/g, String.raw`\$&`)
      .replace(/\[[^\]]*\]/g, '.')
      .replaceAll('[', '.')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
  return [...leads.keys()].some((known) => shape.test(known));
}

/** Members of these start what they like as root, or write to every file; why, in a few words. */
export const groupsLikeRoot: ReadonlyMap<string, string> = new Map([
  ['docker', 'starts containers as root'],
  ['podman', 'starts containers as root'],
  ['lxd', 'starts containers as root'],
  ['incus', 'starts containers'],
  ['incus-admin', 'starts containers as root'],
  ['libvirt', 'starts virtual machines with any disk'],
  ['disk', 'writes to raw disks'],
]);

/** Members of these come near: it takes one more step, or somebody who does it. */
export const groupsNearRoot: ReadonlyMap<string, string> = new Map([
  ['shadow', 'reads password hashes'],
  ['staff', 'writes to /usr/local'],
  ['sys', "may write to root's settings"],
]);

/** Capabilities that are as good as root to whoever steers a program that has them (capabilities(7)). */
const rootCapabilities =
  /\bcap_(?:setuid|setgid|setfcap|dac_override|dac_read_search|chown|fowner|sys_admin|sys_ptrace|sys_module|sys_rawio|sys_boot|mac_admin|bpf)\b|^=|^all/;

/** Programs that distributions ship with such a capability, made to be started by anybody. */
const shippedWith: ReadonlySet<string> = new Set([
  'newuidmap',
  'newgidmap',
  'snap-confine',
  'gnome-keyring-daemon',
  'kwin_wayland',
  'sssd_pam',
  'ldap_child',
  'krb5_child',
  'proxy_child',
  'selinux_child',
  'sssd_be',
]);

export function reachOfCapabilities(path: string, capabilities: string): Reach {
  if (!rootCapabilities.test(capabilities)) return 'no';
  if (leadOf(path) !== undefined) return 'yes';
  return shippedWith.has(path.slice(path.lastIndexOf('/') + 1)) ? 'no' : 'unknown';
}

/** Set-id copies of these drop what they were given, or ask for a password first; everything else of the table does not. */
const askingSetId: ReadonlySet<string> = new Set(
  'su sudo doas pkexec passwd chsh gpasswd mount umount crontab at batch screen ssh-agent sendmail exim exim4 mail mailx ping fusermount fusermount3 newgrp chfn chage expiry'.split(
    ' ',
  ),
);

export function reachOfSetId(path: string): Reach {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (askingSetId.has(name)) return 'no';
  return leadOf(path) === undefined ? 'no' : 'yes';
}

/**
 * polkit actions that let somebody act as root (their own policy files): any program, any unit, any package, any
 * machine, any account.
 */
const rootActions = [
  'org.freedesktop.policykit.exec',
  'org.freedesktop.systemd1.manage-units',
  'org.freedesktop.systemd1.manage-unit-files',
  'org.freedesktop.packagekit.package-install-untrusted',
  'org.debian.apt.install-file',
  'org.libvirt.unix.manage',
  'org.freedesktop.accounts.user-administration',
];

/** Whether an action, or a pattern of some (pklocalauthority(8)), takes in one of root's. */
export function isRootAction(action: string): boolean {
  const [head = '', ...rest] = action.split('*');
  const tail = rest.at(-1);
  return rootActions.some((known) =>
    tail === undefined ? known === action : known.startsWith(head) && (rest.length > 1 || known.endsWith(tail)),
  );
}

/** Whether the text could be the beginning of one, as rules ask with indexOf and startsWith. */
export function beginsRootAction(text: string): boolean {
  return rootActions.some((known) => known.startsWith(text));
}
