/**
 * The agent itself as a Windows program, under Wine: it starts, asks the registry through reg.exe (Wine has
 * no PowerShell that answers), refuses a state folder that nobody vouches for, and makes a pack of a
 * recorded machine. With a PowerShell (test/powershell/wine-bridge.ts) it enrols, collects, keeps what it signed in a
 * folder whose rules Wine tells, with keys that Wine's DPAPI seals, and posts to a real endpoint.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { memberServer } from '../collectors/windows/member-server.ts';
import { engineOrSkip } from '../powershell/engine.ts';
import { openWineBridge, type WineBridge } from '../powershell/wine-bridge.ts';
import { makeScene, type Scene } from './identity-scene.ts';

const wine = '/usr/lib/wine/wine64';
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'affiant-test/wine-24.21.0');
const root = join(import.meta.dirname, '../..');
const windows = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

const env = {
  PATH: '/usr/bin:/bin',
  HOME: homedir(),
  WINEPREFIX: join(cache, 'prefix'),
  WINEDEBUG: '-all',
  NODE_SKIP_PLATFORM_CHECK: '1',
  WINEPATH: '',
};

function readIfThere(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

type Run = { readonly code: number | null; readonly out: string; readonly err: string };

describe('the agent under Wine', function () {
  this.timeout(600_000);
  let folder = '';
  before(function () {
    if (!existsSync(join(cache, 'ready')) || !existsSync(wine)) {
      process.stdout.write('      skipped: no Wine with Node for Windows (run test/judges/wine.sh)\n');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-wine-'));
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  /** Wine gives programs files as their output; pipes it may break. */
  async function affiant(...args: readonly string[]): Promise<Run> {
    const [out, err] = [join(folder, 'out'), join(folder, 'err')];
    const [one, two] = [openSync(out, 'w'), openSync(err, 'w')];
    const argv = [join(cache, 'node.exe'), windows(join(root, 'agent/cli/affiant.mjs')), ...args];
    const child = spawn(wine, argv, { env, stdio: ['ignore', one, two], timeout: 300_000 });
    const [code] = (await once(child, 'exit')) as [number | null];
    closeSync(one);
    closeSync(two);
    return { code, out: readFileSync(out, 'utf8'), err: readFileSync(err, 'utf8') };
  }

  it('starts, reads the registry by a program that it runs, and says what PowerShell would have told', async () => {
    const { code, out } = await affiant('doctor', '--format', 'json');
    assert.equal(code, 0);
    const { facts } = JSON.parse(out) as { facts: { fact: string; status: string }[] };
    const status = new Map(facts.map(({ fact, status: each }) => [fact, each]));
    for (const seen of ['host.hostname', 'host.os', 'host.machineId', 'host.timeZone', 'updates.osBuild'])
      assert.equal(status.get(seen), 'observed', seen);
    for (const unseen of ['host.powershell', 'host.domainRole', 'updates.hotfixes', 'updates.windowsUpdateHistory'])
      assert.match(status.get(unseen) ?? '', /^(?:failed|unsupported)$/, unseen);
    const absent = facts.filter(({ fact, status: each }) => each === 'absent' && fact.startsWith('updates.'));
    assert.deepEqual(
      absent
        .map(({ fact }) => fact)
        .filter((fact) => !fact.startsWith('updates.exchange') && fact !== 'updates.sqlInstances'),
      [],
    );
  });

  it('refuses a state folder of which nobody can say who may change it', async () => {
    const { code, err } = await affiant('collect', '--only', 'host', '--state', windows(join(folder, 'state')));
    assert.notEqual(code, 0);
    assert.match(err, /who may change .*PowerShell did not answer|access rules/);
  });

  it('makes a pack of a recorded Windows machine', async () => {
    const pack = join(folder, 'pack.json');
    const recording = windows(join(root, 'test/fixtures/machines/windows-2019-de'));
    const made = await affiant('collect', '--host', `replay:${recording}`, '--out', windows(pack));
    assert.equal(made.code, 0, made.err);
    assert.equal(
      (JSON.parse(readFileSync(pack, 'utf8')) as { mediaType: string }).mediaType,
      'application/vnd.affiant.pack.v1+json',
    );
  });

  describe('with a PowerShell that answers', () => {
    const drive = join(cache, 'prefix/drive_c');
    const place = join(drive, 'windows/system32/WindowsPowerShell/v1.0/powershell.exe');
    const port = join(drive, 'affiant-test.port');
    const home = join(drive, 'ProgramData/Affiant');
    const state = String.raw`C:\ProgramData\Affiant\state`;
    const icacls = join(drive, 'windows/system32/icacls.exe');
    const wines = readIfThere(icacls);
    let bridge: WineBridge | undefined;
    let scene: Scene | undefined;
    before(async function () {
      const engine = engineOrSkip(this);
      const helper = join(cache, 'powershell.exe');
      if (!existsSync(helper)) {
        process.stdout.write(
          '      skipped: no compiler for Windows (gcc-mingw-w64-x86-64, then test/judges/wine.sh)\n',
        );
        this.skip();
      }
      bridge = await openWineBridge(engine, memberServer('en'), { wine, helper, env: { ...env } });
      mkdirSync(dirname(place), { recursive: true });
      for (const each of [place, icacls]) copyFileSync(helper, each);
      writeFileSync(port, `${bridge.port}\n`);
      rmSync(home, { recursive: true, force: true });
      scene = await makeScene();
      await scene.serve();
    });
    after(async () => {
      await scene?.remove();
      await bridge?.close();
      for (const path of [place, port, home]) rmSync(path, { recursive: true, force: true });
      if (wines !== undefined) writeFileSync(icacls, wines);
    });

    it('enrols, collects, keeps and posts, and the receipt verifies', async () => {
      assert.ok(scene !== undefined && bridge !== undefined);
      const enrolled = await affiant('enroll', '--token-file', windows(scene.token()), '--state', state);
      assert.equal(enrolled.code, 0, enrolled.err);
      // As an administrator would: it is read, and not refused, in the folder that enrolment made.
      writeFileSync(join(home, 'affiant.yaml'), 'collect:\n  disable: [admins]\n');
      const collected = await affiant('collect', '--only', 'host,admins', '--state', state);
      assert.equal(collected.code, 0, collected.err);
      const folderOf = (name: string): string[] => readdirSync(join(home, 'state', name));
      assert.equal(folderOf('spool').length, 1);
      assert.match(collected.out, /the configuration switches it off/);
      const posted = await affiant('post', '--state', state);
      assert.equal(posted.code, 0, posted.err);
      assert.deepEqual(folderOf('spool'), []);
      const [name = ''] = folderOf('packs');
      const pack = join(home, 'state/packs', name);
      const { receipt } = JSON.parse(readFileSync(pack, 'utf8')) as { receipt?: unknown };
      assert.ok(receipt !== undefined);
      const logKey = join(scene.endpointState, 'endpoint/log.vkey');
      const verified = scene.plain('verify', pack, '--key', join(home, 'state/public.pem'), '--log-key', logKey);
      assert.equal(verified.code, 0, verified.out + verified.err);
    });

    it('lets nobody else into the folder of configuration and state, which it made without an installer', () => {
      // Wine shows a rule for everybody as the rights of others.
      for (const path of [home, join(home, 'state')]) assert.equal(statSync(path).mode & 0o007, 0, path);
      assert.deepEqual(readdirSync(home), ['affiant.yaml', 'state']);
    });

    it('keeps its key under DPAPI, and says so in what it signs', () => {
      assert.match(readFileSync(join(home, 'state/key.pem'), 'latin1'), /^affiant-sealed\/1 /);
      const [name = ''] = readdirSync(join(home, 'state/packs'));
      const { bundle } = JSON.parse(readFileSync(join(home, 'state/packs', name), 'utf8')) as {
        bundle: { dsseEnvelope: { payload: string } };
      };
      const statement: unknown = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8'));
      assert.match(JSON.stringify(statement), /"protection":"dpapi"/);
    });

    it('refuses the same folder once everybody may write to it, by what Windows says of its rules', async () => {
      chmodSync(join(home, 'state'), 0o777);
      const { code, err } = await affiant('post', '--state', state);
      assert.notEqual(code, 0);
      assert.match(err, /belongs to WD, or lets it change what is in it/);
    });
  });
});
