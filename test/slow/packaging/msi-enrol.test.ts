/**
 * The msi under Wine with a PowerShell that answers (test/powershell/wine-bridge.ts): a silent installation with the path
 * of a token leaves a server that is enrolled and has a configuration to fill in. Wine 8 runs a copy of the executable
 * that differs in one name (runner.ts). Wine's icacls does nothing: whom the folders let in is not seen here.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultConfig } from '../../../agent/service/default-config.ts';
import { fileSha256 } from '../../../packaging/build/cache.ts';
import { findTool } from '../../../packaging/build/run-tool.ts';
import { type Runner, runnerFor, wineFolder } from '../../../packaging/build/runner.ts';
import { targets } from '../../../packaging/build/targets.ts';
import { missingForServiceHost } from '../../../packaging/service-host/build.ts';
import { buildMsi } from '../../../packaging/windows/msi.ts';
import { memberServer } from '../../collectors/windows/member-server.ts';
import { engineOrSkip } from '../../powershell/engine.ts';
import { openWineBridge, type WineBridge } from '../../powershell/wine-bridge.ts';
import { makeScene, type Scene } from '../identity-scene.ts';
import { theExecutable } from './built.ts';

describe('the msi with a token', function () {
  this.timeout(600_000);
  let folder = '';
  let runner: Runner | undefined;
  let bridge: WineBridge | undefined;
  let scene: Scene | undefined;
  const drive = (path: string): string => join(folder, 'prefix/drive_c', path);
  const home = (path: string): string => drive(`ProgramData/Affiant/${path}`);

  before(async function () {
    const prepared = wineFolder();
    const missing =
      (prepared === undefined ? 'no Wine (run test/judges/wine.sh)' : undefined) ??
      (findTool(['wixl']) === undefined ? 'no wixl (Debian: wixl)' : undefined) ??
      missingForServiceHost();
    const helper = join(prepared ?? '', 'powershell.exe');
    if (missing !== undefined || prepared === undefined || !existsSync(helper)) {
      process.stdout.write(`      skipped: ${missing ?? 'no compiler for Windows when test/judges/wine.sh ran'}\n`);
      this.skip();
    }
    const engine = engineOrSkip(this);
    folder = mkdtempSync(join(tmpdir(), 'affiant-msi-enrol-'));
    cpSync(join(prepared, 'prefix'), join(folder, 'prefix'), { recursive: true, verbatimSymlinks: true });
    const executable = await theExecutable('win-x64');
    const found = runnerFor(executable.target, executable.file, folder);
    assert.ok(!('missing' in found));
    runner = { ...found, env: { ...found.env, WINEPREFIX: join(folder, 'prefix') } };
    const copy = found.argv[1] ?? '';
    const patched = { target: targets['win-x64'], file: copy, sha256: fileSha256(copy) };
    buildMsi(patched, [], { version: '0.1.0', epochSeconds: 1_767_225_600 }, join(folder, 'a.msi'));
    const wine = found.argv[0] ?? '';
    bridge = await openWineBridge(engine, memberServer('en'), { wine, helper, env: { ...runner.env } });
    const place = drive('windows/system32/WindowsPowerShell/v1.0/powershell.exe');
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(helper, place);
    writeFileSync(drive('affiant-test.port'), `${bridge.port}\n`);
    scene = await makeScene();
    await scene.serve();
  });
  after(async () => {
    if (runner !== undefined) spawnSync('/usr/lib/wine/wineserver64', ['-k', '-w'], { env: runner.env });
    await scene?.remove();
    await bridge?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  async function install(...more: readonly string[]): Promise<void> {
    assert.ok(runner);
    const log = join(folder, 'said');
    const out = openSync(log, 'w');
    const argv = ['msiexec', '/i', runner.path(join(folder, 'a.msi')), '/qn', ...more];
    const child = spawn(runner.argv[0] ?? '', argv, { env: runner.env, stdio: ['ignore', out, out], timeout: 240_000 });
    const [code] = (await once(child, 'exit')) as [number | null];
    closeSync(out);
    assert.equal(code, 0, readFileSync(log, 'utf8'));
  }

  it('enrols without a question, and keeps the token out of what it leaves', async () => {
    assert.ok(scene !== undefined && runner !== undefined);
    const token = scene.token();
    const { secret } = JSON.parse(readFileSync(token, 'utf8')) as { secret: string };
    await install(`ENROLMENTTOKENFILE=${runner.path(token)}`);
    const note = JSON.parse(readFileSync(home('state/enrolment.json'), 'utf8')) as { endpoint: string };
    assert.match(note.endpoint, /^https?:\/\//);
    const keys = scene.operator('key', 'list', '--json');
    assert.equal((JSON.parse(keys.out) as object[]).length, 1, keys.out);
    assert.ok(!readFileSync(join(folder, 'prefix/system.reg'), 'latin1').includes(secret));
  });

  it('leaves a configuration that says nothing yet, and tells how to', () => {
    assert.equal(readFileSync(home('affiant.yaml'), 'utf8'), defaultConfig);
  });
});
