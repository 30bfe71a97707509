/** A small invented Debian 12 server in memory: everything that the host and admins collectors ask for. */
import { decodeBytes } from '../../collectors/text.ts';
import type { FakeMachine } from './fake-host.ts';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

/** One lastlog record of x86 machines for one user id, the ids before it never logged in. */
function lastlogOf(uid: number, seconds: number): string {
  const bytes = new Uint8Array((uid + 1) * 292);
  new DataView(bytes.buffer).setUint32(uid * 292, seconds, true);
  bytes.set(new TextEncoder().encode('pts/0'), uid * 292 + 4);
  return decodeBytes(bytes);
}

export const debianServer: FakeMachine = {
  restIsAbsent: true,
  files: {
    '/etc/os-release':
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n',
    '/etc/debian_version': '12.11\n',
    '/etc/machine-id': '000102030405060708090a0b0c0d0e0f\n',
    '/sys/class/dmi/id/product_uuid': '4c4c4544-0042-3510-8052-b4c04f4e3232\n',
    '/sys/class/dmi/id/sys_vendor': 'QEMU\n',
    '/sys/class/dmi/id/product_name': 'Standard PC (Q35 + ICH9, 2009)\n',
    '/sys/class/dmi/id/bios_vendor': 'SeaBIOS\n',
    '/sys/class/dmi/id/bios_version': '1.16.2\n',
    '/sys/class/dmi/id/bios_date': '04/01/2014\n',
    '/etc/ssh/ssh_host_ed25519_key.pub': `${ed25519} root@web1\n`,
    '/proc/1/environ': 'HOME=/\0TERM=linux\0',
    '/proc/stat': 'cpu  1 2 3\nctxt 5\nbtime 1795427331\nprocesses 7\n',
    '/proc/sys/kernel/random/boot_id': 'cd9aab73-e0c3-4ae8-bce8-d856a3515e7e\n',
    '/proc/sys/crypto/fips_enabled': '0\n',
    '/etc/passwd':
      'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nalice:x:1000:1000:Alice Doe,,,:/home/alice:/bin/bash\nbob:x:1001:27::/home/bob:/bin/bash\n',
    '/etc/group': 'root:x:0:\ndaemon:x:1:\nsudo:x:27:alice\ndocker:x:998:carol\nops:x:1005:bob\nalice:x:1000:\n',
    '/etc/shadow':
      'root:*:20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\nalice:$y$j9T$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2g:20250:0:90:7::20454:\nbob:!$6$c2FsdA$aGFzaA:0:0:99999:7:::\n',
    '/etc/nsswitch.conf': 'passwd:  files systemd\ngroup:   files systemd\nhosts:   files dns\n',
    '/etc/sudo.conf': '# Plugin lines may stand here.\nSet disable_coredump true\n',
    '/etc/sudoers': 'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
    '/etc/sudoers.d/README': '# read me\n',
    '/etc/sudoers.d/ops': '%ops ALL=(root) NOPASSWD: /usr/bin/systemctl restart nginx\n',
    '/etc/pam.d/su': 'auth sufficient pam_rootok.so\nauth required pam_wheel.so use_uid\n@include common-auth\n',
    '/etc/doas.conf': 'permit persist :ops as root cmd /usr/bin/apt\n',
    '/usr/share/polkit-1/rules.d/50-default.rules':
      'polkit.addAdminRule(function(action, subject) { return ["unix-group:sudo"]; });\n',
    '/var/lib/polkit-1/localauthority/10-vendor.d/a.pkla':
      '[a]\nIdentity=unix-group:ops\nAction=org.example.a\nResultAny=yes\n',
    '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\nTrustedUserCAKeys /etc/ssh/ca.pub\n',
    '/etc/ssh/sshd_config.d/a.conf': 'PermitRootLogin no\nMatch User bob\nAuthorizedKeysFile /etc/ssh/keys/%u\n',
    '/root/.ssh/authorized_keys': `restrict,expiry-time="20270101" ${ed25519} ops@example\n`,
    '/etc/ssh/keys/bob': `${ed25519}\nnot a key\n`,
    '/proc/net/tcp':
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 00000000:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n',
    '/proc/net/tcp6':
      '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n',
    '/etc/cron.d/backup': 'MAILTO=root\n0 3 * * * root /opt/backup/run --all >/dev/null\n',
    '/etc/sssd/sssd.conf':
      '[sssd]\ndomains = example.org\n[domain/example.org]\nid_provider = ad\nldap_default_authtok = hunter2\n',
    '/var/log/lastlog': lastlogOf(0, 1_795_000_000),
    '/var/log/wtmp': '',
  },
  lists: {
    '/sys/class/dmi/id': ['bios_date', 'product_uuid', 'sys_vendor'],
    '/etc/ssh': ['ssh_config', 'ssh_host_ed25519_key', 'ssh_host_ed25519_key.pub', 'sshd_config'],
    '/etc/sudoers.d': ['README', 'ops', 'old.bak', 'draft~'],
    '/etc/ssh/sshd_config.d': ['a.conf'],
    '/usr/share/polkit-1/rules.d': ['50-default.rules'],
    '/var/lib/polkit-1/localauthority': ['10-vendor.d'],
    '/var/lib/polkit-1/localauthority/10-vendor.d': ['a.pkla'],
    '/etc/cron.d': ['backup'],
  },
  stats: {
    '/run/systemd/system': { type: 'directory' },
    '/usr/bin/sudo': { mode: 0o4755 },
    '/usr/bin/doas': { mode: 0o4755 },
    '/run/docker.sock': { type: 'socket', mode: 0o660, gid: 998 },
    '/opt/backup/run': { mode: 0o775, uid: 1000, gid: 1000 },
    '/usr/bin/cloud-init': {},
    '/etc/sudoers.d/README': {},
    '/etc/sudoers.d/ops': {},
  },
  links: {
    '/etc/localtime': '/usr/share/zoneinfo/Europe/Guernsey',
    '/proc/self/ns/pid': 'pid:[4026531836]',
    '/proc/self/ns/cgroup': 'cgroup:[4026531835]',
    '/proc/self/ns/mnt': 'mnt:[4026531840]',
    '/proc/1/ns/mnt': 'mnt:[4026531840]',
  },
  commands: {
    'timedatectl-ntp': 'NTPSynchronized=yes\nNTP=yes\n',
    getcap: '/usr/bin/newuidmap cap_setuid=ep\n',
    'find-set-id': '4755\t0\t0\tf\t/usr/bin/sudo\0',
    'find-writable-jobs': '664\t0\t1000\tf\t/etc/systemd/system/app.service\0',
    'cvtsudoers-json': { miss: 'absent', reason: 'no-such-program' },
    'realm-list': 'example.org\n  type: kerberos\n  configured: kerberos-member\n  login-policy: allow-realm-logins\n',
    'chronyc-tracking': { miss: 'absent', reason: 'no-such-file' },
  },
  system: {
    system: { manufacturer: 'QEMU', model: 'Standard PC (Q35 + ICH9, 2009)', virtual: true },
    bios: { vendor: 'SeaBIOS', version: '1.16.2', releaseDate: '2014-04-01' },
  },
};
