/** A batch file is run as other programs are, by the cmd.exe of Wine: Node alone starts none. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const wine = '/usr/lib/wine/wine64';
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'affiant-test/wine-24.21.0');
const windows = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

describe('a batch file under Wine', function () {
  this.timeout(240_000);
  let folder = '';
  before(function () {
    if (!existsSync(join(cache, 'ready')) || !existsSync(wine)) {
      process.stdout.write('      skipped: no Wine with Node for Windows (run test/judges/wine.sh)\n');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-wine-batch-'));
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('gets its arguments and gives its output and exit code, with blanks and brackets in its path', () => {
    const place = join(folder, 'Trend Micro (x86)');
    mkdirSync(place);
    const batch = join(place, 'dsa query.cmd');
    writeFileSync(batch, '@echo off\r\necho [%1] [%2] [%3]\r\nexit /b 7\r\n');
    const out = join(folder, 'out.json');
    const script = windows(join(import.meta.dirname, 'wine-batch-run.ts'));
    const argv = [join(cache, 'node.exe'), script, windows(out), windows(batch), '-c', 'GetAgentStatus'];
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: homedir(),
      WINEPREFIX: join(cache, 'prefix'),
      WINEDEBUG: '-all',
      NODE_SKIP_PLATFORM_CHECK: '1',
    };
    const ran = spawnSync(wine, argv, { env, stdio: 'ignore', timeout: 200_000 });
    assert.equal(ran.status, 0);
    assert.deepEqual(JSON.parse(readFileSync(out, 'utf8')), {
      stdout: '[-c] [GetAgentStatus] []\r\n',
      exitCode: 7,
      truncated: false,
    });
  });
});
