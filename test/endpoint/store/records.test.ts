import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { StoreModule } from '../../../endpoint/store/module.ts';
import { modules } from '../../../endpoint/store/modules.ts';
import { numberOf, textOf } from '../../../endpoint/store/sql.ts';
import type { RecordKind, SignedRecord } from '../../../endpoint/store/store.ts';
import { openCheckpoint } from '../../../evidence/checkpoint.ts';
import { leafHash, verifyInclusion } from '../../../evidence/merkle.ts';
import { ok, refuse } from '../../../evidence/result.ts';
import type { Receipt } from '../../../schemas/generated/types.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';
import { makeAgent } from '../agent.ts';
import { both, describeStore, receivedAt, type TestStore } from './test-store.ts';

function makeRecord(kind: RecordKind = 'revocation'): SignedRecord {
  return { kind, leafBody: randomBytes(80), envelope: randomBytes(120), at: receivedAt };
}

/** A module as a colleague would add it: notes about servers. */
const notes: StoreModule = {
  name: 'test-notes',
  steps: [
    ({ integer, text, strict }) =>
      `CREATE TABLE note (log_index ${integer} PRIMARY KEY, body ${text} NOT NULL) ${strict}; CREATE TABLE seen (digest ${text} PRIMARY KEY, place ${integer} NOT NULL) ${strict};`,
  ],
  async gate(_sql, batch) {
    return batch.map(({ statement }) =>
      statement.predicate.target.id.startsWith('00')
        ? { outcome: 'refused', status: 403, refusal: { code: 'key-revoked', message: 'The key is revoked.' } }
        : undefined,
    );
  },
  async kept(sql, batch) {
    for (const {
      admission: { digest },
      logIndex,
    } of batch)
      await sql.run('INSERT INTO seen (digest, place) VALUES ($1, $2)', [digest, logIndex]);
  },
};

describeStore('signed records in the store', both, (store) => {
  let test: TestStore;
  beforeEach(() => {
    test = store();
  });

  function assertProved({ receipt, leafBody }: { receipt: Receipt; leafBody: Uint8Array }): void {
    const { root, size } = valueOf(openCheckpoint(receipt.checkpoint, test.log.verifier));
    const hashes = receipt.hashes.map((hash) => Buffer.from(hash, 'base64'));
    assert.ok(verifyInclusion(receipt.logIndex, size, leafHash(leafBody), hashes, root));
  }

  it('makes a record a leaf of the same log as the bundles, proves it, and gives it back by index and by kind', async () => {
    const agent = makeAgent();
    await test.admit(agent, agent.make());
    const records = [makeRecord(), makeRecord('pruning'), makeRecord()];
    for (const record of records) {
      const appended = valueOf(await test.store.append(record));
      assert.equal(appended.repeated, false);
      assertProved({ receipt: appended.receipt, leafBody: record.leafBody });
      const again = valueOf(await test.store.record(appended.index)) ?? assert.fail('not kept');
      assert.deepEqual([again.kind, again.at, again.receipt], [record.kind, record.at, appended.receipt]);
      assert.ok(
        Buffer.from(record.leafBody).equals(again.leafBody) && Buffer.from(record.envelope).equals(again.envelope),
      );
    }
    await test.admit(agent, agent.make());
    await test.reopen();
    const revocations = valueOf(await test.store.records({ kind: 'revocation' }));
    assert.deepEqual(
      revocations.map(({ index }) => index),
      [1, 3],
    );
    for (const record of revocations) assertProved(record);
    assert.deepEqual(
      valueOf(await test.store.records({ after: 1, limit: 1 })).map(({ index }) => index),
      [2],
    );
    assert.equal(valueOf(await test.store.record(0)), undefined, 'a bundle is no record');
    const counts = valueOf(await test.store.counts());
    assert.deepEqual([counts.logSize, counts.bundles, counts.records, counts.targets], [5, 2, 3, 1]);
    assert.ok(counts.databaseBytes > 0 && counts.documents === 4 - 1);
  });

  it('keeps the record and the changes that it records together, or neither', async () => {
    await test.reopen({ modules: [...modules, notes] });
    const record = makeRecord();
    const kept = valueOf(
      await test.store.append(record, async (sql, index) => {
        await sql.run('INSERT INTO note (log_index, body) VALUES ($1, $2)', [index, 'revoked']);
        return ok('done');
      }),
    );
    assert.deepEqual([kept.index, kept.value], [0, 'done']);
    const refused = await test.store.append(makeRecord(), async (sql, index) => {
      await sql.run('INSERT INTO note (log_index, body) VALUES ($1, $2)', [index, 'no']);
      return refuse('not-now', 'the change may not be made');
    });
    assert.equal(codeOf(refused), 'not-now');
    const failed = await test.store.append(makeRecord(), (sql) =>
      sql.run('INSERT INTO no_such_table VALUES (1)').then(ok),
    );
    assert.equal(codeOf(failed), 'store-failed');
    assert.equal(valueOf(await test.store.checkpoint()).size, 1);
    const rows = valueOf(await test.store.read((sql) => sql.all('SELECT log_index, body FROM note')));
    assert.deepEqual(
      rows.map((row) => [numberOf(row, 'log_index'), textOf(row, 'body')]),
      [[0, 'revoked']],
    );
  });

  it('appends the same leaf once, and changes nothing the second time', async () => {
    const record = makeRecord('approval');
    const [first, second] = await Promise.all([test.store.append(record), test.store.append(record)]);
    assert.deepEqual(valueOf(second).receipt, valueOf(first).receipt);
    assert.notEqual(valueOf(first).repeated, valueOf(second).repeated);
    let called = 0;
    const third = valueOf(
      await test.store.append(record, async () => {
        called += 1;
        return ok(undefined);
      }),
    );
    assert.deepEqual([third.repeated, third.value, called], [true, undefined, 0]);
    assert.equal(valueOf(await test.store.checkpoint()).size, 1);
  });

  it('asks a module whether a bundle may be kept, and tells it of those that are, in the same transaction', async () => {
    await test.reopen({ modules: [...modules, notes] });
    const [agent, revoked] = [makeAgent(), makeAgent()];
    const [made, barred] = [
      agent.make(),
      revoked.make({ predicate: { target: { id: '00'.repeat(16), basis: 'machine-id' } } }),
    ];
    const [taken, refused] = await Promise.all([test.admit(agent, made), test.admit(revoked, barred)]);
    assert.equal(taken?.outcome, 'stored');
    assert.ok(refused?.outcome === 'refused' && refused.refusal.code === 'key-revoked');
    const rows = valueOf(await test.store.read((sql) => sql.all('SELECT digest, place FROM seen')));
    assert.deepEqual(
      rows.map((row) => [textOf(row, 'digest'), numberOf(row, 'place')]),
      [[made.digest, 0]],
    );
    assert.equal(await test.count('signing_key'), 1);
  });

  it('refuses a store that a module of a newer version made', async () => {
    const newer: StoreModule = { ...notes, steps: [...notes.steps, () => 'SELECT 1'] };
    await test.reopen({ modules: [...modules, newer] });
    await test.store.close();
    assert.equal(codeOf(await test.open({ modules: [...modules, notes] })), 'store-newer');
    assert.equal(codeOf(await test.open({ modules })), 'store-newer');
    test.store = valueOf(await test.open({ modules: [...modules, newer] }));
  });

  it('lists bundles by server, key and time, page by page, and servers with their newest', async () => {
    const [agent, other] = [makeAgent(), makeAgent()];
    const at = (minute: number): string => `2026-11-23T10:${String(minute).padStart(2, '0')}:00.000Z`;
    const sent = [];
    for (let minute = 10; minute < 15; minute += 1) {
      const made = agent.make();
      await test.admit(agent, made, { receivedAt: at(minute) });
      sent.push(made.digest);
      await test.admit(other, other.make(), { receivedAt: at(minute) });
    }
    const all = valueOf(await test.store.bundles({ target: agent.target }));
    assert.deepEqual(
      all.map(({ digest }) => digest),
      sent,
    );
    assert.deepEqual(
      all.map(({ logIndex, sequence, keyId }) => [logIndex, sequence, keyId]),
      [0, 2, 4, 6, 8].map((index, sequence) => [index, sequence, agent.key.keyId]),
    );
    const page = valueOf(await test.store.bundles({ keyId: agent.key.keyId, order: 'newest', limit: 2 }));
    const next = valueOf(
      await test.store.bundles({
        keyId: agent.key.keyId,
        order: 'newest',
        limit: 2,
        after: page.at(-1)?.logIndex ?? 0,
      }),
    );
    assert.deepEqual(
      [...page, ...next].map(({ digest }) => digest),
      sent.toReversed().slice(0, 4),
    );
    const window = valueOf(await test.store.bundles({ target: agent.target, from: at(11), until: at(13) }));
    assert.deepEqual(
      window.map(({ digest }) => digest),
      sent.slice(1, 3),
    );
    const targets = valueOf(await test.store.targets());
    assert.deepEqual(
      targets.map(({ id }) => id),
      [agent.target, other.target].toSorted(),
    );
    assert.deepEqual(
      targets.find(({ id }) => id === agent.target),
      { id: agent.target, firstAt: at(10), newestAt: at(14), newest: 8, bundles: 5 },
    );
    assert.deepEqual(valueOf(await test.store.targets({ after: targets[0]?.id ?? '', limit: 1 })), targets.slice(1));
  });
});
