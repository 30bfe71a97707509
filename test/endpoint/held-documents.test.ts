/** What is held of a bundle while the store has it: as objects, documents are ten times as large as on the wire. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { zstdDecompressSync } from 'node:zlib';
import { makeGate } from '../../endpoint/gate.ts';
import { ingest } from '../../endpoint/ingest.ts';
import { defaultLimits } from '../../endpoint/limits.ts';
import { type Prepared, prepare } from '../../endpoint/store/admission.ts';
import type { Admission, Store } from '../../endpoint/store/store.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { refuse } from '../../evidence/result.ts';
import { makeAgent } from './agent.ts';
import { type Running, startRunning, trusting } from './running.ts';
import { admission } from './store/test-store.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('documents of a bundle that waits for its transaction', () => {
  const agent = makeAgent();
  let running: Running;

  before(async () => {
    running = await startRunning(trusting(agent));
  });
  after(() => running.stop());

  it('are held compressed alone: what they were read as is let go', async () => {
    const read: WeakRef<object>[] = [];
    const waiting: Prepared[] = [];
    let release = (): void => {};
    const released = new Promise<void>((done) => {
      release = done;
    });
    function admit(given: Admission): ReturnType<Store['admit']> {
      for (const document of given.documents.values()) read.push(new WeakRef(document));
      return prepare(given).then(async (ready) => {
        waiting.push(ready);
        await released;
        return refuse('store-failed', 'a test');
      });
    }
    const context = {
      store: { ...running.store, admit },
      logSigner: running.log.signer,
      acceptReplay: false,
      limits: defaultLimits,
      now: () => new Date('2026-11-23T10:00:05Z'),
    };
    const visit = makeGate({ limits: defaultLimits }).visit('192.0.2.1');
    if ('code' in visit) assert.fail(visit.code);
    const sender = { key: { ...agent.key, role: 'agent' as const }, claimedDigest: undefined };
    const answer = ingest(agent.make().wire, sender, visit, context, {});
    // One collection leaves what another one was still busy with.
    for (let round = 0; round < 20 && read.some((one) => one.deref() !== undefined); round += 1) {
      await turn();
      collectGarbage();
    }
    assert.ok(read.length > 0 && waiting.length === 1);
    assert.deepEqual(
      read.map((one) => one.deref()),
      read.map(() => undefined),
    );
    release();
    assert.equal((await answer).status, 503);
  });

  it('are compressed whole, however little they shrink', async () => {
    const row = (index: number): string => `${index}-${Math.sin(index)}`;
    const made = agent.make({
      documents: new Map([['raw/1', { rows: Array.from({ length: 2000 }, (_, index) => row(index)) }]]),
    });
    const { documents } = await prepare(admission(agent, made));
    const { zstd = new Uint8Array(), size = 0 } = documents.get('raw/1') ?? {};
    const text = canonicalText(made.documents.get('raw/1'));
    assert.equal(zstdDecompressSync(zstd).toString('utf8'), text);
    assert.equal(size, Buffer.byteLength(text));
    assert.ok(zstd.length > size / 4, 'more than the first buffer holds');
  });
});
