import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { loadTrustedKeys } from '../../endpoint/trust.ts';
import { createPrivateKeyPem, throwAwaySigner } from '../../evidence/signing-key.ts';
import { codeOf, valueOf } from '../evidence/sample.ts';

describe('keys of the endpoint', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes the log key once, for its own user, and leaves nothing beside it', function () {
    const state = join(folder, 'endpoint');
    const first = valueOf(loadOrCreateLogKey(state, 'log.example'));
    assert.equal(valueOf(loadOrCreateLogKey(state, 'log.example')).verifierKey, first.verifierKey);
    assert.deepEqual(readdirSync(state), ['log-key.pem']);
    if (process.platform === 'win32') this.skip();
    assert.equal(statSync(join(state, 'log-key.pem')).mode & 0o777, 0o600);
    assert.equal(statSync(state).mode & 0o777, 0o700);
  });

  it('refuses a log key that others can read, and a damaged one, without quoting or replacing it', function () {
    if (process.platform === 'win32') this.skip();
    valueOf(loadOrCreateLogKey(folder, 'log.example'));
    const file = join(folder, 'log-key.pem');
    chmodSync(file, 0o644);
    assert.equal(codeOf(loadOrCreateLogKey(folder, 'log.example')), 'log-key-unsafe');
    chmodSync(file, 0o600);
    const damaged = readFileSync(file, 'utf8').slice(0, -40);
    writeFileSync(file, damaged);
    const refused = loadOrCreateLogKey(folder, 'log.example');
    assert.equal(codeOf(refused), 'key-unreadable');
    const secret = damaged.split('\n')[1] ?? '';
    assert.ok(
      !refused.ok && refused.refusal.message.includes(file) && !refused.refusal.message.includes(secret.slice(0, 20)),
    );
    assert.equal(readFileSync(file, 'utf8'), damaged);
  });

  it('refuses a folder that is a file', () => {
    writeFileSync(join(folder, 'x'), '');
    assert.equal(codeOf(loadOrCreateLogKey(join(folder, 'x'), 'log.example')), 'log-key-unreadable');
  });

  it('names the file of a trusted key that cannot be used', () => {
    const good = join(folder, 'good.pem');
    const signer = throwAwaySigner();
    writeFileSync(good, signer.publicKeyPem);
    assert.deepEqual([...valueOf(loadTrustedKeys([good, good])).keys()], [signer.keyId]);
    const bad: [string, string][] = [
      ['missing.pem', 'trust-key-unreadable'],
      ['folder', 'trust-key-unreadable'],
      ['garbage.pem', 'trust-key-invalid'],
      ['private.pem', 'trust-key-invalid'],
    ];
    writeFileSync(join(folder, 'garbage.pem'), 'x');
    const secret = createPrivateKeyPem();
    writeFileSync(join(folder, 'private.pem'), secret);
    mkdirSync(join(folder, 'folder'));
    for (const [name, code] of bad) {
      const refused = loadTrustedKeys([good, join(folder, name)]);
      assert.equal(codeOf(refused), code, name);
      assert.ok(!refused.ok && refused.refusal.message.includes(join(folder, name)));
      assert.ok(!refused.ok && !refused.refusal.message.includes(secret.split('\n')[1] ?? 'x'));
    }
  });
});
