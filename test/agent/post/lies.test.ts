import assert from 'node:assert/strict';
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { type PostReport } from '../../../agent/post/report.ts';
import { signRejection } from '../../../evidence/rejection.ts';
import { type Made } from '../../endpoint/agent.ts';
import { startRunning, trusting } from '../../endpoint/running.ts';
import { sampleLog } from '../../evidence/sample.ts';
import { answering } from './fake-servers.ts';
import { type MemoryOutbox, memoryOutbox } from './memory-outbox.ts';
import { makeScene, reasons, type Scene } from './scene.ts';

describe('posting to an endpoint that lies', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await makeScene();
  });
  afterEach(() => scene.end());

  async function saying(
    status: number,
    type: string,
    body: (made: Made) => object,
  ): Promise<{ outbox: MemoryOutbox; report: PostReport }> {
    const made = scene.agent.make();
    const url = await scene.instead((_, response) =>
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body(made))),
    );
    const outbox = memoryOutbox(scene.agent, made);
    outbox.logKey = scene.running.log.signer.verifierKey;
    return { outbox, report: await scene.post(outbox, url) };
  }
  const problemType = 'application/problem+json';
  const rejection = (bundle: string): Parameters<typeof signRejection>[0] => ({
    type: 'urn:affiant:problem:schema-violation',
    title: 'Not valid.',
    status: 422,
    bundle,
  });

  it('does not give a bundle up for a rejection by another key, about another bundle, or changed after it was signed', async () => {
    const forged = [
      (made: Made) => signRejection(rejection(made.digest), sampleLog().signer),
      () => signRejection(rejection('ab'.repeat(32)), scene.running.log.signer),
      (made: Made) => ({ ...signRejection(rejection(made.digest), scene.running.log.signer), title: 'Other' }),
      (made: Made) => ({ ...rejection(made.digest), signature: '' }),
    ];
    for (const body of forged) {
      const { outbox, report } = await saying(422, problemType, body);
      assert.deepEqual(reasons(report), ['not-an-endpoint']);
      assert.equal(outbox.waiting.size, 1);
    }
    const { outbox } = await saying(422, problemType, (made) =>
      signRejection(rejection(made.digest), scene.running.log.signer),
    );
    assert.equal(outbox.quarantined.size, 1, 'the true one does');
  });

  it('does not let a pack go for the receipt of another bundle', async () => {
    const other = scene.agent.make();
    const first = memoryOutbox(scene.agent, other);
    await scene.post(first, scene.running.endpoint.url);
    const { outbox, report } = await saying(
      201,
      'application/vnd.affiant.receipt.v1+json',
      () => first.released.get(other.digest) ?? {},
    );
    assert.deepEqual(reasons(report), ['receipt-refused']);
    assert.equal(outbox.waiting.size, 1);
    assert.equal(report.stopped?.code, 'receipt-refused');
  });

  it('does not let a pack go to a log of another key than the one it knows', async () => {
    const outbox = memoryOutbox(scene.agent, scene.agent.make());
    outbox.logKey = sampleLog().signer.verifierKey;
    const report = await scene.post(outbox, scene.running.endpoint.url);
    assert.deepEqual(reasons(report), ['receipt-refused']);
    assert.equal(outbox.waiting.size, 1);
  });

  it('keeps, stops and reports when the log has shrunk', async () => {
    const outbox = memoryOutbox(scene.agent, scene.agent.make());
    outbox.checkpoint = {
      origin: scene.running.log.signer.origin,
      size: 100,
      root: Buffer.alloc(32).toString('base64'),
    };
    const report = await scene.post(outbox, scene.running.endpoint.url);
    assert.deepEqual(reasons(report), ['log-diverged']);
    assert.deepEqual(outbox.divergences, [scene.running.log.signer.origin]);
    assert.equal(outbox.waiting.size, 1);
    assert.equal(outbox.checkpoint.size, 100);
  });

  it('keeps, stops and reports when the log shows two roots for one size', async () => {
    const outbox = memoryOutbox(scene.agent, scene.agent.make());
    outbox.checkpoint = { origin: scene.running.log.signer.origin, size: 1, root: Buffer.alloc(32).toString('base64') };
    assert.deepEqual(reasons(await scene.post(outbox, scene.running.endpoint.url)), ['log-diverged']);
    assert.equal(outbox.divergences.length, 1);
  });

  it('takes the receipt of then for a bundle that was taken before others', async () => {
    const early = scene.agent.make();
    await scene.post(memoryOutbox(scene.agent, early), scene.running.endpoint.url);
    const later = memoryOutbox(scene.agent, scene.agent.make(), scene.agent.make());
    await scene.post(later, scene.running.endpoint.url);
    const again = memoryOutbox(scene.agent, early);
    again.checkpoint = later.checkpoint;
    const [report] = (await scene.post(again, scene.running.endpoint.url)).packs;
    assert.ok(report?.fate === 'receipted' && report.repeated && report.treeSize === 1);
    assert.equal(again.checkpoint?.size, 3, 'the newest stays remembered');
  });

  it('keeps, stops and reports when a larger log does not continue the one that it showed before', async () => {
    // Two faces: the same log key over another store, shown to others, which has grown past this one.
    const other = await startRunning(trusting(scene.agent), { logSigner: scene.running.log.signer });
    try {
      const first = memoryOutbox(scene.agent, scene.agent.make());
      await scene.post(first, scene.running.endpoint.url);
      const others = memoryOutbox(scene.agent, scene.agent.make(), scene.agent.make());
      await scene.post(others, other.endpoint.url);
      const victim = memoryOutbox(scene.agent, scene.agent.make());
      victim.checkpoint = first.checkpoint;
      assert.deepEqual(reasons(await scene.post(victim, other.endpoint.url)), ['log-diverged']);
      assert.deepEqual(victim.divergences, [scene.running.log.signer.origin]);
      assert.equal(victim.waiting.size, 1);
    } finally {
      await other.stop();
    }
  });

  it('keeps what an endpoint cannot prove to continue its log, and asks again later', async () => {
    const first = memoryOutbox(scene.agent, scene.agent.make());
    await scene.post(first, scene.running.endpoint.url);
    const mute = await answering((request, response) => {
      if (request.url?.startsWith('/v1/log/consistency') === true) return response.writeHead(404).end('{}');
      const { method = 'GET', headers } = request;
      const sent = ask({ port: scene.running.endpoint.port, method, path: request.url ?? '', headers }, request);
      sent.on('response', (real) => real.pipe(response.writeHead(real.statusCode ?? 500, real.headers)));
      return undefined;
    });
    const second = memoryOutbox(scene.agent, scene.agent.make());
    second.checkpoint = first.checkpoint;
    assert.deepEqual(reasons(await scene.post(second, scene.keep(mute).url)), ['log-unproved']);
    assert.deepEqual([second.waiting.size, second.divergences], [1, []]);
    assert.deepEqual(reasons(await scene.post(second, scene.running.endpoint.url)), ['receipted']);
  });
});

/** The same request to the real endpoint. */
function ask(options: RequestOptions, from: IncomingMessage): ClientRequest {
  const sent = request({ host: '127.0.0.1', ...options });
  from.pipe(sent);
  return sent;
}
