import assert from 'node:assert/strict';
import { postPending } from '../../../agent/post/post.ts';
import { isDone } from '../../../agent/post/report.ts';
import { documentDigest, encodePack } from '../../../evidence/pack.ts';
import { verifyReceipt } from '../../../evidence/receipt.ts';
import { ok } from '../../../evidence/result.ts';
import { freshDocuments, makeAgent } from '../../endpoint/agent.ts';
import { codeOf, sampleSources, valueOf } from '../../evidence/sample.ts';
import { memoryOutbox } from './memory-outbox.ts';
import { makeScene, now, reasons, type Scene } from './scene.ts';

describe('posting', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await makeScene();
  });
  afterEach(() => scene.end());

  it('lets each pack go for a receipt that verifies, and keeps the log key that it saw first', async () => {
    const made = [scene.agent.make(), scene.agent.make(), scene.agent.make()];
    const outbox = memoryOutbox(scene.agent, ...made);
    const report = await scene.post(outbox, scene.running.endpoint.url);
    assert.ok(isDone(report));
    assert.deepEqual(reasons(report), ['receipted', 'receipted', 'receipted']);
    assert.equal(report.newLogKey, scene.running.log.signer.verifierKey);
    assert.equal(outbox.logKey, scene.running.log.signer.verifierKey);
    for (const { digest, bundle } of made)
      valueOf(
        verifyReceipt(
          outbox.released.get(digest) ?? assert.fail(),
          bundle,
          scene.agent.key,
          scene.running.log.verifier,
        ),
      );
    assert.equal(outbox.checkpoint?.size, 3);
    assert.equal((await scene.post(outbox, scene.running.endpoint.url)).packs.length, 0);
  });

  it('sends a document once, and counts what it sent', async () => {
    const documents = new Map<string, object>([
      ['raw/1', { numbers: Array.from({ length: 2000 }, () => Math.random()) }],
    ]);
    const outbox = memoryOutbox(scene.agent, scene.agent.make({ documents }), scene.agent.make({ documents }));
    const [first, second] = (await scene.post(outbox, scene.running.endpoint.url)).packs;
    assert.ok((first?.sentBytes ?? 0) > 15_000);
    assert.ok((second?.sentBytes ?? 0) < 1500, `${second?.sentBytes} bytes for an unchanged server`);
  });

  it('sends documents again that the endpoint no longer has, though it acknowledged them', async () => {
    const documents = freshDocuments();
    const made = scene.agent.make({ documents });
    const outbox = memoryOutbox(scene.agent, made);
    for (const document of documents.values()) outbox.known.add(documentDigest(document));
    const report = await scene.post(outbox, scene.running.endpoint.url);
    assert.deepEqual(reasons(report), ['receipted']);
    const kept = valueOf(await scene.running.store.pack(scene.agent.key.keyId, made.digest));
    assert.equal(Object.keys(kept?.documents ?? {}).length, documents.size);
  });

  it('posts a pack that lost documents at the cap once a later one has told of it, in the same run', async () => {
    const thin = scene.agent.make({
      documents: new Map<string, object>([
        ['raw/1', { text: 'large' }],
        ['sources/updates', sampleSources],
      ]),
    });
    const { id, sequence } = thin.statement.predicate.chain;
    const incident = {
      kind: 'dropped' as const,
      at: '2026-11-23T10:00:03Z',
      chain: id,
      sequence,
      digest: thin.digest,
      documents: ['raw/1'],
    };
    const bytes = encodePack({
      bundle: thin.bundle,
      documents: new Map([[documentDigest(sampleSources), sampleSources]]),
    });
    const outbox = memoryOutbox(scene.agent, { ...thin, bytes });
    const alone = await scene.post(outbox, scene.running.endpoint.url);
    assert.deepEqual(reasons(alone), ['documents-dropped']);
    assert.equal(outbox.waiting.size, 1);
    const told = scene.agent.make({ predicate: { incidents: [incident] } });
    const both = memoryOutbox(scene.agent, { ...thin, bytes }, told);
    const report = await scene.post(both, scene.running.endpoint.url);
    assert.deepEqual(reasons(report), ['receipted', 'receipted']);
    assert.ok(isDone(report));
  });

  it('begins a new chain after a 409, and lets the pack go for the receipt that came with it', async () => {
    const first = scene.agent.make();
    const other = scene.agent.make({ chain: first.statement.predicate.chain });
    await scene.post(memoryOutbox(scene.agent, first), scene.running.endpoint.url);
    const outbox = memoryOutbox(scene.agent, other);
    const report = await scene.post(outbox, scene.running.endpoint.url);
    const [only] = report.packs;
    assert.ok(only?.fate === 'forked');
    assert.equal(only.existing, first.digest);
    assert.deepEqual(outbox.forks, [other.digest]);
    valueOf(
      verifyReceipt(
        outbox.released.get(other.digest) ?? assert.fail(),
        other.bundle,
        scene.agent.key,
        scene.running.log.verifier,
      ),
    );
  });

  it('quarantines what the endpoint refuses with its signature, keeps the answer, and goes on', async () => {
    const bad = scene.agent.make({ documents: new Map([['sources/updates', { ...sampleSources, surplus: 1 }]]) });
    const outbox = memoryOutbox(scene.agent, bad, scene.agent.make());
    const report = await scene.post(outbox, scene.running.endpoint.url);
    assert.deepEqual(reasons(report), ['quarantined', 'receipted']);
    assert.ok(isDone(report));
    const { reason, answer } = outbox.quarantined.get(bad.digest) ?? assert.fail();
    assert.equal(reason, 'schema-violation');
    assert.match(answer, /"pointer":"\/surplus"/);
  });

  it('keeps, stops and asks for a person when its key is not known', async () => {
    const stranger = makeAgent();
    const outbox = memoryOutbox(stranger, stranger.make(), stranger.make());
    const report = await scene.post(outbox, scene.running.endpoint.url);
    assert.deepEqual(reasons(report), ['key-unknown', 'not-tried']);
    assert.equal(report.stopped?.code, 'key-unknown');
    assert.equal(outbox.waiting.size, 2);
    assert.deepEqual(scene.slept, []);
  });

  it('keeps what it cannot write down, and gets the same receipt again', async () => {
    const outbox = memoryOutbox(scene.agent, scene.agent.make());
    outbox.isFull = true;
    assert.deepEqual(reasons(await scene.post(outbox, scene.running.endpoint.url)), ['disk-full']);
    outbox.isFull = false;
    const [again] = (await scene.post(outbox, scene.running.endpoint.url)).packs;
    assert.ok(again?.fate === 'receipted' && again.repeated);
  });

  it('refuses plain HTTP to another machine, an address that is none, and authorities that cannot be read', async () => {
    const outbox = memoryOutbox(scene.agent, scene.agent.make());
    for (const url of ['http://evidence.example.org', 'http://192.0.2.1:8620', 'http://localhost.example.org'])
      assert.equal(codeOf(await postPending(outbox, { url }, { now })), 'plain-http-refused', url);
    for (const url of ['evidence.example.org', 'ftp://x', 'https://user:secret@x', 'https://x/?q=1', 'https://']) {
      const refused = await postPending(outbox, { url }, { now });
      assert.equal(codeOf(refused), 'endpoint-url-invalid', url);
      assert.ok(!refused.ok && !refused.refusal.message.includes('secret'), 'no password gets into a message');
    }
    for (const caFile of ['/nonexistent/ca.pem', '/dev/null'])
      assert.equal(codeOf(await postPending(outbox, { url: 'https://x', caFile }, { now })), 'ca-unreadable');
    assert.deepEqual(outbox.pending(), ok([...outbox.waiting.values()].map(({ pack }) => pack)));
  });
});
