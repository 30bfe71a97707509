import assert from 'node:assert/strict';
import { enrolByOperator } from '../../../endpoint/identity/enrol.ts';
import { approve, revoke, rotate } from '../../../endpoint/identity/key-acts.ts';
import { makeKeyRing } from '../../../endpoint/identity/key-ring.ts';
import { findKey } from '../../../endpoint/identity/known-keys.ts';
import { createToken, listTokens, revokeToken } from '../../../endpoint/identity/tokens.ts';
import { signRotation } from '../../../evidence/rotation.ts';
import { type Signer, throwAwaySigner } from '../../../evidence/signing-key.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';
import { recordedKey } from '../../evidence/sample-records.ts';
import { both, describeStore } from '../store/test-store.ts';
import { assertTrue, enrolAt, enrolled, later, now, registrarOver, requestOf, tokenFor } from './identity-store.ts';

const at = now.toISOString();
const other = 'f'.repeat(32);

describeStore('a key that lost its state', both, (test) => {
  it('waits until a person approves it as the successor, and then the old key has ended', async () => {
    const registrar = await registrarOver(test());
    const ring = makeKeyRing(test().store, new Map(), () => now);
    const lost = await enrolled(test(), registrar);
    const anew = throwAwaySigner();
    const token = await tokenFor(test());
    const done = valueOf(await enrolAt(test(), registrar, requestOf(token, anew)));
    assert.equal(done.value.standing, 'pending');
    const kind = async (signer: Signer): Promise<string> => {
      ring.forget(signer.keyId);
      const found = valueOf(await ring.find(signer.keyId));
      return found.kind === 'refused' ? found.code : found.kind;
    };
    assert.deepEqual([await kind(lost), await kind(anew)], ['known', 'key-pending']);
    valueOf(await approve(registrar, { keyId: anew.keyId, operator: 'jane', at }));
    assert.deepEqual([await kind(lost), await kind(anew)], ['key-superseded', 'known']);
    assert.equal(codeOf(await approve(registrar, { keyId: anew.keyId, operator: 'jane', at })), 'key-not-pending');
    await assertTrue(test());
  });

  it('needs nobody where the old key was revoked before', async () => {
    const registrar = await registrarOver(test());
    const lost = await enrolled(test(), registrar);
    valueOf(await revoke(registrar, { keyId: lost.keyId, operator: 'jane', reason: 'disk broke', at }));
    const anew = await enrolled(test(), registrar);
    const key = valueOf(await test().store.read((sql) => findKey(sql, anew.keyId)));
    assert.equal(key?.standing, 'active');
    await assertTrue(test());
  });
});

describeStore('a rotation', both, (test) => {
  const origin = 'log.affiant.example';

  it('hands standing over, and answers the same when it is asked again', async () => {
    const registrar = await registrarOver(test());
    const old = await enrolled(test(), registrar);
    const next = throwAwaySigner();
    const { bundle } = signRotation(old, next, { log: origin, at });
    const done = valueOf(await rotate(registrar, bundle, { origin, at }));
    assert.equal(done.kind, 'record');
    const again = valueOf(await rotate(registrar, bundle, { origin, at: later(1) }));
    assert.deepEqual([again.kind, again.value], ['answer', done.value]);
    const ring = makeKeyRing(test().store, new Map(), () => now);
    const found = valueOf(await ring.find(next.keyId));
    assert.ok(found.kind === 'known');
    assert.deepEqual(found.key.line, [old.keyId, next.keyId]);
    assert.equal(valueOf(await ring.find(old.keyId)).kind, 'known', 'what waits in the spool is taken for a while');
    const afterwards = makeKeyRing(test().store, new Map(), () => new Date(later(24 * 31)));
    assert.equal(valueOf(await afterwards.find(old.keyId)).kind, 'refused');
    await assertTrue(test());
  });

  it('is refused from a key that has ended, to a key that is known, and for another log', async () => {
    const registrar = await registrarOver(test());
    const old = await enrolled(test(), registrar);
    const neighbour = await enrolled(test(), registrar, other);
    const [next, third] = [throwAwaySigner(), throwAwaySigner()];
    const ask = (from: Signer, to: Signer, log = origin) =>
      rotate(registrar, signRotation(from, to, { log, at }).bundle, { origin, at });
    assert.equal(codeOf(await ask(throwAwaySigner(), next)), 'key-unknown');
    assert.equal(codeOf(await ask(old, neighbour)), 'key-enrolled');
    assert.equal(codeOf(await ask(old, next, 'other.example')), 'log-mismatch');
    valueOf(await ask(old, next));
    assert.equal(codeOf(await ask(old, third)), 'key-superseded');
    valueOf(await revoke(registrar, { keyId: next.keyId, operator: 'jane', reason: 'stolen', at }));
    assert.equal(codeOf(await ask(next, third)), 'key-revoked');
    await assertTrue(test());
  });
});

describeStore('the operator', both, (test) => {
  it('enters the key of a person, and revokes it', async () => {
    const registrar = await registrarOver(test());
    const jane = throwAwaySigner();
    const entry = {
      key: recordedKey(jane),
      role: 'officer',
      targets: [],
      person: { name: 'Jane Doe', kinds: ['claim'] },
      at,
    } as const;
    valueOf(await enrolByOperator(registrar, { ...entry, person: { name: 'Jane Doe', kinds: ['claim'] } }));
    assert.equal(
      codeOf(await enrolByOperator(registrar, { ...entry, person: { name: 'Jane Doe', kinds: ['claim'] } })),
      'key-enrolled',
    );
    valueOf(await revoke(registrar, { keyId: jane.keyId, operator: 'op', reason: 'left', at, compromisedSince: at }));
    assert.equal(
      codeOf(await revoke(registrar, { keyId: jane.keyId, operator: 'op', reason: 'left', at })),
      'key-revoked',
    );
    assert.equal(
      codeOf(await revoke(registrar, { keyId: 'a'.repeat(64), operator: 'op', reason: 'x', at })),
      'key-unknown',
    );
    await assertTrue(test());
  });

  it('lists tokens, and takes back one that is not used', async () => {
    const registrar = await registrarOver(test());
    const [used, free] = [
      await tokenFor(test()),
      valueOf(
        await createToken(
          test().store,
          {
            role: 'sweeper',
            targets: ['*'],
            endpoint: 'https://e.example',
            pins: [],
            logKey: 'x',
            expiresAt: later(1),
          },
          now,
        ),
      ),
    ];
    valueOf(await enrolAt(test(), registrar, requestOf(used, throwAwaySigner())));
    assert.equal(codeOf(await revokeToken(test().store, used.id, now)), 'token-used');
    assert.equal(codeOf(await revokeToken(test().store, 'nope', now)), 'token-unknown');
    valueOf(await revokeToken(test().store, free.id, now));
    valueOf(await revokeToken(test().store, free.id, now));
    const states = new Map(valueOf(await listTokens(test().store)).map((token) => [token.id, token]));
    assert.ok(states.get(used.id)?.usedAt !== undefined && states.get(free.id)?.revokedAt !== undefined);
  });
});
