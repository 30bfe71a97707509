import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Store } from '../../endpoint/store/store.ts';
import { refuse } from '../../evidence/result.ts';
import { makeAgent } from './agent.ts';
import {
  ask,
  bundleHeaders,
  postHead,
  postWire,
  problemPrefix,
  type Running,
  rejectedUnstored,
  sayRaw,
  startRunning,
  trusting,
  until,
} from './running.ts';

describe('endpoint under pressure', () => {
  const agent = makeAgent();
  let running: Running;

  beforeEach(async () => {
    running = await startRunning(trusting(agent));
  });
  afterEach(() => running.stop());

  const open: Socket[] = [];
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });
  /** A client that sends its headers and then half a body. */
  async function halfSent(bytes = 10): Promise<Socket> {
    const socket = connect(running.endpoint.port, '127.0.0.1');
    open.push(socket);
    await once(socket, 'connect');
    socket.write(postHead(bundleHeaders(agent, { 'content-length': '100000', expect: '100-continue' })));
    await once(socket, 'data');
    socket.write(Buffer.alloc(bytes));
    return socket;
  }

  it('tells one more than it can work on to come later, and takes it then', async () => {
    await running.stop();
    running = await startRunning(trusting(agent), { limits: { maxInFlight: 1 } });
    const slow = await halfSent();
    const { wire } = agent.make();
    const heard = await postWire(running.endpoint, agent, wire);
    await rejectedUnstored(running, heard, 429, 'overloaded');
    assert.match(String(heard.headers['retry-after']), /^[0-9]+$/);
    slow.destroy();
    let status = 429;
    while (status === 429) ({ status } = await postWire(running.endpoint, agent, wire));
    assert.equal(status, 201);
  });

  it('holds no more bytes of bodies than its budget, and gets them back', async () => {
    await running.stop();
    const { wire } = agent.make();
    running = await startRunning(trusting(agent), { limits: { maxBufferedBytes: wire.length + 100 } });
    const slow = await halfSent(1000);
    let heard = await postWire(running.endpoint, agent, wire);
    while (heard.status === 201) heard = await postWire(running.endpoint, agent, agent.make().wire);
    assert.equal(heard.problem().type, `${problemPrefix}overloaded`);
    slow.destroy();
    let { status } = heard;
    while (status === 429) ({ status } = await postWire(running.endpoint, agent, wire));
    assert.ok(status === 201 || status === 200);
  });

  it('cuts off who sends headers or a body too slowly', async () => {
    await running.stop();
    running = await startRunning(trusting(agent), {
      limits: { headersTimeoutMs: 100, requestTimeoutMs: 200, checkIntervalMs: 20 },
    });
    assert.match(
      await sayRaw(running.endpoint.port, 'POST /v1/bundles HTTP/1.1\r\nhost: x\r\nslow'),
      /^HTTP\/1\.1 408 [^]*request-timeout/,
    );
    const slow = await halfSent();
    slow.resume();
    await once(slow, 'close');
    assert.equal((await postWire(running.endpoint, agent, agent.make().wire)).status, 201);
  });

  it('ends who asks and asks and never reads an answer, and who comes and says nothing', async () => {
    await running.stop();
    const limits = { idleTimeoutMs: 1000, headersTimeoutMs: 1000, checkIntervalMs: 20 };
    running = await startRunning(trusting(agent), { limits });
    const deaf = connect(running.endpoint.port, '127.0.0.1');
    const dumb = connect(running.endpoint.port, '127.0.0.1');
    open.push(deaf, dumb);
    for (const socket of [deaf, dumb]) socket.on('error', () => {});
    deaf.pause();
    // More than the buffers of both sides hold.
    deaf.write('GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(400));
    await until(() => running.endpoint.connections() === 2);
    await until(() => running.endpoint.connections() === 0);
    assert.equal((await postWire(running.endpoint, agent, agent.make().wire)).status, 201);
  });

  it('answers 503 when the store fails, and 500 without the reason when the program breaks', async () => {
    const real = running;
    await real.endpoint.close();
    const full = async (): Promise<ReturnType<typeof refuse>> => refuse('store-failed', 'disk full');
    const store: Store = { ...real.store, close: async () => {}, admit: full, checkpoint: full, pack: full };
    running = await startRunning(trusting(agent), { store });
    const failed = await postWire(running.endpoint, agent, agent.make().wire);
    assert.deepEqual([failed.status, failed.problem().type], [503, `${problemPrefix}store-failed`]);
    assert.match(String(failed.headers['retry-after']), /^[0-9]+$/);
    assert.equal((await ask(running.endpoint, 'GET', '/healthz')).status, 503);
    await running.stop();
    const faults: unknown[] = [];
    const breaking: Store = { ...real.store, close: async () => {}, admit: () => Promise.reject(new Error('a fault')) };
    running = await startRunning(trusting(agent), {
      store: breaking,
      observer: { fault: (error) => faults.push(error) },
    });
    const broken = await postWire(running.endpoint, agent, agent.make().wire);
    assert.deepEqual([broken.status, broken.problem().type], [500, `${problemPrefix}internal`]);
    assert.ok(!broken.text.includes('a fault'));
    assert.equal(faults.length, 1);
    await real.stop();
  });

  it('ends what runs before it closes, and takes nothing new', async () => {
    const made = agent.make();
    const socket = connect(running.endpoint.port, '127.0.0.1');
    open.push(socket);
    await once(socket, 'connect');
    socket.write(
      postHead(bundleHeaders(agent, { 'content-length': String(made.wire.length), expect: '100-continue' })),
    );
    await once(socket, 'data');
    const closed = running.endpoint.close();
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.write(made.wire);
    await once(socket, 'close');
    await closed;
    assert.match(heard, /^HTTP\/1\.1 201 [^]*connection: close/i);
    await assert.rejects(ask(running.endpoint, 'GET', '/healthz'), { code: 'ECONNREFUSED' });
  });
});
