/** Every parser of the admins collector by name, with a sample. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAuthorizedKeys } from '../../../collectors/admins/authorized-keys.ts';
import { parseCvtsudoers } from '../../../collectors/admins/cvtsudoers.ts';
import { parseDoas } from '../../../collectors/admins/doas.ts';
import { parseDiversions, parseListedPaths } from '../../../collectors/admins/dpkg-lists.ts';
import { parseFound } from '../../../collectors/admins/find-output.ts';
import { parseGetcap } from '../../../collectors/admins/getcap.ts';
import { parseGroup } from '../../../collectors/admins/group.ts';
import { parseLastlogText } from '../../../collectors/admins/lastlog-text.ts';
import { layoutOf, parseLastlog, parseWtmp } from '../../../collectors/admins/login-records.ts';
import { parseNsswitch } from '../../../collectors/admins/nsswitch.ts';
import { parsePasswd } from '../../../collectors/admins/passwd.ts';
import { parsePkla } from '../../../collectors/admins/polkit-authority.ts';
import { parsePolkitRules } from '../../../collectors/admins/polkit-rules.ts';
import { parseListeners } from '../../../collectors/admins/proc-net-tcp.ts';
import { parseRealmList } from '../../../collectors/admins/realm-list.ts';
import { cronPrograms, unitPrograms } from '../../../collectors/admins/root-jobs.ts';
import { parseShadow } from '../../../collectors/admins/shadow.ts';
import { parseSssdConf } from '../../../collectors/admins/sssd-conf.ts';
import { parseSuPam } from '../../../collectors/admins/su-pam.ts';
import { parseSudoConf } from '../../../collectors/admins/sudo-conf.ts';
import { parseSudoList } from '../../../collectors/admins/sudo-list.ts';
import { parseSudoers } from '../../../collectors/admins/sudoers.ts';
import { policyOf } from '../../../collectors/admins/sudoers-policy.ts';
import { parseWtmpdb } from '../../../collectors/admins/wtmpdb-json.ts';
import type { Parsed } from '../../../collectors/fact.ts';
import { decodeBytes, encodeText } from '../../../collectors/text.ts';
import type { NamedParser } from '../mutations.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const recorded = JSON.parse(readFileSync(join(fixtures, 'machines/debian-12/host.json'), 'utf8')) as {
  files: Record<string, { text?: string }>;
};

function file(path: string): string {
  return recorded.files[path]?.text ?? '';
}

type Reader = (text: string) => Parsed<unknown>;
const plain =
  (parse: (text: string) => unknown): Reader =>
  (text) => ({ ok: true, value: parse(text) });
const x64 = layoutOf('x64');
const arm64 = layoutOf('arm64');
assert.ok(x64 && arm64);
const output = (text: string) => {
  const [stdout = '', stderr = ''] = text.split('\u0001');
  return { stdout, stderr, exitCode: 0, truncated: false };
};

const cases: readonly (readonly [name: string, read: Reader, sample: string])[] = [
  [
    'passwd',
    (text) => parsePasswd(text, '/etc/passwd'),
    'root:x:0:0:root:/root:/bin/bash\n+@g::::::\n#c\nbob:$6$a$b:1:2::/:/x\n',
  ],
  ['group', (text) => parseGroup(text, '/etc/group'), 'root:x:0:\nsudo:x:27:alice,bob\n+\n'],
  ['shadow', parseShadow, 'root:*:20000:0:99999:7:::\nbob:!$6$a$b:0::90::-1:20454:\n'],
  ['nsswitch.conf', parseNsswitch, 'passwd: files [NOTFOUND=return] sss\ngroup: compat # x\n'],
  [
    'sudoers',
    (text) => {
      const entries = parseSudoers(text);
      return entries.ok ? policyOf(entries.value.map((entry) => ({ file: 'x', entry }))) : entries;
    },
    readFileSync(join(fixtures, 'machines/debian-12/sudoers'), 'utf8'),
  ],
  [
    'cvtsudoers',
    parseCvtsudoers,
    '{"User_Aliases":{"A":[{"useralias":"B"}],"B":[{"username":"x"}]},"User_Specs":[{"User_List":[{"useralias":"A"}],"Host_List":[{"hostname":"ALL"}],"Cmnd_Specs":[{"runasusers":[{"username":"ALL"}],"Options":[{"authenticate":false}],"Commands":[{"command":"ALL","negated":true}]}]}]}',
  ],
  [
    'sudo -l',
    parseSudoList,
    'User a may run:\n    (root : wheel) NOPASSWD: SETENV: /usr/bin/apt,\n        /usr/bin/dpkg\n',
  ],
  [
    'doas.conf',
    (text) => parseDoas(text, 'x'),
    'permit persist setenv { A -B } "x y" as root cmd /bin/a args b \\\n c\ndeny :g # x\n',
  ],
  ['su', (text) => parseSuPam(text, 'x'), file('/etc/pam.d/su')],
  [
    'polkit rules',
    (text) => parsePolkitRules(text, 'x'),
    file('/usr/share/polkit-1/rules.d/40-debian-sudo.rules') +
      'polkit.addRule(function(a, s) { if (a.id == "org.x.y" && s.isInGroup("g")) return polkit.Result.YES; });',
  ],
  ['pkla', (text) => parsePkla(text, 'x'), '[a]\nIdentity=unix-group:ops;\nAction=*\nResultAny=yes\n'],
  [
    'authorized_keys',
    plain(parseAuthorizedKeys),
    file('/root/.ssh/authorized_keys') + file('/home/alice/.ssh/authorized_keys'),
  ],
  [
    'sssd.conf',
    (text) => parseSssdConf([text]),
    '[sssd]\ndomains = a, b\n[domain/a]\nid_provider = ad\nsimple_allow_groups = x,\n y\n',
  ],
  ['realm list', parseRealmList, 'a.b\n  type: kerberos\n  permitted-logins: x, y\n  login-policy: z\n'],
  [
    'getcap',
    (text) => parseGetcap(output(text)),
    '/usr/bin/a cap_setuid,cap_chown=ep\n/b = cap_net_raw+ep\n\u0001/c (No such file or directory)\n',
  ],
  [
    'find',
    (text) => parseFound(output(text)),
    "4755\t0\t0\tf\t/usr/bin/a\u0000664\t1\t2\td\t/b\nc\u0000\u0001find: 'x': No such file or directory\n",
  ],
  [
    "dpkg's lists",
    parseListedPaths,
    '/var/lib/dpkg/info/sudo.list\0/usr/bin/sudo\n/var/lib/dpkg/info/libc6:amd64.list\0/lib/a\n',
  ],
  ['diversions', parseDiversions, file('/var/lib/dpkg/diversions')],
  ['crontab', cronPrograms, file('/etc/crontab') + file('/etc/cron.d/praxis-backup')],
  ['unit', unitPrograms, file('/etc/systemd/system/sshd.service')],
  ['/proc/net/tcp', parseListeners, file('/proc/net/tcp')],
  [
    'lastlog, printed',
    parseLastlogText,
    'Username         Port     From             Latest\nroot             pts/0    a.b              Fri Feb 15 09:40:56 -0600 2019\nbin              **Never logged in**\n',
  ],
  [
    'lastlog',
    (text) => parseLastlog(encodeText(text), x64),
    decodeBytes(new Uint8Array(600).map((_, at) => (at * 37) & 255)),
  ],
  [
    'wtmp',
    (text) => parseWtmp(encodeText(text), arm64),
    decodeBytes(
      new Uint8Array(800).map(
        (_, at) => [7, 0, 0, 0][at % 400] ?? (at % 400 >= 344 && at % 400 < 352 ? Number(at % 400 < 347) : at & 127),
      ),
    ),
  ],
  [
    'sudo.conf',
    parseSudoConf,
    'Plugin sudoers_policy sudoers.so sudoers_file=/etc/x \\\n sudoers_uid=0\nSet disable_coredump false\n',
  ],
  [
    'wtmpdb',
    parseWtmpdb,
    '{\n   "entries": [\n     { "user": "alice",\n       "tty": "pts/0",\n       "hostname": "192.0.2.7",\n       "login": "2026-01-02T03:04:05+0000",\n       "logout": "still logged in "\n     },\n     { "user": "reboot",\n       "tty": "system boot",\n       "hostname": "6.12.1",\n       "login": "2026-01-01T03:04:05+0000",\n       "logout": "2026-01-02T03:04:05+0000",\n       "length": "1+00:00"\n     }\n   ],\n   "start": "2026-01-01T03:04:05+0000"\n}\n',
  ],
];

export const parsers: readonly NamedParser[] = cases.map(([name, parse, sample]) => ({ name, parse, sample }));
