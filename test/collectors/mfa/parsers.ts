/** Every parser of the mfa collector by name, with a sample. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAuthorizedKeys } from '../../../collectors/mfa/authorized-keys.ts';
import { parseAccessRules } from '../../../collectors/mfa/pam-access.ts';
import { parsePamControl } from '../../../collectors/mfa/pam-control.ts';
import { parsePamConf, parsePamFile } from '../../../collectors/mfa/pam-file.ts';
import { parseMatch } from '../../../collectors/mfa/sshd-match.ts';
import { matchesAddresses, matchesList, parseAddress, parseNetwork } from '../../../collectors/mfa/sshd-patterns.ts';
import { printedSettings } from '../../../collectors/mfa/sshd-settings.ts';
import { sshdArguments, sshdLines } from '../../../collectors/mfa/sshd-words.ts';
import { parseUnits } from '../../../collectors/mfa/units.ts';
import { digests } from '../each-source-denied.ts';
import type { NamedParser } from '../mutations.ts';

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/machines/debian-12/host.json'), 'utf8'),
) as { files: Record<string, { text?: string }> };

function file(path: string): string {
  return recorded.files[path]?.text ?? '';
}

export const parsers: readonly NamedParser[] = [
  {
    name: 'systemctl show of ways in',
    sample:
      'Id=ssh.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D ; ignore_errors=no }\n\nId=ssh.socket\nLoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\nListen=[::]:22 (Stream)\n\nId=cockpit.socket\nLoadState=not-found\n',
    parse: parseUnits,
  },
  {
    name: 'PAM control',
    sample: '[success=1 new_authtok_reqd=ok ignore=ignore default=bad]'.slice(1, -1),
    parse: parsePamControl,
  },
  { name: 'PAM file', sample: file('/etc/pam.d/su') + file('/etc/pam.d/sshd'), parse: parsePamFile },
  {
    name: 'pam.conf',
    sample:
      'sshd auth required pam_unix.so try_first_pass\nsu auth [success=1 default=ignore] pam_x.so a=[b c] \\\n d\n',
    parse: parsePamConf,
  },
  {
    name: 'access.conf',
    sample: '# c\n+:root alice:LOCAL 10.0.0.0/8\n-:ALL EXCEPT (wheel) @g:ALL\n',
    parse: (text) => parseAccessRules(text, '/etc/security/access.conf'),
  },
  {
    name: 'authorized_keys of users',
    sample: file('/root/.ssh/authorized_keys') + file('/home/alice/.ssh/authorized_keys'),
    parse: (text) => parseAuthorizedKeys(text, digests),
  },
  {
    name: 'sshd_config, lines and words',
    sample:
      'Port 22\nPasswordAuthentication="no" # c\nMatch User a,!b Address 10.0.0.0/8,::1\n\tAuthenticationMethods publickey,password "x y"\n',
    parse: (text) => {
      const lines = sshdLines(text);
      return lines.ok ? { ok: true, value: lines.value.map(({ rest }) => sshdArguments(rest)) } : lines;
    },
  },
  { name: 'Match', sample: 'User a,!b* Address 10.0.0.0/8,2001:db8::/32 LocalPort 22', parse: parseMatch },
  {
    name: 'sshd -T',
    sample:
      'port 22\npasswordauthentication no\nauthenticationmethods publickey,keyboard-interactive\nallowusers root\nkexalgorithms a,b\n',
    parse: printedSettings,
  },
  {
    name: 'addresses and patterns',
    sample: '10.0.0.0/8,2001:db8::/32,!192.0.2.7,fe80::1%eth0,::ffff:1.2.3.4,a*?b',
    parse: (text) => [
      text.split(',').map((each) => [parseAddress(each), parseNetwork(each)]),
      matchesAddresses('10.1.2.3', text),
      matchesList('axxb', text),
    ],
  },
];
