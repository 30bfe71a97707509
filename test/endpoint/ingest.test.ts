import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { encodePack, packParts } from '../../evidence/pack.ts';
import { verifyReceipt } from '../../evidence/receipt.ts';
import { isSignedRejection } from '../../evidence/rejection.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import { keyOf, sampleSources, valueOf } from '../evidence/sample.ts';
import { freshDocuments, makeAgent } from './agent.ts';
import {
  ask,
  bundleHeaders,
  postWire,
  problemPrefix,
  type Running,
  rejectedUnstored,
  startRunning,
  trusting,
} from './running.ts';

describe('ingest of a body', () => {
  const agent = makeAgent();
  const stranger = makeAgent();
  let running: Running;

  beforeEach(async () => {
    running = await startRunning(trusting(agent));
  });
  afterEach(() => running.stop());

  it('takes a bundle with 201 and the same again with 200 and the same receipt', async () => {
    const made = agent.make();
    const first = await postWire(running.endpoint, agent, made.wire);
    assert.equal(first.status, 201, first.text);
    assert.equal(first.headers['content-type'], 'application/vnd.affiant.receipt.v1+json');
    valueOf(verifyReceipt(first.receipt(), made.bundle, agent.key, running.log.verifier));
    const second = await postWire(running.endpoint, agent, made.wire);
    assert.equal(second.status, 200);
    assert.equal(second.text, first.text);
    const pack = valueOf(await running.store.pack(agent.key.keyId, made.digest)) ?? assert.fail('not kept');
    valueOf(
      verifyPack(encodePack(packParts(pack)), {
        key: () => agent.key,
        logKey: running.log.verifier,
        requireReceipt: true,
      }),
    );
  });

  it('refuses what is not zstd, a window past 8 MiB, a bomb, and unpacked bytes that are no pack', async () => {
    // By hand (RFC 8878 section 3.1.1): no content size, a window of 2^27, one raw block that is the last.
    const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01 | (2 << 3), 0x00, 0x00, 0x7b, 0x7d]);
    const bomb = zstdCompressSync(Buffer.alloc(80 * 1024 * 1024));
    assert.ok(bomb.length < 10_000);
    const bodies: [Uint8Array, number, string][] = [
      [randomBytes(100), 422, 'wire-not-zstd'],
      [window, 422, 'wire-window-too-large'],
      [bomb, 413, 'too-large'],
      [zstdCompressSync(Buffer.from('{"a":1,"a":2}')), 422, 'json-duplicate-key'],
      [zstdCompressSync(Buffer.from('['.repeat(1000))), 422, 'json-too-deep'],
      [zstdCompressSync(Buffer.from('<html>')), 422, 'json-syntax'],
    ];
    for (const [body, status, code] of bodies) {
      const heard = await postWire(running.endpoint, agent, body);
      await rejectedUnstored(running, heard, status, code);
      assert.equal(heard.problem().signature, undefined, 'about no bundle, so nothing to sign');
    }
  });

  it('refuses a pack that was changed by one byte, and never with a signature that would make the agent give it up', async () => {
    const { bytes } = agent.make();
    for (let at = 0; at < bytes.length; at += 37) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const heard = await postWire(running.endpoint, agent, zstdCompressSync(changed));
      assert.equal(heard.status, 422, `byte ${at}`);
      assert.equal(heard.problem().signature, undefined, `byte ${at}: ${heard.text}`);
    }
    const spaced = await postWire(running.endpoint, agent, zstdCompressSync(Buffer.concat([bytes, Buffer.from('\n')])));
    await rejectedUnstored(running, spaced, 422, 'pack-not-canonical');
  });

  it('refuses a bundle that another key signed', async () => {
    const heard = await ask(running.endpoint, 'POST', '/v1/bundles', bundleHeaders(agent), stranger.make().wire);
    await rejectedUnstored(running, heard, 422, 'key-unknown');
    assert.equal(heard.problem().signature, undefined);
  });

  it('refuses a document that its schema does not take, with the pointer and a signature', async () => {
    const made = agent.make({ documents: new Map([['sources/updates', { ...sampleSources, surplus: 1 }]]) });
    const heard = await postWire(running.endpoint, agent, made.wire);
    await rejectedUnstored(running, heard, 422, 'schema-violation');
    assert.equal(heard.problem().pointer, '/surplus');
    assert.equal(heard.problem().bundle, made.digest);
    assert.ok(isSignedRejection(heard.problem(), running.log.verifier));
  });

  it('refuses a body that is not the bundle that its header names', async () => {
    const heard = await postWire(running.endpoint, agent, agent.make().wire, { 'affiant-bundle': 'ab'.repeat(32) });
    await rejectedUnstored(running, heard, 400, 'bundle-mismatch');
  });

  it('refuses a replay unless it was told to take them', async () => {
    const made = agent.make({ predicate: { mode: 'replay' } });
    const heard = await postWire(running.endpoint, agent, made.wire);
    await rejectedUnstored(running, heard, 422, 'replay-refused');
    assert.ok(isSignedRejection(heard.problem(), running.log.verifier));
    await running.stop();
    running = await startRunning(trusting(agent), { acceptReplay: true });
    assert.equal((await postWire(running.endpoint, agent, made.wire)).status, 201);
  });

  it('asks for the documents that it lacks, and only for those', async () => {
    const documents = freshDocuments();
    const first = agent.make({ documents });
    const lacking = await postWire(running.endpoint, agent, first.without('raw/1'));
    await rejectedUnstored(running, lacking, 424, 'documents-missing');
    const raw = first.statement.subject.find(({ name }) => name === 'raw/1');
    assert.deepEqual(lacking.problem().missing, [raw?.digest.sha256]);
    assert.equal((await postWire(running.endpoint, agent, first.wire)).status, 201);
    const second = agent.make({ documents });
    assert.equal((await postWire(running.endpoint, agent, second.without('raw/1', 'sources/updates'))).status, 201);
  });

  it('answers a second continuation of a chain with a signed 409 and its receipt, and keeps both', async () => {
    const first = agent.make();
    const other = agent.make({ chain: first.statement.predicate.chain });
    await postWire(running.endpoint, agent, first.wire);
    const heard = await postWire(running.endpoint, agent, other.wire);
    assert.equal(heard.status, 409);
    const { existing, bundle, receipt } = heard.problem();
    assert.deepEqual([existing, bundle], [first.digest, other.digest]);
    assert.ok(isSignedRejection(heard.problem(), running.log.verifier));
    valueOf(verifyReceipt(receipt ?? assert.fail('no receipt'), other.bundle, agent.key, running.log.verifier));
    for (const { digest } of [first, other]) assert.ok(valueOf(await running.store.pack(agent.key.keyId, digest)));
    assert.equal((await postWire(running.endpoint, agent, other.wire)).text, heard.text);
  });

  it('refuses another server under the same key', async () => {
    const fresh = makeAgent();
    await running.stop();
    running = await startRunning(trusting(fresh));
    assert.equal((await postWire(running.endpoint, fresh, fresh.make().wire)).status, 201);
    const moved = fresh.make({ predicate: { target: { id: 'ab'.repeat(16), basis: 'machine-id' } } });
    const heard = await postWire(running.endpoint, fresh, moved.wire);
    assert.equal(heard.problem().type, `${problemPrefix}target-mismatch`);
    assert.ok(isSignedRejection(heard.problem(), running.log.verifier));
    assert.equal(valueOf(await running.store.checkpoint()).size, 1);
  });

  it('takes a bundle of a clock that is ahead, and says so', async () => {
    const run = { startedAt: '2031-01-01T00:00:00Z', finishedAt: '2031-01-01T00:00:01Z' };
    const heard = await postWire(running.endpoint, agent, agent.make({ predicate: { run } }).wire);
    assert.equal(heard.status, 201);
    assert.match(String(heard.headers['affiant-labels']), /clock-ahead/);
  });

  it('gives with the receipt the public key that it was checked with', async () => {
    const heard = await postWire(running.endpoint, agent, agent.make().wire);
    const der = keyOf(agent.signer).publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    assert.equal(heard.headers['affiant-public-key'], der);
  });
});
