/** The deb in a small Debian with its own dpkg: installed, enrolled, upgraded, cut off, removed, purged. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notHere, theExecutable, theInstaller } from './built.ts';
import { DebianRoot } from './debian-root.ts';

describe('the deb', function () {
  this.timeout(300_000);
  let root: DebianRoot | undefined;
  let program = '';
  let endpoint: ChildProcess | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'affiant-deb-test-'));
  const machine = (): DebianRoot => {
    assert.ok(root);
    return root;
  };
  const inRoot = (path: string): string => join(machine().folder, path);
  const state = (): string => machine().digestOf('/var/lib/affiant');
  const status = (): string => machine().run('dpkg-query', '-W', '-f', '${Version} ${Status}', 'affiant').said;

  before(async function () {
    const missing =
      notHere() ?? (DebianRoot.isPrepared() ? undefined : 'no small Debian (run test/judges/debian-root.sh)');
    if (missing !== undefined) {
      process.stdout.write(`      skipped: ${missing}\n`);
      this.skip();
    }
    root = new DebianRoot();
    program = (await theExecutable('linux-x64')).file;
    for (const version of ['0.1.0', '0.1.1', '0.1.2'])
      copyFileSync(await theInstaller('deb', version), inRoot(`/a-${version}.deb`));
  });
  after(() => {
    endpoint?.kill('SIGKILL');
    root?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A real endpoint of the same executable, and one of its tokens. */
  async function token(): Promise<string> {
    const store = ['--state', join(folder, 'endpoint')];
    endpoint = spawn(program, ['serve', ...store, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
    assert.ok(endpoint.stdout);
    const [said] = (await once(endpoint.stdout, 'data')) as [Buffer];
    const url = /http:\/\/[\d.:]+/.exec(String(said))?.[0] ?? '';
    const file = join(folder, 'token');
    const made = spawnSync(program, ['token', 'create', ...store, '--endpoint', url, '--out', file], {
      encoding: 'utf8',
    });
    assert.equal(made.status, 0, made.stderr);
    return file;
  }

  it('installs without a question, and enrols with the token that lies in its place', async () => {
    mkdirSync(inRoot('/etc/affiant'));
    copyFileSync(await token(), inRoot('/etc/affiant/enrolment-token'));
    chmodSync(inRoot('/etc/affiant/enrolment-token'), 0o600);
    const { code, said } = machine().run('dpkg', '-i', '/a-0.1.0.deb');
    assert.equal(code, 0, said);
    assert.match(said, /enrolled at http:\/\/127\.0\.0\.1/);
    assert.equal(existsSync(inRoot('/etc/affiant/enrolment-token')), false, 'a spent token stays');
    assert.equal(machine().run('affiant', '--version').said, '0.1.0\n');
    assert.equal(machine().run('affiant', 'status', '--state', '/var/lib/affiant').code === 2, false);
    const { mode, uid, gid } = statSync(inRoot('/var/lib/affiant'));
    assert.equal(mode & 0o7777, 0o2750);
    const ids = machine().run('sh', '-c', 'id -u affiant; id -g affiant; id -Gn affiant-post').said.split('\n');
    assert.deepEqual([String(uid), String(gid), 'affiant-post affiant'], ids.slice(0, 3));
    assert.equal(statSync(inRoot('/var/lib/affiant/key.pem')).mode & 0o777, 0o600);
  });

  it('collects as the unit does, under the user that it made', () => {
    const { code, said } = machine().affiant('collect', '--only', 'host');
    assert.equal(code, 0, said);
    assert.equal(machine().list('/var/lib/affiant/spool').length, 1);
  });

  it('keeps state, key and changed configuration over an upgrade', () => {
    writeFileSync(inRoot('/etc/affiant/affiant.yaml'), 'spool: {keepPacks: 31}\n');
    writeFileSync(inRoot('/etc/affiant/conf.d/own.yaml'), 'spool: {keepPacks: 32}\n');
    const before = state();
    const { code, said } = machine().run('dpkg', '-i', '/a-0.1.1.deb');
    assert.equal(code, 0, said);
    assert.equal(status(), '0.1.1 install ok installed');
    assert.equal(state(), before);
    assert.equal(readFileSync(inRoot('/etc/affiant/affiant.yaml'), 'utf8'), 'spool: {keepPacks: 31}\n');
    assert.equal(existsSync(inRoot('/etc/affiant/conf.d/own.yaml')), true);
  });

  // What dpkg(1) tells in this order: while the old version's script runs, while files are unpacked, when all are there,
  // while the new version's script runs.
  const moments = {
    'before anything changed': /affiant: half-configured/,
    'in the middle of unpacking': /affiant: half-installed/,
    'when all was unpacked': /affiant: half-installed[^]*affiant: unpacked/,
    'while the script ran': /affiant: unpacked[^]*affiant: half-configured/,
  };
  for (const [moment, told] of Object.entries(moments))
    it(`mends an upgrade whose power was cut ${moment}`, async () => {
      const before = state();
      const child = machine().start('dpkg', '--status-fd', '1', '-i', '/a-0.1.2.deb');
      let said = '';
      await new Promise<void>((resolve, reject) => {
        child.on('close', () => reject(new Error(`it ended before: ${said}`)));
        child.stdout?.on('data', (data: Buffer) => {
          said += String(data);
          if (told.test(said)) resolve();
        });
      });
      child.removeAllListeners('close');
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
      assert.equal(state(), before);
      // Where files were being replaced dpkg asks for the package again; else it goes on where it was.
      machine().run('dpkg', '--configure', '-a');
      if (!status().endsWith('install ok installed')) machine().run('dpkg', '-i', '/a-0.1.2.deb');
      // The old version where nothing of it was replaced yet.
      assert.match(status(), /^0\.1\.[12] install ok installed$/);
      assert.equal(machine().run('dpkg', '--audit').said, '');
      assert.equal(machine().run('dpkg', '--verify', 'affiant').said, '??5?????? c /etc/affiant/affiant.yaml\n');
      assert.equal(state(), before);
      assert.equal(machine().run('dpkg', '-i', '/a-0.1.1.deb').code, 0);
    });

  it('goes on with nothing but dpkg --configure -a where it was unpacked and not configured', () => {
    const before = state();
    assert.equal(machine().run('dpkg', '--unpack', '/a-0.1.2.deb').code, 0);
    assert.equal(status(), '0.1.2 install ok unpacked');
    assert.equal(machine().run('dpkg', '--configure', '-a').code, 0);
    assert.equal(status(), '0.1.2 install ok installed');
    assert.equal(state(), before);
  });

  it('installs while the endpoint is away, says so, and keeps the token', () => {
    endpoint?.kill('SIGKILL');
    copyFileSync(join(folder, 'token'), inRoot('/etc/affiant/enrolment-token'));
    chmodSync(inRoot('/etc/affiant/enrolment-token'), 0o600);
    writeFileSync(inRoot('/etc/affiant/conf.d/own.yaml'), '');
    rmSync(inRoot('/var/lib/affiant/enrolment.json'));
    const { code, said } = machine().run('dpkg', '-i', '/a-0.1.2.deb');
    assert.equal(code, 0, said);
    assert.match(said, /not enrolled yet; \/etc\/affiant\/enrolment-token stays/);
    assert.equal(existsSync(inRoot('/etc/affiant/enrolment-token')), true);
  });

  it('leaves state and configuration when it is removed, and nothing at all when it is purged', () => {
    const before = state();
    assert.equal(machine().run('dpkg', '-r', 'affiant').code, 0);
    assert.equal(state(), before);
    assert.equal(existsSync(inRoot('/etc/affiant/affiant.yaml')), true);
    assert.deepEqual(
      machine()
        .traces()
        .filter((path) => !/^\/(?:etc|var\/lib)\/affiant|^\/var\/lib\/dpkg\//.test(path)),
      [],
    );
    const { code, said } = machine().run('dpkg', '-P', 'affiant');
    assert.equal(code, 0, said);
    assert.deepEqual(machine().traces(), []);
    assert.doesNotMatch(readFileSync(inRoot('/etc/passwd'), 'utf8'), /affiant/);
    assert.doesNotMatch(readFileSync(inRoot('/etc/group'), 'utf8'), /affiant/);
  });
});
