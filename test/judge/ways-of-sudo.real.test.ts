/**
 * What sudo itself lets somebody do without a password, beside what the judge says of the same rules. sudo runs in a
 * mount namespace of its own, over account files and rules that only it sees.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admins } from '../../collectors/admins/index.ts';
import { type RootVerdict, waysToRoot } from '../../judge/ways-to-root.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { fakeHost } from '../collectors/fake-host.ts';

const people = { bob: 4001, carol: 4002 };
const entries = Object.entries(people);
const own = {
  passwd: entries.map(([name, id]) => `${name}:x:${id}:${id}::/tmp:/bin/sh\n`).join(''),
  shadow: entries.map(([name]) => `${name}:!:20000:0:99999:7:::\n`).join(''),
  group: `${entries.map(([name, id]) => `${name}:x:${id}:\n`).join('')}ops:x:4010:bob\n`,
};

async function judged(sudoers: string): Promise<RootVerdict> {
  const { admins: found } = await admins.collect(
    fakeHost({
      restIsAbsent: true,
      stats: { '/usr/bin/sudo': {} },
      commands: { getcap: '', 'find-set-id': '4755\t0\t0\tf\t/usr/bin/sudo\0', 'find-writable-jobs': '' },
      files: {
        '/proc/net/tcp': '  sl  local_address rem_address   st\n',
        '/etc/passwd': `root:x:0:0::/root:/bin/sh\n${own.passwd}`,
        '/etc/group': `root:x:0:\n${own.group}`,
        '/etc/shadow': `root:*:20000::::::\n${own.shadow}`,
        '/etc/nsswitch.conf': 'passwd: files\ngroup: files\n',
        '/etc/sudoers': sudoers,
      },
    }),
    digests,
  );
  assert.ok(found);
  return waysToRoot(found);
}

type Case = { readonly rules: string; readonly command?: readonly string[]; readonly free: boolean };

/** `free`: whether the command, `sudo id` where none stands there, runs as root without a password. */
const cases: Readonly<Record<string, Case>> = {
  'a password for all': { rules: 'bob ALL=(ALL) ALL\n', free: false },
  'none for a user in another case': { rules: 'BOB ALL=(ALL) NOPASSWD: ALL\n', free: true },
  'none for a group by its number': { rules: '%#4010 ALL=(ALL) NOPASSWD: ALL\n', free: true },
  'a later rule that asks': { rules: 'bob ALL=(ALL) NOPASSWD: ALL\nbob ALL=(ALL) ALL\n', free: false },
  'a later rule that names no groups, asked with one': {
    rules: 'bob ALL=(ALL:ALL) NOPASSWD: ALL\nbob ALL=(ALL) ALL\n',
    command: ['-u', 'root', '-g', 'daemon', 'id', '-u'],
    free: true,
  },
  'a later rule that names all groups, asked with one': {
    rules: 'bob ALL=(ALL:ALL) NOPASSWD: ALL\nbob ALL=(ALL:ALL) ALL\n',
    command: ['-u', 'root', '-g', 'daemon', 'id', '-u'],
    free: false,
  },
  'no password for a command, and one for all after it': {
    rules: 'Defaults!ALL !authenticate\nDefaults authenticate\nbob ALL=(ALL) ALL\n',
    free: true,
  },
  'no password for a user, and one for all after it': {
    rules: 'Defaults:bob !authenticate\nDefaults authenticate\nbob ALL=(ALL) ALL\n',
    free: false,
  },
  'any variable for one command': {
    rules: 'Defaults setenv\nbob ALL=(root) NOPASSWD: /usr/bin/id ""\n',
    command: ['LD_PRELOAD=/nowhere.so', '/usr/bin/id'],
    free: true,
  },
  'no variable for one command': {
    rules: 'bob ALL=(root) NOPASSWD: /usr/bin/systemctl daemon-reexec\n',
    command: ['LD_PRELOAD=/nowhere.so', '/usr/bin/systemctl', 'daemon-reexec'],
    free: false,
  },
  'another who is root without a password': {
    rules: 'bob ALL=(carol) NOPASSWD: ALL\ncarol ALL=(ALL) NOPASSWD: ALL\n',
    command: ['-u', 'carol', 'sudo', '-n', 'id', '-u'],
    free: true,
  },
  'another who is asked': {
    rules: 'bob ALL=(carol) NOPASSWD: ALL\ncarol ALL=(ALL) ALL\n',
    command: ['-u', 'carol', 'sudo', '-n', 'id', '-u'],
    free: false,
  },
};

function missing(): string | undefined {
  if (process.geteuid?.() !== 0) return 'root';
  if (spawnSync('sudo', ['--version']).status !== 0) return 'sudo';
  return spawnSync('unshare', ['-m', 'true']).status === 0 ? undefined : 'a mount namespace';
}

const script = `
for file in passwd shadow group sudoers; do mount --bind "$1/$file" /etc/$file || exit 99; done
shift
exec setpriv --reuid=bob --regid=bob --init-groups sudo -n "$@"`;

/** Whether sudo ran it as root. */
function runs(rules: string, command: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-sudo-'));
  try {
    const write = (name: string, text: string, mode: number): void => {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), mode);
    };
    for (const [name, text] of Object.entries(own))
      write(name, readFileSync(`/etc/${name}`, 'utf8') + text, name === 'shadow' ? 0o600 : 0o644);
    write('sudoers', rules, 0o440);
    const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', folder, ...command], {
      encoding: 'utf8',
      input: '',
    });
    assert.notEqual(status, 99, stderr);
    assert.ok(status === 0 || /password is required|not allowed/.test(stderr), stderr);
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('ways to root by sudo', () => {
  for (const [title, { rules, free }] of Object.entries(cases))
    it(`are judged rightly: ${title}`, async () => {
      const { faults, accounts } = await judged(rules);
      const bob = faults.filter((fault) => fault.startsWith('bob '));
      assert.equal(bob.length > 0, free, faults.join('; '));
      assert.ok(accounts.some(({ name, local }) => name === 'bob' && local));
      assert.deepEqual(
        accounts.filter(({ local }) => !local).map(({ name }) => name),
        [],
      );
    });

  for (const [title, { rules, command = ['id', '-u'], free }] of Object.entries(cases))
    it(`are as sudo itself has them: ${title}`, function () {
      const why = missing();
      if (why !== undefined) {
        console.log(`      skipped: ${why} is missing`);
        this.skip();
      }
      assert.equal(runs(rules, command), free);
    });

  it('make no administrators of all where everybody is asked for the password of root, as SUSE ships it', async () => {
    const shipped = 'Defaults targetpw\nALL ALL=(ALL) ALL\nroot ALL=(ALL) ALL\n';
    const { outcome, accounts } = await judged(shipped);
    assert.equal(outcome, 'pass');
    const ofBob = accounts.find(({ name }) => name === 'bob')?.ways ?? [];
    assert.deepEqual(
      ofBob.map(({ reaches }) => reaches),
      ['no'],
    );
    for (const rules of [
      `${shipped}Defaults:bob !targetpw\n`,
      shipped.replace('Defaults', 'Defaults:carol'),
      shipped.replace('ALL ALL=(ALL) ALL', 'ALL ALL=(ALL) NOPASSWD: ALL'),
    ]) {
      const found = (await judged(rules)).accounts.find(({ name }) => name === 'bob');
      assert.ok(
        found?.ways.some(({ reaches }) => reaches === 'yes'),
        rules,
      );
    }
  });

  it('hold patterns of kept variables against somebody, and plain ones not', async () => {
    const kept = async (list: string) =>
      (await judged(`Defaults env_keep += "${list}"\nbob ALL=(root) NOPASSWD: /usr/bin/systemctl daemon-reexec\n`))
        .outcome;
    for (const list of ['LD_*', '*', 'LANG LD_AUDIT', 'PYTHON*', 'BASH_ENV=x*'])
      assert.equal(await kept(list), 'fail', list);
    for (const list of ['LANG LC_*', 'LS_COLORS DISPLAY', 'HTTP_PROXY']) assert.equal(await kept(list), 'pass', list);
  });
});
