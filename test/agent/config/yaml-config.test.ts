import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../agent/config/load.ts';
import { parseConfig } from '../../../agent/config/yaml-config.ts';

function refused(text: string): string {
  const result = parseConfig(text, 'affiant.yaml');
  assert.ok(!result.ok);
  return result.refusal.message;
}

describe('a configuration that cannot be used', () => {
  it('is refused with file, line and what is expected', () => {
    assert.match(
      refused('collect:\n  disable: []\nendpoint:\n  url: ftp://x\n'),
      /^affiant\.yaml, line 4: endpoint\.url .*expected: .*Example: "https:/,
    );
    assert.match(refused('spool:\n  maxBytes: 12\n'), /line 2: spool\.maxBytes must be at least 65536; expected:/);
    assert.match(refused('collect:\n  disable:\n    - a\n    - B\n'), /line 4: collect\.disable\.1/);
  });

  it('names a setting that does not exist, at its own line', () => {
    assert.match(
      refused('endpoint:\n  url: https://x\n  tls: off\n'),
      /line 3: endpoint\.tls is not a setting; expected: one of .*caFile/,
    );
  });

  it('names a setting that is missing', () => {
    assert.match(refused('endpoint:\n  caFile: /x\n'), /endpoint lacks url/);
  });

  it('is refused for broken YAML, a key given twice, an alias', () => {
    assert.match(refused('a: [\n'), /line 2/);
    assert.match(refused('spool: {}\nspool: {}\n'), /line 2: Map keys must be unique/);
    assert.match(refused('spool: {}\n---\nspool: {}\n'), /line 2: a second YAML document begins; expected: one/);
    assert.match(refused('collect: &x\n  disable: []\nspool: *x\n'), /aliases/);
  });

  it('does not turn a member named __proto__ into a prototype', () => {
    assert.match(refused('__proto__:\n  polluted: true\n'), /__proto__ is not a setting/);
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });
});

describe('the configuration files', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-config-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function file(name: string, text: string, mode = 0o600): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  it('are merged, files of conf.d in the order of their names over the main one', async () => {
    const main = file('affiant.yaml', 'spool:\n  maxBytes: 100000\n  keepPacks: 3\n');
    mkdirSync(join(folder, 'conf.d'));
    file('conf.d/20.yaml', 'spool:\n  keepPacks: 5\n');
    file('conf.d/10.yaml', 'spool:\n  keepPacks: 4\n');
    file('conf.d/notes.txt', 'not: read\n');
    const loaded = await loadConfig(main);
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.value.settings.spool, { maxBytes: 100_000, keepPacks: 5 });
    assert.equal(loaded.value.files.length, 3);
  });

  it('are refused where others can write them', async () => {
    const loaded = await loadConfig(file('affiant.yaml', 'spool: {}\n', 0o666));
    assert.ok(!loaded.ok);
    assert.equal(loaded.refusal.code, 'config-unsafe');
    assert.match(loaded.refusal.remedy ?? '', /chmod go-w/);
  });

  it('are refused where they are not UTF-8', async () => {
    const path = join(folder, 'latin.yaml');
    writeFileSync(path, Buffer.from('# f\xfcr\nspool: {}\n', 'latin1'), { mode: 0o600 });
    const loaded = await loadConfig(path);
    assert.ok(!loaded.ok);
    assert.match(loaded.refusal.message, /latin\.yaml is not UTF-8/);
  });

  it('name files from their own folder, wherever npm lets the program stand', async () => {
    const loaded = await loadConfig(
      file('affiant.yaml', 'endpoint:\n  url: https://x\n  caFile: ca.pem\nserve:\n  keyFile: /etc/k.pem\n'),
    );
    assert.ok(loaded.ok);
    assert.equal(loaded.value.settings.endpoint?.caFile, join(folder, 'ca.pem'));
    assert.equal(loaded.value.settings.serve.keyFile, '/etc/k.pem');
  });

  it('are refused where one that was named is missing', async () => {
    const loaded = await loadConfig(join(folder, 'missing.yaml'));
    assert.ok(!loaded.ok);
    assert.match(loaded.refusal.message, /missing\.yaml cannot be read \(ENOENT\)/);
  });
});
