/** Every parser of the host collector by name, with a sample. */
import { parseChronyTracking, parseTimedatectl } from '../../../collectors/host/clock-state.ts';
import { parseMachineId } from '../../../collectors/host/machine-id.ts';
import { rootIsWholeDevice } from '../../../collectors/host/mountinfo.ts';
import { parseOsRelease } from '../../../collectors/host/os-release.ts';
import { bootIdOf, parseBootTime } from '../../../collectors/host/proc-stat.ts';
import { containerVariable } from '../../../collectors/host/scope.ts';
import { firmwareDay, parseSmbiosUuid } from '../../../collectors/host/smbios.ts';
import { parseSshPublicKey } from '../../../collectors/host/ssh-public-key.ts';
import { parseTimezoneFile, zoneOfTarget } from '../../../collectors/host/time-zone.ts';
import type { NamedParser } from '../mutations.ts';

export const parsers: readonly NamedParser[] = [
  {
    name: 'os-release',
    sample: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    parse: parseOsRelease,
  },
  { name: 'timedatectl', sample: 'NTPSynchronized=yes\nNTP=yes\n', parse: parseTimedatectl },
  {
    name: 'chronyc tracking',
    sample: '203.0.113.7,192.0.2.1,3,1790000000.123,0.000001,0.000001,0.00002,-1.2,0.001,0.02,0.03,0.004,64.2,Normal\n',
    parse: parseChronyTracking,
  },
  { name: 'machine-id', sample: '0123456789abcdef0123456789abcdef\n', parse: parseMachineId },
  { name: '/proc/stat', sample: 'cpu  1 2 3\nbtime 1790000000\nprocesses 9\n', parse: parseBootTime },
  { name: 'boot_id', sample: '0123abcd-4567-4890-abcd-0123456789ab\n', parse: bootIdOf },
  { name: 'SMBIOS UUID', sample: '4c4c4544-0044-4210-8031-b4c04f4d3132\n', parse: parseSmbiosUuid },
  { name: 'date of the firmware', sample: '04/01/2014', parse: firmwareDay },
  {
    name: 'host key',
    sample: `ssh-ed25519 ${Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x0412345', 'latin1').toString('base64')} root@web1\n`,
    parse: parseSshPublicKey,
  },
  { name: 'time zone', sample: 'Europe/Berlin\n', parse: (text) => [parseTimezoneFile(text), zoneOfTarget(text)] },
  {
    name: 'mountinfo',
    sample: '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n23 22 0:5 / /proc rw - proc proc rw\n',
    parse: rootIsWholeDevice,
  },
  { name: 'environment of pid 1', sample: 'HOME=/\0container=lxc\0TERM=linux\0', parse: containerVariable },
];
