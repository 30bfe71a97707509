/** Real programs on made files are the judges of our readers: getcap, find, ssh-keygen, last, doas. Each is skipped by name where it is missing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { localLinux } from '../../agent/host/local-linux.ts';
import { parseAuthorizedKeys } from '../../collectors/admins/authorized-keys.ts';
import { parseCvtsudoers } from '../../collectors/admins/cvtsudoers.ts';
import { parseDoas } from '../../collectors/admins/doas.ts';
import { parseFound } from '../../collectors/admins/find-output.ts';
import { parseGetcap } from '../../collectors/admins/getcap.ts';
import { admins } from '../../collectors/admins/index.ts';
import { layoutOf, parseWtmp } from '../../collectors/admins/login-records.ts';
import { parseSudoList } from '../../collectors/admins/sudo-list.ts';
import { shownText } from '../../judge/mfa/text.ts';
import { assertValid, digests } from '../collectors/each-source-denied.ts';

function run(program: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8', TZ: 'UTC', PATH: '/usr/bin:/usr/sbin' },
  });
  return { stdout, stderr, exitCode: status ?? -1, truncated: false };
}

function needs(context: Mocha.Context, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length === 0 && process.getuid?.() === 0) return;
  console.warn(`      skipped: ${missing.length > 0 ? `${missing.join(', ')} not installed` : 'not root'}`);
  context.skip();
}

describe('admins with real parts', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'admins-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads the capabilities that setcap set, from names with blanks too', function () {
    needs(this, '/usr/sbin/getcap', '/usr/sbin/setcap');
    for (const [name, text] of [
      ['plain', 'cap_setuid,cap_dac_override=ep'],
      ['with blank', 'cap_net_raw=+ep'],
      ['mixed', 'cap_net_admin=ep cap_sys_admin=ei'],
    ] as const) {
      copyFileSync('/bin/true', join(folder, name));
      assert.equal(run('/usr/sbin/setcap', text, join(folder, name)).exitCode, 0, text);
    }
    const files = parseGetcap(run('/usr/sbin/getcap', '-r', folder, '/nowhere'));
    assert.ok(files.ok, JSON.stringify(files));
    assert.deepEqual(
      files.value.map(({ path, capabilities }) => [
        path,
        shownText(capabilities)
          .split(/[=+ ,]/)
          .filter((word) => word.startsWith('cap_'))
          .toSorted(),
      ]),
      [
        [join(folder, 'mixed'), ['cap_net_admin', 'cap_sys_admin']],
        [join(folder, 'plain'), ['cap_dac_override', 'cap_setuid']],
        [join(folder, 'with blank'), ['cap_net_raw']],
      ],
    );
  });

  it('reads what find says of set-id programs, and that a folder was closed to it', function () {
    needs(this, '/usr/bin/find');
    const place = join(folder, 'setid\nlines');
    mkdirSync(place);
    copyFileSync('/bin/true', join(place, 'x y'));
    chmodSync(join(place, 'x y'), 0o4755);
    const format = String.raw`%m\t%U\t%G\t%y\t%p\0`;
    const found = parseFound(
      run('/usr/bin/find', place, '/nowhere', '-xdev', '-type', 'f', '-perm', '/6000', '-printf', format),
    );
    assert.deepEqual(found, {
      ok: true,
      value: [{ mode: 0o4755, uid: 0, gid: 0, type: 'f', path: join(place, 'x y') }],
    });
    chmodSync(place, 0o700);
    const denied = spawnSync('/usr/bin/find', [place, '-printf', format], {
      encoding: 'utf8',
      uid: 65534,
      env: { LC_ALL: 'C.UTF-8' },
    });
    assert.deepEqual(parseFound({ stdout: denied.stdout, stderr: denied.stderr, exitCode: 1, truncated: false }), {
      ok: false,
      reason: 'parts-denied',
    });
  });

  it('gives the fingerprints, types and lengths that ssh-keygen gives', function () {
    needs(this, '/usr/bin/ssh-keygen');
    for (const [type, bits] of [
      ['ed25519', '256'],
      ['rsa', '3072'],
      ['rsa', '2048'],
      ['ecdsa', '256'],
      ['ecdsa', '384'],
      ['ecdsa', '521'],
    ] as const) {
      const file = join(folder, `key-${type}-${bits}`);
      assert.equal(
        run('/usr/bin/ssh-keygen', '-q', '-t', type, '-b', bits, '-N', '', '-C', 'Jane Doe', '-f', file).exitCode,
        0,
      );
      const [, fingerprint] = run('/usr/bin/ssh-keygen', '-l', '-f', `${file}.pub`).stdout.split(' ');
      const [key] = parseAuthorizedKeys(`from="::1" ${readFileSync(`${file}.pub`, 'utf8')}`).keys;
      assert.equal(key?.bits, Number(bits));
      assert.equal(
        `SHA256:${Buffer.from(digests.sha256(key?.blob ?? new Uint8Array()))
          .toString('base64')
          .replace(/=+$/, '')}`,
        fingerprint,
      );
    }
  });

  it('finds in wtmp the logins that last finds', function () {
    needs(this, '/usr/bin/last');
    const layout = layoutOf(process.arch);
    assert.ok(layout);
    const record = (type: number, line: string, user: string, from: string, seconds: number): Buffer => {
      const bytes = Buffer.alloc(layout.utmp);
      bytes.writeInt16LE(type, 0);
      bytes.writeInt32LE(4242, 4);
      bytes.write(line, 8);
      bytes.write(user, 44);
      bytes.write(from, 76);
      if (layout.timeBytes === 4) bytes.writeUInt32LE(seconds, 340);
      else bytes.writeBigInt64LE(BigInt(seconds), 344);
      return bytes;
    };
    const file = join(folder, 'wtmp');
    writeFileSync(
      file,
      Buffer.concat([
        record(2, '~', 'reboot', '6.1', 1_790_000_000),
        record(7, 'pts/0', 'alice', '192.0.2.7', 1_790_000_100),
        record(7, 'pts/1', 'alice', 'host', 1_790_000_900),
      ]),
    );
    const ours = parseWtmp(readFileSync(file), layout);
    assert.ok(ours.ok);
    const theirs = run('/usr/bin/last', '-f', file, '--time-format', 'iso', '-w')
      .stdout.split('\n')
      .find((line) => line.startsWith('alice'));
    assert.deepEqual(
      ours.value.logins.map(({ name, terminal, from }) => `${name} ${terminal} ${from}`),
      ['alice pts/1 host'],
    );
    assert.ok(theirs?.includes('pts/1') === true && theirs.includes('host'), theirs);
    assert.ok(theirs.includes(new Date(1_790_000_900_000).toISOString().slice(0, 19)), theirs);
  });

  it('takes and refuses the files that doas takes and refuses', function () {
    needs(this, '/usr/bin/doas');
    const cases = [
      'permit nopass :wheel\n',
      'permit persist keepenv alice as root cmd /usr/bin/apk args update -q\n',
      'permit setenv { A=b -PATH } bob\n',
      'permit bob cmd reboot args\n',
      '# only\n\n',
      'permit \\\n nopass bob\n',
      'permit nopass \\\nbob\n',
      'permit nop\\\nass bob\n',
      'permit bob cmd a args cmd\n',
      'permit bob cmd a args "cmd"\n',
      'permit bob cmd a args {\n',
      'permit as\n',
      'permit ""\n',
      'permit bob#x\n',
      'permit keepenv setenv {} bob\n',
      'permit "the admin"\n',
      'permit\n',
      'allow bob\n',
      'permit bob extra\n',
      'permit setenv { A bob\n',
      'permit bob as\n',
      'permit "bob\n',
      'permit nopass persist bob\n',
    ];
    for (const [at, text] of cases.entries()) {
      const file = join(folder, `doas-${at}.conf`);
      writeFileSync(file, text, { mode: 0o600 });
      const taken = run('/usr/bin/doas', '-C', file).exitCode === 0;
      assert.equal(parseDoas(text, file).ok, taken, JSON.stringify(text));
    }
  });

  it('understands sudo on this machine, by its rules and by its own answer', function () {
    needs(this, '/usr/bin/sudo', '/usr/bin/cvtsudoers');
    const rules = parseCvtsudoers(run('/usr/bin/cvtsudoers', '-f', 'json', '/etc/sudoers').stdout);
    assert.ok(rules.ok && rules.value.length > 0);
    const root = parseSudoList(run('/usr/bin/sudo', '-n', '-l', '-U', 'root').stdout);
    assert.ok(root.ok && root.value.allowed);
    const { stdout, stderr } = run('/usr/bin/sudo', '-n', '-l', '-U', 'nobody');
    const nobody = parseSudoList(stdout === '' ? stderr : stdout);
    assert.deepEqual(nobody, { ok: true, value: { allowed: false, rules: [] } });
  });

  it('collects from this machine a valid document, without disagreeing with sudo', async () => {
    const began = performance.now();
    const drafts = await admins.collect(openHost(localLinux()).forCollector('admins').host, digests);
    assertValid(drafts, 'this machine');
    const rules = drafts.admins?.sudoRules;
    assert.ok(rules?.status !== 'observed' || rules.answers === undefined, JSON.stringify(rules));
    console.info(`      this machine: ${Math.round(performance.now() - began)} ms`);
  });
});
