/**
 * The msi under Wine, with its own Windows Installer and service manager: installed, upgraded, removed. Wine 8 cannot
 * run the executable as it is (runner.ts), so that the msi is built around a copy which differs in one name. Wine has
 * no PowerShell that vouches for a state folder: what enrolment does there is not seen here.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
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
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileSha256 } from '../../../packaging/build/cache.ts';
import { findTool } from '../../../packaging/build/run-tool.ts';
import { type Runner, runnerFor, wineFolder } from '../../../packaging/build/runner.ts';
import { targets } from '../../../packaging/build/targets.ts';
import { missingForServiceHost } from '../../../packaging/service-host/build.ts';
import { buildMsi } from '../../../packaging/windows/msi.ts';
import { theExecutable } from './built.ts';

describe('the msi', function () {
  this.timeout(300_000);
  let folder = '';
  let runner: Runner | undefined;
  const msi = (version: string): string => join(folder, `a-${version}.msi`);
  const drive = (path: string): string => join(folder, 'prefix/drive_c', path);
  const program = 'Program Files/Affiant/affiant.exe';

  before(async function () {
    const missing =
      (wineFolder() === undefined ? 'no Wine (run test/judges/wine.sh)' : undefined) ??
      (findTool(['wixl']) === undefined ? 'no wixl (Debian: wixl)' : undefined) ??
      missingForServiceHost();
    if (missing !== undefined) {
      process.stdout.write(`      skipped: ${missing}\n`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-msi-test-'));
    cpSync(join(wineFolder() ?? '', 'prefix'), join(folder, 'prefix'), { recursive: true, verbatimSymlinks: true });
    const executable = await theExecutable('win-x64');
    const found = runnerFor(executable.target, executable.file, folder);
    assert.ok(!('missing' in found));
    runner = { ...found, env: { ...found.env, WINEPREFIX: join(folder, 'prefix') } };
    const patched = { target: targets['win-x64'], file: found.argv[1] ?? '', sha256: fileSha256(found.argv[1] ?? '') };
    for (const version of ['0.1.0', '0.1.1'])
      buildMsi(patched, [], { version, epochSeconds: 1_767_225_600 }, msi(version));
  });
  after(() => {
    if (runner !== undefined) spawnSync('/usr/lib/wine/wineserver64', ['-k', '-w'], { env: runner.env });
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  async function wine(...argv: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
    assert.ok(runner);
    const out = openSync(join(folder, 'said'), 'w');
    const child = spawn(runner.argv[0] ?? '', argv, { env: runner.env, stdio: ['ignore', out, out], timeout: 120_000 });
    const [code] = (await once(child, 'exit')) as [number | null];
    closeSync(out);
    return { code, out: readFileSync(join(folder, 'said'), 'utf8') };
  }
  /** Windows Installer waits for a service that ends its turn first; Wine's does not, and can neither start the new one nor remove its file. */
  async function stopped(): Promise<void> {
    await wine('net', 'stop', 'Affiant');
    for (const end = Date.now() + 60_000; Date.now() < end; await setTimeout(500))
      if (/STATE +: 1 /.test((await wine('sc', 'query', 'Affiant')).out)) return;
    assert.fail('the service did not stop within a minute');
  }
  const windows = (path: string): string => runner?.path(path) ?? path;

  it('puts program and service in place without a question', async () => {
    const { code, out } = await wine('msiexec', '/i', windows(msi('0.1.0')), '/qn');
    assert.equal(code, 0, out);
    assert.equal(fileSha256(drive(program)), fileSha256(runner?.argv[1] ?? ''));
    assert.equal((await wine(windows(drive(program)), '--version')).out.trim(), '0.1.0');
    // Wine's sc has no qc; what the service manager starts stands in the registry.
    const service = await wine('reg', 'query', 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Affiant', '/v', 'ImagePath');
    assert.match(service.out, /affiant-service\.exe"? --every 24h/, service.out);
  });

  it('keeps state and configuration over an upgrade and a removal, and leaves nothing else', async () => {
    mkdirSync(drive('ProgramData/Affiant/state'), { recursive: true });
    writeFileSync(drive('ProgramData/Affiant/affiant.yaml'), 'spool: {keepPacks: 31}\n');
    writeFileSync(drive('ProgramData/Affiant/state/key.bin'), 'a key');
    const kept = (): string[] =>
      ['affiant.yaml', 'state/key.bin'].map((name) => readFileSync(drive(`ProgramData/Affiant/${name}`), 'utf8'));
    const before = kept();
    await stopped();
    const upgraded = await wine('msiexec', '/i', windows(msi('0.1.1')), '/qn');
    assert.equal(upgraded.code, 0, upgraded.out);
    assert.equal(existsSync(drive(program)), true);
    assert.deepEqual(kept(), before);
    await stopped();
    const removed = await wine('msiexec', '/x', windows(msi('0.1.1')), '/qn');
    assert.equal(removed.code, 0, removed.out);
    assert.equal(existsSync(drive('Program Files/Affiant')), false);
    assert.notEqual((await wine('sc', 'query', 'Affiant')).code, 0);
    assert.deepEqual(kept(), before);
  });
});
