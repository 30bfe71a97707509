import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../agent/config/load.ts';
import { must, refusalOf } from '../spool/bundles.ts';

describe('the folders of the configuration', () => {
  let home = '';
  let file = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'affiant-config-'));
    mkdirSync(join(home, 'etc'));
    file = join(home, 'etc', 'affiant.yaml');
    writeFileSync(file, 'spool:\n  keepPacks: 3\n', { mode: 0o600 });
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('are as safe as the file itself', async () => {
    assert.equal(must(await loadConfig(file)).settings.spool.keepPacks, 3);
  });

  it('are refused where others could replace the file, whether on its way or behind a link', async () => {
    chmodSync(join(home, 'etc'), 0o777);
    const refused = refusalOf(await loadConfig(file));
    assert.equal(refused.code, 'config-unsafe');
    assert.match(refused.message, /others can write to .*\/etc/);
    symlinkSync(file, join(home, 'link.yaml'));
    assert.equal(refusalOf(await loadConfig(join(home, 'link.yaml'))).code, 'config-unsafe');
    chmodSync(join(home, 'etc'), 0o755);
    must(await loadConfig(join(home, 'link.yaml')));
  });

  it('are refused for a file of conf.d, too', async () => {
    mkdirSync(join(home, 'etc', 'conf.d'));
    writeFileSync(join(home, 'etc', 'conf.d', 'a.yaml'), 'spool:\n  keepPacks: 4\n', { mode: 0o600 });
    assert.equal(must(await loadConfig(file)).settings.spool.keepPacks, 4);
    chmodSync(join(home, 'etc', 'conf.d'), 0o777);
    assert.equal(refusalOf(await loadConfig(file)).code, 'config-unsafe');
  });
});
