/** The registrar's key is changed in place: records before and after prove in one sequence, and the old key signs no more. */
import assert from 'node:assert/strict';
import { openRegistrar, type Registrar } from '../../../endpoint/identity/registrar.ts';
import { openLedger } from '../../../evidence/ledger.ts';
import { registrarDraft } from '../../../evidence/record.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { type Signer, throwAwaySigner } from '../../../evidence/signing-key.ts';
import { codeOf, sampleLog, valueOf } from '../../evidence/sample.ts';
import { enrolment, sampleRegistrar } from '../../evidence/sample-records.ts';
import { describeStore, type TestStore } from '../store/test-store.ts';
import { assertTrue, enrolAt, enrolled, ledgerOf, now, registrarOver, requestOf, tokenFor } from './identity-store.ts';

const other = (digit: string): string => digit.repeat(32);

describeStore('a new registrar in place of the old one', ['sqlite', 'postgres'], (test) => {
  const registrars = async (store: TestStore): Promise<string[]> =>
    (await ledgerOf(store)).entries.flatMap(({ predicate }) =>
      predicate.kind === 'registrar' ? predicate.key.id : [],
    );

  it('signs from its own record on, and what the old one signed stays proved', async () => {
    const [old, next] = [throwAwaySigner(), throwAwaySigner()];
    const registrar = await registrarOver(test(), old);
    await enrolled(test(), registrar, other('1'));
    const index = valueOf(await registrar.handOver(next));
    assert.equal(registrar.keyId, next.keyId);
    assert.equal(valueOf(await registrar.handOver(next)), index, 'asked again, nothing is recorded twice');
    await enrolled(test(), registrar, other('2'));
    assert.deepEqual(await registrars(test()), [old.keyId, next.keyId]);
    const { entries } = await ledgerOf(test());
    assert.deepEqual(
      entries.map(({ predicate }) => predicate.kind),
      ['registrar', 'enrolment', 'registrar', 'enrolment'],
    );
    assert.equal(entries[2]?.index, index);
    await assertTrue(test());
  });

  it('is followed by a process that runs on, once it finds the key, and by nobody who does not', async () => {
    const [old, next] = [throwAwaySigner(), throwAwaySigner()];
    const registrar = await registrarOver(test(), old);
    const found = new Map<string, Signer>();
    const options = { signer: old, logSigner: test().log.signer, now: () => now };
    const reread = (keyId: string): Result<Signer> => {
      const key = found.get(keyId);
      return key === undefined ? refuse('registrar-key-other', 'not here yet') : ok(key);
    };
    const running = valueOf(await openRegistrar(test().store, { ...options, reread }));
    valueOf(await registrar.handOver(next));
    const enrol = async (by: Registrar): ReturnType<typeof enrolAt> =>
      enrolAt(test(), by, requestOf(await tokenFor(test()), throwAwaySigner(), { target: other('3') }));
    assert.equal(codeOf(await enrol(running)), 'registrar-key-other');
    assert.equal(codeOf(await openRegistrar(test().store, options)), 'registrar-key-other');
    found.set(next.keyId, next);
    assert.ok((await enrol(running)).ok);
    assert.equal(running.keyId, next.keyId);
    await assertTrue(test());
  });
});

describe('records behind a new registrar', () => {
  const server = throwAwaySigner();

  it('are its own: those of the old key are refused, and so is a key for which the log does not vouch', () => {
    const next = throwAwaySigner();
    const handedOver = sampleRegistrar();
    handedOver.add(registrarDraft(next, handedOver.logSigner), [], next);
    handedOver.add(enrolment(server, handedOver), [], next);
    assert.equal(valueOf(openLedger(handedOver.records(), handedOver.log)).entries.length, 3);
    const byOldKey = sampleRegistrar();
    byOldKey.add(registrarDraft(next, byOldKey.logSigner), [], next);
    byOldKey.add(enrolment(server, byOldKey));
    assert.equal(codeOf(openLedger(byOldKey.records(), byOldKey.log)), 'key-mismatch');
    const unvouched = sampleRegistrar();
    unvouched.add(registrarDraft(next, sampleLog().signer), [], next);
    assert.equal(codeOf(openLedger(unvouched.records(), unvouched.log)), 'registrar-unvouched');
  });
});
