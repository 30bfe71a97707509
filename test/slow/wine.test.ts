/**
 * The agent itself as a Windows program, under Wine: it starts, asks the registry through reg.exe (Wine has
 * no PowerShell that answers), refuses a state folder that nobody vouches for, and makes a pack of a
 * recorded machine. Posting is not tried: undici needs another socket option under Wine 8 than on Windows.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const wine = '/usr/lib/wine/wine64';
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'affiant-test/wine-24.21.0');
const root = join(import.meta.dirname, '../..');
const windows = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

type Run = { readonly code: number | null; readonly out: string; readonly err: string };

describe('the agent under Wine', function () {
  this.timeout(240_000);
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
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: homedir(),
      WINEPREFIX: join(cache, 'prefix'),
      WINEDEBUG: '-all',
      NODE_SKIP_PLATFORM_CHECK: '1',
      WINEPATH: '',
    };
    const argv = [join(cache, 'node.exe'), windows(join(root, 'agent/cli/main.ts')), ...args];
    const child = spawn(wine, argv, { env, stdio: ['ignore', one, two], timeout: 200_000 });
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
});
