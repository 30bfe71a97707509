import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Registrar } from '../../../endpoint/identity/registrar.ts';
import { eraseDocuments } from '../../../endpoint/retention/erase.ts';
import { holdsOf, placeHold, releaseHold } from '../../../endpoint/retention/holds.ts';
import { overdueDocuments, pruneDocuments } from '../../../endpoint/retention/prune.ts';
import { encodePack, packParts } from '../../../evidence/pack.ts';
import { explainMissing } from '../../../evidence/removals.ts';
import { type VerifiedPack, verifyPack } from '../../../evidence/verify-pack.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';
import { type Agent, type Made, makeAgent } from '../agent.ts';
import { ledgerOf, registrarOver } from '../identity/identity-store.ts';
import { both, describeStore, sqliteFile, type TestStore } from '../store/test-store.ts';

const day = (count: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + count * 86_400_000).toISOString();
const run = (count: number): object => ({ run: { startedAt: day(count), finishedAt: day(count) } });

describeStore('what is removed from the store', both, (store) => {
  let test: TestStore;
  let registrar: Registrar;
  let agent: Agent;
  beforeEach(async () => {
    test = store();
    registrar = await registrarOver(test);
    agent = makeAgent();
  });

  function send(count: number, documents: Record<string, object>, by = agent): Promise<Made> {
    const made = by.make({ documents: new Map(Object.entries(documents)), predicate: run(count) });
    return test.admit(by, made, { receivedAt: day(count) }).then((admitted) => {
      assert.equal(admitted.outcome, 'stored');
      return made;
    });
  }

  /** The pack as the endpoint gives it, verified with its receipt; documents may be gone. */
  async function packOf(made: Made, by = agent): Promise<VerifiedPack> {
    const pack = valueOf(await test.store.pack(by.key.keyId, made.digest)) ?? assert.fail('not kept');
    const options = { key: () => by.key, logKey: test.log.verifier, requireReceipt: true, allowMissingDocuments: true };
    return valueOf(
      verifyPack(encodePack({ ...packParts(pack), ...(pack.receipt && { receipt: pack.receipt }) }), options),
    );
  }

  async function explain(pack: VerifiedPack): Promise<string[]> {
    const removals = explainMissing(await ledgerOf(test), pack.statement, pack.place?.index ?? -1, pack.missing);
    return removals.map(({ name, kind }) => `${name} ${kind}`);
  }

  it('prunes documents that nothing names any more, and keeps statements, proofs, and what an unchanged server still names', async () => {
    const steady = { text: 'the same all year' };
    const first = await send(0, { 'raw/1': { text: 'old' }, 'raw/2': steady });
    for (const at of [10, 50, 99]) await send(at, { 'raw/1': { text: `day ${at}` }, 'raw/2': steady });
    const now = new Date(day(100));
    assert.equal(valueOf(await overdueDocuments(test.store, 60, now)), 2);
    const pruned = valueOf(await pruneDocuments(registrar, 60, now));
    assert.deepEqual([pruned.documents, pruned.bundles, pruned.records.length], [2, 2, 1]);
    const pack = await packOf(first);
    assert.equal(pack.receipt, 'verified');
    assert.deepEqual(pack.missing, ['raw/1']);
    assert.deepEqual(pack.documents.get('raw/2'), steady);
    assert.deepEqual(await explain(pack), ['raw/1 pruned']);
    const { predicate } = (await ledgerOf(test)).entries.at(-1) ?? assert.fail();
    assert.ok(predicate.kind === 'pruning' && predicate.documents === 2 && predicate.policy === 'documents 60 days');
    const counts = valueOf(await test.store.counts());
    assert.deepEqual([counts.documents, await test.count('document')], [3, 3]);
    assert.deepEqual(
      valueOf(await pruneDocuments(registrar, 60, now)).records,
      [],
      'a second time there is nothing to record',
    );
  });

  it('explains by no record what is missing without one', async () => {
    const made = await send(90, { 'raw/1': { text: 'kept' }, 'raw/2': { text: 'taken away in silence' } });
    await send(0, { 'raw/1': { text: 'old' } });
    valueOf(await pruneDocuments(registrar, 60, new Date(day(100))));
    valueOf(await test.store.write((sql) => sql.run('DELETE FROM document WHERE used_at >= $1', [day(90)])));
    const pack = await packOf(made);
    assert.deepEqual((await explain(pack)).toSorted(), ['raw/1 unexplained', 'raw/2 unexplained']);
  });

  it('asks for a pruned document again when a bundle names it again', async () => {
    const text = { 'raw/1': { text: 'comes back' } };
    await send(0, text);
    valueOf(await pruneDocuments(registrar, 60, new Date(day(100))));
    const made = agent.make({ documents: new Map(Object.entries(text)), predicate: run(100) });
    const asked = await test.admit(agent, made, { documents: new Map(), receivedAt: day(100) });
    assert.equal(asked.outcome, 'documents-missing');
    assert.equal((await test.admit(agent, made, { receivedAt: day(100) })).outcome, 'stored');
  });

  it('removes nothing under a legal hold, and what was due when the hold ends', async () => {
    const other = makeAgent();
    await send(0, { 'raw/1': { text: 'held' } });
    await send(0, { 'raw/1': { text: 'not held' } }, other);
    const order = { name: 'case-17', targets: [agent.target], reason: 'inquiry', operator: 'jane', at: day(1) };
    valueOf(await placeHold(registrar, order));
    assert.equal(codeOf(await placeHold(registrar, order)), 'hold-exists');
    assert.equal(valueOf(await test.store.read(holdsOf)).length, 1);
    assert.equal(valueOf(await pruneDocuments(registrar, 60, new Date(day(100)))).documents, 1);
    const asked = { scope: { target: agent.target }, reason: 'request', operator: 'jane' };
    assert.equal(codeOf(await eraseDocuments(registrar, asked)), 'under-legal-hold');
    assert.equal(await test.count('document'), 1);
    valueOf(await placeHold(registrar, { ...order, name: 'all', targets: [] }));
    valueOf(await releaseHold(registrar, { name: 'case-17', reason: 'closed', operator: 'jane' }));
    assert.equal(
      valueOf(await pruneDocuments(registrar, 60, new Date(day(100)))).documents,
      0,
      'a hold without servers holds all',
    );
    valueOf(await releaseHold(registrar, { name: 'all', reason: 'closed', operator: 'jane' }));
    assert.equal(
      codeOf(await releaseHold(registrar, { name: 'all', reason: 'closed', operator: 'jane' })),
      'hold-unknown',
    );
    assert.equal(valueOf(await pruneDocuments(registrar, 60, new Date(day(100)))).documents, 1);
    const kinds = (await ledgerOf(test)).entries.map(({ predicate }) => predicate.kind);
    assert.deepEqual(kinds, [
      'registrar',
      'legal-hold',
      'pruning',
      'legal-hold',
      'legal-hold-release',
      'legal-hold-release',
      'pruning',
    ]);
  });

  it('erases what names a person, and records digests but no name', async () => {
    const named = { members: [{ account: 'CORP\\Jane.Doe' }, { account: 'bob' }] };
    const made = await send(0, {
      'raw/1': named,
      'raw/2': { 'jane.doe@corp.example': 1 },
      'raw/3': { text: 'jane.doer' },
    });
    const scope = { account: 'jane.doe' };
    const erased = valueOf(await eraseDocuments(registrar, { scope, reason: 'request of 2 January', operator: 'dpo' }));
    assert.equal(erased.documents, 2);
    const pack = await packOf(made);
    assert.deepEqual(await explain(pack), ['raw/1 erased', 'raw/2 erased']);
    assert.deepEqual([...pack.documents.keys()], ['raw/3']);
    const ledger = await ledgerOf(test);
    assert.ok(!JSON.stringify(ledger.entries).toLowerCase().includes('jane'));
    assert.equal(ledger.entries.at(-1)?.documents.length, 2);
  });

  it('erases the documents of a server or of a key, and of no other', async () => {
    const other = makeAgent();
    await send(0, { 'raw/1': { text: 'one' }, 'raw/2': { text: 'two' } });
    await send(0, { 'raw/1': { text: 'other' } }, other);
    const order = { reason: 'decommissioned', operator: 'jane' };
    assert.equal(valueOf(await eraseDocuments(registrar, { scope: { target: agent.target }, ...order })).documents, 2);
    assert.equal(await test.count('document'), 1);
    assert.equal(
      valueOf(await eraseDocuments(registrar, { scope: { keyId: other.key.keyId }, ...order })).documents,
      1,
    );
    assert.equal(await test.count('document'), 0);
    assert.equal(valueOf(await eraseDocuments(registrar, { scope: { target: agent.target }, ...order })).documents, 0);
  });
});

describeStore('what was erased from a file', ['sqlite'], (store) => {
  it('is in no free page and in no write-ahead log', async () => {
    const test = store();
    const registrar = await registrarOver(test);
    const agent = makeAgent();
    // Random, so that zstd keeps it as it is.
    const mark = 'X7q9Zk2LmW4rT8vBn3Yp6Ds1';
    await test.admit(agent, agent.make({ documents: new Map([['raw/1', { text: mark }]]) }));
    const bytes = (): Buffer[] => ['', '-wal'].map((end) => readFileSync(sqliteFile(test.folder) + end));
    assert.ok(
      bytes().some((part) => part.includes(mark)),
      'the test can find it',
    );
    const scope = { target: agent.target };
    assert.equal(valueOf(await eraseDocuments(registrar, { scope, reason: 'request', operator: 'dpo' })).documents, 1);
    valueOf(await test.store.scrub());
    assert.ok(!bytes().some((part) => part.includes(mark)));
  });
});
