import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadOrCreateKeys, loadPublicKey } from '../../../agent/spool/keys.ts';
import { append } from '../../../agent/spool/spool.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import { must, ready, refusalOf, sampleDocuments, scratchFolder, signFor } from './bundles.ts';

describe('the keys in the state folder', () => {
  let home: string;
  let folder: string;
  let state: State;
  const path = (name: string): string => join(folder, name);
  beforeEach(() => {
    home = scratchFolder();
    folder = join(home, 'state');
    state = must(openState(folder, { create: true, now: () => new Date() }));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('are made once, for their owner alone, and are the same from then on', () => {
    const first = must(loadOrCreateKeys(state));
    const second = must(loadOrCreateKeys(state));
    assert.equal(second.signer.keyId, first.signer.keyId);
    assert.deepEqual(second.blindKey, first.blindKey);
    assert.equal(first.blindKey.length, 32);
    for (const name of ['key.pem', 'blind.key']) assert.equal(statSync(path(name)).mode & 0o777, 0o600);
    assert.equal(must(loadPublicKey(state)).keyId, first.signer.keyId);
  });

  it('are finished where a crash came between them', () => {
    const { signer } = must(loadOrCreateKeys(state));
    rmSync(path('blind.key'));
    rmSync(path('public.pem'));
    assert.equal(must(loadOrCreateKeys(state)).signer.keyId, signer.keyId);
    assert.equal(must(loadPublicKey(state)).keyId, signer.keyId);
  });

  for (const name of ['key.pem', 'blind.key'])
    it(`are never made again in silence: ${name} is gone, but evidence was signed`, () => {
      const { signer } = must(loadOrCreateKeys(state));
      must(append(state, (link) => signFor(signer, link, sampleDocuments('one'))));
      rmSync(path(name));
      const refusal = refusalOf(loadOrCreateKeys(state));
      assert.equal(refusal.code, 'key-lost');
      assert.match(refusal.message, new RegExp(name));
      rmSync(path('chain.json'));
      assert.equal(refusalOf(loadOrCreateKeys(state)).code, 'key-lost');
      assert.throws(() => statSync(path(name)), { code: 'ENOENT' });
    });

  it('are refused where one was cut short, without a word of its content', () => {
    must(loadOrCreateKeys(state));
    const secret = readFileSync(path('key.pem'), 'utf8');
    for (const length of [0, 1, 60, secret.length - 40]) {
      writeFileSync(path('key.pem'), secret.slice(0, length));
      const refusal = refusalOf(loadOrCreateKeys(state));
      assert.equal(refusal.code, 'key-unreadable');
      assert.match(refusal.message, /key\.pem/);
      assert.ok(!JSON.stringify(refusal).includes(secret.slice(30, 50)));
    }
    writeFileSync(path('key.pem'), secret);
    truncateSync(path('blind.key'), 31);
    assert.equal(refusalOf(loadOrCreateKeys(state)).code, 'key-unreadable');
  });

  for (const mode of [0o640, 0o604, 0o660, 0o666])
    it(`are refused where others could open one (mode ${mode.toString(8)})`, () => {
      must(loadOrCreateKeys(state));
      chmodSync(path('key.pem'), mode);
      const refusal = refusalOf(loadOrCreateKeys(state));
      assert.equal(refusal.code, 'secret-exposed');
      assert.match(refusal.remedy ?? '', /chmod 0600/);
    });

  it('are refused where one is a symbolic link', () => {
    const { signer } = must(loadOrCreateKeys(state));
    writeFileSync(join(home, 'elsewhere.pem'), readFileSync(path('key.pem')), { mode: 0o600 });
    rmSync(path('key.pem'));
    symlinkSync(join(home, 'elsewhere.pem'), path('key.pem'));
    assert.equal(refusalOf(loadOrCreateKeys(state)).code, 'secret-exposed');
    assert.ok(signer.keyId.length === 64);
  });

  it('need not be there for a folder that never signed to be looked at, and are named where they are missing', () => {
    assert.equal(refusalOf(loadPublicKey(state)).code, 'key-lost');
    const { signer } = ready(folder);
    assert.equal(must(loadPublicKey(state)).keyId, signer.keyId);
  });
});
