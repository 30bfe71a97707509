/** Our reading of sshd's configuration against sshd's own: random files with Match and Include, 0 differences. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { openHost } from '../../agent/host/door.ts';
import { localLinux } from '../../agent/host/local-linux.ts';
import { readSshdConfig } from '../../collectors/mfa/sshd-files.ts';
import type { Connection } from '../../collectors/mfa/sshd-match.ts';
import { effectiveSettings, printedSettings } from '../../collectors/mfa/sshd-settings.ts';

const sshd = '/usr/sbin/sshd';
const runs = 400;
/** Accounts that every Debian has, with groups that `id -Gn` gives. */
const accounts = ['root', 'daemon', 'backup', 'sync', 'nobody'];

const flag = fc.constantFrom('yes', 'no', 'Yes', 'NO');
const spelled = (name: string): fc.Arbitrary<string> => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
const separator = fc.constantFrom(' ', '  ', '\t', '=', ' = ', ' =');
const algorithm = fc.constantFrom(
  'ssh-ed25519',
  'sk-*',
  'rsa-sha2-*',
  'ecdsa-sha2-nistp???',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  '*-cert-v01@openssh.com',
);

const values: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ...[
    'PubkeyAuthentication',
    'PasswordAuthentication',
    'KbdInteractiveAuthentication',
    'ChallengeResponseAuthentication',
    'HostbasedAuthentication',
    'GSSAPIAuthentication',
    'PermitEmptyPasswords',
  ].map((name) => [name, flag] as const),
  ['PermitRootLogin', fc.constantFrom('yes', 'no', 'prohibit-password', 'without-password', 'forced-commands-only')],
  [
    'AuthenticationMethods',
    fc.constantFrom(
      'any',
      'publickey',
      'publickey,keyboard-interactive',
      'publickey,password publickey,keyboard-interactive:pam',
      '"publickey,publickey"',
      'publickey # why',
    ),
  ],
  [
    'AuthorizedKeysFile',
    fc.constantFrom('none', '/etc/ssh/keys/%u', '"/etc/ssh/my keys/%u" .ssh/authorized_keys', '.ssh/a .ssh/b'),
  ],
  ['PubkeyAuthOptions', fc.constantFrom('none', 'touch-required', 'verify-required', 'verify-required touch-required')],
  [
    'PubkeyAcceptedAlgorithms',
    fc
      .tuple(fc.constantFrom('', '+', '-', '^'), fc.uniqueArray(algorithm, { minLength: 1, maxLength: 3 }))
      .map(([mark, list]) => mark + list.join(',')),
  ],
  ...['AllowUsers', 'DenyUsers'].map(
    (name) => [name, fc.constantFrom('root', 'root daemon', '*', 'bac* sync@10.0.0.0/8', 'root@192.0.2.7')] as const,
  ),
  ...['AllowGroups', 'DenyGroups'].map((name) => [name, fc.constantFrom('root', 'daemon backup', 'ba*')] as const),
  ['TrustedUserCAKeys', fc.constantFrom('none', '/etc/ssh/ca.pub')],
  ['AuthorizedPrincipalsFile', fc.constantFrom('none', '/etc/ssh/principals/%u')],
  ['AuthorizedKeysCommand', fc.constantFrom('none', '/usr/bin/keys %u')],
  ['ForceCommand', fc.constantFrom('none', '/usr/bin/only "this" # and that', 'internal-sftp')],
];
const globals: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ['UsePAM', flag],
  ['UseDNS', flag],
  ['StrictModes', flag],
];

type Line = { readonly text: string };
const lineOf = (list: readonly (readonly [string, fc.Arbitrary<string>])[]): fc.Arbitrary<Line> =>
  fc
    .constantFrom(...list)
    .chain(([name, value]) =>
      fc
        .tuple(spelled(name), separator, value, fc.constantFrom('', ' ', '\t', '  '))
        .map(([keyword, between, text, end]) => ({ text: `${keyword}${between}${text}${end}` })),
    );
const idle = fc.constantFrom({ text: '' }, { text: '# AuthenticationMethods publickey' }, { text: '   ' });
const criterion = fc.oneof(
  fc.constantFrom('root', '*', 'root,daemon', '!root,*', 'ba?kup', '"sync"').map((list) => `User ${list}`),
  fc.constantFrom('root', 'daemon,backup', '!root,*', 'sy*', 'nogroup').map((list) => `Group ${list}`),
  fc
    .constantFrom('192.0.2.7', '10.0.0.0/8', '!10.0.0.0/8,*', '192.0.2.*', '2001:db8::/32', '127.0.0.1,::1', '*')
    .map((list) => `Address ${list}`),
  fc.constantFrom('client.example', '*.EXAMPLE', '!client.example,*').map((list) => `Host ${list}`),
  fc.constantFrom('192.0.2.1', '198.51.100.0/24').map((list) => `LocalAddress ${list}`),
  fc.constantFrom('22', '2222').map((port) => `LocalPort ${port}`),
);
const match = fc.oneof(
  fc
    .uniqueArray(criterion, { minLength: 1, maxLength: 3, selector: (text) => text.split(' ', 1)[0] })
    .map((list) => ({ text: `Match ${list.join(' ')}` })),
  fc.constantFrom({ text: 'match all' }, { text: 'Match User=root' }),
);
const body = fc.array(fc.oneof({ weight: 6, arbitrary: lineOf(values) }, { weight: 1, arbitrary: idle }), {
  maxLength: 6,
});
const included = fc
  .tuple(body, fc.array(fc.tuple(match, body), { maxLength: 2 }))
  .map(([head, blocks]) => [...head, ...blocks.flatMap(([first, rest]) => [first, ...rest])]);
const includeLine = fc.constantFrom(
  { text: 'Include @/a.conf' },
  { text: 'include "@/b.conf" @/none.conf' },
  { text: 'Include @/[ab].conf' },
  { text: 'Include @/d/*.conf' },
);
const part = fc.oneof(
  { weight: 6, arbitrary: lineOf(values) },
  { weight: 1, arbitrary: idle },
  { weight: 2, arbitrary: includeLine },
);
const config = fc.record({
  head: fc.array(fc.oneof({ weight: 4, arbitrary: part }, { weight: 1, arbitrary: lineOf(globals) }), { maxLength: 8 }),
  blocks: fc.array(fc.tuple(match, fc.array(part, { maxLength: 5 })), { maxLength: 4 }),
  a: included,
  b: included,
  c: included,
});
const connection = fc.record({
  user: fc.constantFrom(...accounts),
  host: fc.constantFrom('client.example', '192.0.2.7'),
  address: fc.constantFrom('192.0.2.7', '10.1.2.3', '127.0.0.1', '::1', '2001:db8::9'),
  localAddress: fc.constantFrom('192.0.2.1', '198.51.100.4'),
  localPort: fc.constantFrom(22, 2222),
});

function groupsOf(user: string): string[] {
  return spawnSync('id', ['-Gn', user], { encoding: 'utf8' }).stdout.trim().split(' ');
}

describe("sshd's configuration, read by us and by sshd", () => {
  let folder = '';
  before(function () {
    if (!existsSync(sshd) || process.getuid?.() !== 0) {
      console.error('skipped: it needs openssh-server and root');
      this.skip();
    }
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    folder = mkdtempSync(join(tmpdir(), 'affiant-sshd-'));
    mkdirSync(join(folder, 'd'));
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    assert.equal(made.status, 0);
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it(`come out the same for ${runs} random files and connections`, async function () {
    // No limit of the run's own: on a busy machine it would leave cases out.
    this.timeout(900_000);
    const groups = new Map(accounts.map((user) => [user, groupsOf(user)]));
    const host = openHost(localLinux()).host;
    let taken = 0;
    let number = 0;
    await fc.assert(
      fc.asyncProperty(config, connection, async (files, asked) => {
        // A door reads each path once in its life, so each case has a folder of its own.
        number += 1;
        const own = join(folder, String(number));
        mkdirSync(join(own, 'd'), { recursive: true });
        const write = (name: string, lines: readonly Line[]): void =>
          writeFileSync(join(own, name), lines.map(({ text }) => `${text.replaceAll('@/', `${own}/`)}\n`).join(''));
        write('a.conf', files.a);
        write('b.conf', files.b);
        write('d/c.conf', files.c);
        write('d/.hidden.conf', [{ text: 'PermitRootLogin no' }]);
        write('main', [
          { text: `HostKey ${folder}/key` },
          ...files.head,
          ...files.blocks.flatMap(([first, rest]) => [first, ...rest]),
        ]);
        const spec = `user=${asked.user},host=${asked.host},addr=${asked.address},laddr=${asked.localAddress},lport=${asked.localPort}`;
        const printed = spawnSync(sshd, ['-T', '-f', join(own, 'main'), '-C', spec], { encoding: 'utf8' });
        const directives = await readSshdConfig(host, join(own, 'main'));
        if (printed.status !== 0) return;
        taken += 1;
        assert.ok(directives.status === 'observed', JSON.stringify(directives));
        const full: Connection = { ...asked, groups: groups.get(asked.user) };
        const ours = effectiveSettings(directives.value, full);
        assert.ok(ours !== undefined, `sshd takes what we refuse\n${spec}`);
        const theirs = printedSettings(printed.stdout);
        // What is printed loses where a path has a blank.
        const sorted = (settings: ReadonlyMap<string, readonly string[]>): object =>
          Object.fromEntries([...settings].map(([name, words]) => [name, words.join(' ')]));
        assert.deepEqual(sorted(ours), sorted(theirs), spec);
        rmSync(own, { recursive: true });
      }),
      { numRuns: runs },
    );
    assert.ok(taken >= 300, `sshd took only ${taken} of the files`);
    console.error(`      ${taken} files that sshd takes, 0 differences`);
  });
});
