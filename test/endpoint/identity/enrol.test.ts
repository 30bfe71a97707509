import assert from 'node:assert/strict';
import { findKey } from '../../../endpoint/identity/known-keys.ts';
import { openRegistrar } from '../../../endpoint/identity/registrar.ts';
import { listTokens, revokeToken } from '../../../endpoint/identity/tokens.ts';
import { throwAwaySigner } from '../../../evidence/signing-key.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';
import { recordedKey, target } from '../../evidence/sample-records.ts';
import { both, describeStore } from '../store/test-store.ts';
import { assertTrue, enrolAt, later, ledgerOf, now, registrarOver, requestOf, tokenFor } from './identity-store.ts';

const at = now.toISOString();
const other = 'f'.repeat(32);

describeStore('enrolment', both, (test) => {
  it('makes a key known by a record that anybody can check, and uses the token up', async () => {
    const registrar = await registrarOver(test());
    const signer = throwAwaySigner();
    const token = await tokenFor(test(), { label: 'web1' });
    const done = valueOf(await enrolAt(test(), registrar, requestOf(token, signer)));
    assert.ok(done.kind === 'record');
    assert.deepEqual(done.value, { index: 1, standing: 'active' });
    const key = valueOf(await test().store.read((sql) => findKey(sql, signer.keyId)));
    assert.deepEqual([key?.standing, key?.targets, key?.label], ['active', [target], 'web1']);
    const stranger = enrolAt(test(), registrar, requestOf(token, throwAwaySigner(), { target: other }));
    assert.equal(codeOf(await stranger), 'token-used');
    await assertTrue(test());
  });

  it('keeps only a hash of the secret', async () => {
    const token = await tokenFor(test());
    const rows = valueOf(await test().store.read((sql) => sql.all('SELECT * FROM token')));
    assert.ok(!JSON.stringify(rows).includes(token.secret.slice('affiant-secret-'.length)));
    const hex = JSON.stringify(
      rows.map((row) =>
        Object.values(row).map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
        ),
      ),
    );
    assert.ok(!hex.includes(token.secret));
  });

  it('answers the same again to the same key with the same token, whatever became of the token', async () => {
    const registrar = await registrarOver(test());
    const signer = throwAwaySigner();
    const token = await tokenFor(test());
    const request = requestOf(token, signer);
    valueOf(await enrolAt(test(), registrar, request));
    for (const when of [at, later(48)]) {
      const again = valueOf(await enrolAt(test(), registrar, request, when));
      assert.deepEqual([again.kind, again.value], ['answer', { index: 1, standing: 'active' }]);
    }
    assert.equal((await ledgerOf(test())).entries.length, 2);
  });

  it('refuses a token that is wrong, expired, revoked or for another server, and keeps nothing of it', async () => {
    const registrar = await registrarOver(test());
    const signer = throwAwaySigner();
    const token = await tokenFor(test());
    const wrong = { ...token, secret: `affiant-secret-${'A'.repeat(43)}` };
    assert.equal(codeOf(await enrolAt(test(), registrar, requestOf(wrong, signer))), 'token-unknown');
    assert.equal(
      codeOf(await enrolAt(test(), registrar, requestOf({ ...token, id: '0'.repeat(16) }, signer))),
      'token-unknown',
    );
    assert.equal(codeOf(await enrolAt(test(), registrar, requestOf(token, signer), later(24))), 'token-expired');
    const elsewhere = await tokenFor(test(), { targets: [other] });
    assert.equal(codeOf(await enrolAt(test(), registrar, requestOf(elsewhere, signer))), 'target-mismatch');
    valueOf(await revokeToken(test().store, token.id, now));
    assert.equal(codeOf(await enrolAt(test(), registrar, requestOf(token, signer))), 'token-revoked');
    assert.equal((await ledgerOf(test())).entries.length, 1);
    assert.deepEqual(
      valueOf(await listTokens(test().store)).map(({ usedAt }) => usedAt),
      [undefined, undefined],
    );
  });

  it('refuses a proof that was made for another token, another address, or by another key', async () => {
    const registrar = await registrarOver(test());
    const [signer, thief] = [throwAwaySigner(), throwAwaySigner()];
    const [token, second] = [await tokenFor(test()), await tokenFor(test())];
    const replayed = { ...requestOf(second, signer), possession: requestOf(token, signer).possession };
    assert.equal(codeOf(await enrolAt(test(), registrar, replayed)), 'proof-invalid');
    const stolen = { ...requestOf(token, thief), key: recordedKey(signer) };
    assert.equal(codeOf(await enrolAt(test(), registrar, stolen)), 'proof-invalid');
    const moved = requestOf(token, signer, { endpoint: 'https://evil.example.org' });
    assert.equal(codeOf(await enrolAt(test(), registrar, moved)), 'endpoint-mismatch');
    const otherLog = requestOf({ ...token, logKey: '0'.repeat(64) }, signer);
    assert.equal(codeOf(await enrolAt(test(), registrar, otherLog)), 'proof-invalid');
  });

  it('begins no second list of records where the registrar key is another', async () => {
    await registrarOver(test());
    const stranger = await openRegistrar(test().store, {
      signer: throwAwaySigner(),
      logSigner: test().log.signer,
      now: () => now,
    });
    assert.equal(codeOf(stranger), 'registrar-key-other');
  });
});

/** SQLite waits for a lock without letting this process go on; its two processes are those of identity-kill.test.ts. */
describeStore('enrolment by two processes', ['postgres'], (test) => {
  it('is one of two that race for one token, in two processes', async () => {
    const signer = throwAwaySigner();
    const first = await registrarOver(test(), signer);
    const store = valueOf(await test().open());
    const second = await registrarOver(test(), signer, store);
    const token = await tokenFor(test());
    const results = await Promise.all(
      [first, second, first, second].map((registrar, index) =>
        enrolAt(test(), registrar, requestOf(token, throwAwaySigner(), { target: String(index).repeat(32) })),
      ),
    );
    assert.equal(results.filter((result) => result.ok).length, 1);
    assert.deepEqual(
      new Set(results.flatMap((result) => (result.ok ? [] : [result.refusal.code]))),
      new Set(['token-used']),
    );
    await store.close();
    await assertTrue(test());
  });

  it('numbers records without holes where two processes enrol at once', async () => {
    const signer = throwAwaySigner();
    const first = await registrarOver(test(), signer);
    const store = valueOf(await test().open());
    const second = await registrarOver(test(), signer, store);
    const tokens = await Promise.all(Array.from({ length: 8 }, () => tokenFor(test())));
    await Promise.all(
      tokens.map(async (token, index) =>
        valueOf(
          await enrolAt(
            test(),
            index % 2 === 0 ? first : second,
            requestOf(token, throwAwaySigner(), { target: index.toString(16).repeat(32) }),
          ),
        ),
      ),
    );
    await store.close();
    assert.equal((await ledgerOf(test())).entries.length, 9);
    await assertTrue(test());
  });
});
