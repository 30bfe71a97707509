/** A small invented Debian 12 server in memory: everything that the host and admins collectors ask for. */
import type { FakeMachine } from './fake-host.ts';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

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
  },
  lists: {
    '/sys/class/dmi/id': ['bios_date', 'product_uuid', 'sys_vendor'],
    '/etc/ssh': ['ssh_config', 'ssh_host_ed25519_key', 'ssh_host_ed25519_key.pub', 'sshd_config'],
    '/etc/sudoers.d': ['README', 'ops', 'old.bak', 'draft~'],
  },
  stats: {
    '/run/systemd/system': { type: 'directory' },
    '/usr/bin/sudo': { mode: 0o4755 },
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
    'chronyc-tracking': { miss: 'absent', reason: 'no-such-file' },
  },
  system: {
    system: { manufacturer: 'QEMU', model: 'Standard PC (Q35 + ICH9, 2009)', virtual: true },
    bios: { vendor: 'SeaBIOS', version: '1.16.2', releaseDate: '2014-04-01' },
  },
};
