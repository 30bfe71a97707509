import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postPacks, postPending } from '../../../agent/post/post.ts';
import { isDone } from '../../../agent/post/report.ts';
import { spoolOutbox } from '../../../agent/post/spool-outbox.ts';
import { loadOrCreateKeys } from '../../../agent/spool/keys.ts';
import { append, pending } from '../../../agent/spool/spool.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import { signerFromPem } from '../../../evidence/signing-key.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import type { Incident } from '../../../schemas/generated/types.ts';
import { type Agent, type Made, makeAgent } from '../../endpoint/agent.ts';
import { type Running, startRunning, trusting } from '../../endpoint/running.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';

const now = (): Date => new Date('2026-11-23T10:00:05Z');
const finishedAt = '2026-11-23T10:00:02Z';

describe('posting from the spool', () => {
  let folder = '';
  let state: State;
  let agent: Agent;
  let running: Running;

  function collect(): Made & { told: readonly Incident[] } {
    let made: Made | undefined;
    let told: readonly Incident[] = [];
    valueOf(
      append(state, ({ chain, incidents, checkpoint }) => {
        told = incidents;
        made = agent.make({
          chain,
          predicate: { ...(incidents.length > 0 && { incidents }), ...(checkpoint && { checkpoint }) },
        });
        return { bytes: made.bytes, digest: made.digest, finishedAt };
      }),
    );
    return { ...(made ?? assert.fail()), told };
  }
  async function post(): Promise<ReturnType<typeof postPending> extends Promise<infer R> ? R : never> {
    const { url } = running.endpoint;
    return postPending(spoolOutbox(state, url), { url }, { now, sleep: async () => {}, attempts: 1 });
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-post-'));
    state = valueOf(openState(join(folder, 'state'), { create: true, now }));
    valueOf(loadOrCreateKeys(state));
    const pem = readFileSync(join(state.folder, 'key.pem'), 'utf8');
    agent = makeAgent(valueOf(signerFromPem(pem, 'file')));
    running = await startRunning(trusting(agent));
  });
  afterEach(async () => {
    await running.stop();
    rmSync(folder, { recursive: true });
  });

  it('moves each pack to the receipted ones with its receipt inside, and quotes the checkpoint next time', async () => {
    collect();
    collect();
    const report = valueOf(await post());
    assert.ok(isDone(report));
    assert.deepEqual(valueOf(pending(state)), []);
    const packs = readdirSync(join(state.folder, 'packs'));
    assert.equal(packs.length, 2);
    for (const name of packs) {
      const bytes = readFileSync(join(state.folder, 'packs', name));
      valueOf(verifyPack(bytes, { key: () => agent.key, logKey: running.log.verifier, requireReceipt: true }));
    }
    assert.equal(collect().statement.predicate.checkpoint?.size, 2);
  });

  it('keeps the spool as it is while the endpoint is away, and empties it when it is back', async () => {
    collect();
    const away = await postPending(
      spoolOutbox(state, 'http://127.0.0.1:9'),
      { url: 'http://127.0.0.1:9' },
      { now, attempts: 1 },
    );
    assert.ok(!isDone(valueOf(away)));
    assert.equal(valueOf(pending(state)).length, 1);
    assert.ok(isDone(valueOf(await post())));
  });

  it('leaves the chain after a restored snapshot, and tells of it in the next bundle', async () => {
    const first = collect();
    await post();
    // The snapshot was taken before the second bundle; the endpoint knows another one in its place.
    const { chain } = first.statement.predicate;
    const lost = agent.make({ chain: { id: chain.id, sequence: 1, previous: first.digest } });
    const { url } = running.endpoint;
    const lostFile = join(folder, 'lost.pack.json');
    writeFileSync(lostFile, lost.bytes);
    assert.ok(isDone(valueOf(await postPacks([lostFile], { url }, { now, key: () => undefined }))));
    const second = collect();
    const report = valueOf(await post());
    assert.equal(report.packs[0]?.fate, 'forked');
    assert.deepEqual(valueOf(pending(state)), []);
    const third = collect();
    const link = third.statement.predicate.chain;
    assert.deepEqual(link.forkOf, { id: chain.id, sequence: 1, digest: second.digest });
    assert.equal(link.sequence, 0);
    assert.deepEqual(
      third.told.map(({ kind }) => kind),
      ['fork'],
    );
    assert.ok(isDone(valueOf(await post())));
  });

  it('quarantines a refused pack and says so in the next bundle', async () => {
    const elsewhere = makeAgent(agent.signer);
    assert.ok(isDone(valueOf(await postFile(elsewhere.make().bytes))));
    const refused = collect();
    const report = valueOf(await post());
    assert.equal(report.packs[0]?.fate, 'quarantined');
    const next = collect();
    assert.deepEqual(
      next.told.map(({ kind, digest, reason }) => ({ kind, digest, reason })),
      [{ kind: 'rejected', digest: refused.digest, reason: 'target-mismatch' }],
    );
  });

  async function postFile(bytes: Uint8Array): ReturnType<typeof postPacks> {
    const file = join(folder, 'carried.pack.json');
    writeFileSync(file, bytes);
    return postPacks([file], { url: running.endpoint.url }, { now, key: () => undefined });
  }

  describe('packs carried by hand', () => {
    it('are sent under the key in them, their receipt checked with the key that the endpoint shows for that id', async () => {
      const { bytes } = agent.make();
      const report = valueOf(await postFile(bytes));
      assert.equal(report.packs[0]?.fate, 'receipted');
      assert.equal(report.keptLogKey, false, 'nothing is remembered, so nothing may say that the log key is kept');
      assert.deepEqual(readFileSync(join(folder, 'carried.pack.json')), Buffer.from(bytes));
    });

    it('are all read before any is sent', async () => {
      const good = join(folder, 'good.pack.json');
      const bad = join(folder, 'bad.pack.json');
      writeFileSync(good, agent.make().bytes);
      writeFileSync(bad, Buffer.concat([agent.make().bytes, Buffer.from(' ')]));
      const refused = await postPacks([good, bad], { url: running.endpoint.url }, { now, key: () => undefined });
      assert.equal(codeOf(refused), 'pack-not-canonical');
      assert.ok(!refused.ok && refused.refusal.message.startsWith(bad));
      assert.equal(valueOf(await running.store.checkpoint()).size, 0);
      const missing = await postPacks(
        [join(folder, 'none')],
        { url: running.endpoint.url },
        { now, key: () => undefined },
      );
      assert.equal(codeOf(missing), 'pack-unreadable');
    });
  });
});
