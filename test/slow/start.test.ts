import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { affiant } from '../agent/cli/run-cli.ts';

describe('affiant start on this very server', function () {
  this.timeout(300_000);
  let folder: string;

  before(function () {
    // Named by the reporter: nothing is collected on other platforms yet.
    if (process.platform !== 'linux') this.skip();
    folder = mkdtempSync(join(tmpdir(), 'affiant-start-'));
  });

  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it('goes the whole way, and the second time tells what changed for less than 4 KB', () => {
    const state = join(folder, 'twice');
    const first = affiant(['start', '--state', state]);
    assert.equal(first.code, 0, first.err + first.out);
    assert.equal(first.err, '');
    // The log's own first record is the registrar's.
    assert.match(first.out, /Receipt +number 1 of a log of 2\n/);
    assert.match(first.out, /Verified +offline, from the file alone: signature, documents, receipt\n/);
    assert.doesNotMatch(first.out, /What changed/);
    const second = affiant(['start', '--state', state]);
    assert.equal(second.code, 0, second.err + second.out);
    assert.match(second.out, /What changed since \d{4}-/);
    const [, bytes = ''] = /Posted +([\d,]+) bytes/.exec(second.out) ?? [];
    assert.ok(Number(bytes.replaceAll(',', '')) < 4096, bytes);
    const packs = readdirSync(join(state, 'packs')).map((name) => join(state, 'packs', name));
    assert.equal(packs.length, 2);
    const keys = ['--key', join(state, 'public.pem'), '--log-key', join(state, 'endpoint', 'log.vkey')];
    assert.equal(affiant(['verify', ...packs, ...keys]).code, 0);
  });

  it('ends with 4 where the endpoint is down, and keeps the pack', () => {
    const state = join(folder, 'down');
    const config = join(folder, 'down.yaml');
    writeFileSync(config, 'endpoint:\n  url: http://127.0.0.1:9\n', { mode: 0o600 });
    const { code, out } = affiant(['start', '--state', state, '--config', config]);
    assert.equal(code, 4, out);
    assert.match(out, /there is no receipt yet/);
    assert.equal(readdirSync(join(state, 'spool')).length, 1);
  });

  it('ends with 1 where the endpoint refuses the bundle for good, and names the file in quarantine', () => {
    const state = join(folder, 'refused');
    assert.equal(affiant(['start', '--state', state]).code, 0);
    const file = join(state, 'target.json');
    const note = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...note, last: { id: '0'.repeat(32), basis: 'state' } }));
    const { code, out } = affiant(['start', '--state', state]);
    assert.equal(code, 1, out);
    assert.match(out, /refused for good \(target-mismatch\)/);
    assert.match(out, /Pack +\S+\/quarantine\//);
    assert.match(affiant(['start', '--state', state]).out, /! bundle 1 of chain \w+: the endpoint refused it for good/);
  });
});
