/** Who sends much that is worth nothing: whatever the form, others are served meanwhile and afterwards, from other addresses of loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Limits } from '../../endpoint/limits.ts';
import { makeAgent } from './agent.ts';
import { bundleHeaders, postHead, type Running, sayRaw, startRunning, trusting, until } from './running.ts';

describe('a flood at the endpoint', () => {
  const agent = makeAgent();
  let running: Running;
  const open: Socket[] = [];
  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await running.stop();
  });

  async function serve(limits: Partial<Limits> = {}): Promise<void> {
    running = await startRunning(trusting(agent), { limits });
  }

  /** One bundle from an address of its own. */
  function post(localAddress: string, wire: Uint8Array, headers = bundleHeaders(agent)): Promise<number> {
    return new Promise((resolve, reject) => {
      const { port } = running.endpoint;
      const sent = request(
        { host: '127.0.0.1', port, localAddress, method: 'POST', path: '/v1/bundles', headers, agent: false },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      sent.on('error', reject);
      sent.end(wire);
    });
  }

  async function opened(): Promise<Socket> {
    const socket = connect(running.endpoint.port, '127.0.0.1');
    open.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** Says one byte after the other until the other side ends it; gives what it heard and how many bytes went. */
  function drip(bytes: string): Promise<{ heard: string; said: number }> {
    return new Promise((resolve) => {
      let [heard, said] = ['', 0];
      const socket = connect({ port: running.endpoint.port, host: '127.0.0.1', noDelay: true });
      const timer = setInterval(() => {
        if (said < bytes.length && socket.writable) socket.write(bytes.charAt(said++));
      }, 2);
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(timer);
        resolve({ heard, said });
      });
    });
  }

  it('of connections that say nothing takes the places of its own address alone, and gives them back', async () => {
    await serve({ maxConnectionsPerAddress: 8 });
    const sockets = await Promise.all(Array.from({ length: 60 }, opened));
    await until(() => sockets.filter(({ closed }) => closed).length === 52);
    assert.equal(running.endpoint.connections(), 8);
    assert.equal(await post('127.0.0.2', agent.make().wire), 201);
    for (const socket of sockets) socket.destroy();
    await until(() => running.endpoint.connections() === 0);
    assert.equal(await post('127.0.0.1', agent.make().wire), 201);
  });

  it('of headers, byte by byte, ends when their time is over, however steadily they come', async () => {
    await serve({ headersTimeoutMs: 150, requestTimeoutMs: 5_000, checkIntervalMs: 20 });
    const endless = `POST /v1/bundles HTTP/1.1\r\nhost: x\r\n${'x-long: 1\r\n'.repeat(2_000)}`;
    const [dripped, status] = await Promise.all([drip(endless), post('127.0.0.2', agent.make().wire)]);
    assert.match(dripped.heard, /^HTTP\/1\.1 408 [^]*request-timeout/);
    assert.ok(dripped.said < endless.length);
    assert.equal(status, 201);
  });

  it('of a body, byte by byte, ends when the time of the request is over, though it never stalls', async () => {
    await serve({ stallTimeoutMs: 5_000, headersTimeoutMs: 100, requestTimeoutMs: 200, checkIntervalMs: 20 });
    const endless = `${postHead(bundleHeaders(agent, { 'content-length': '100000' }))}${'x'.repeat(20_000)}`;
    const dripped = await drip(endless);
    assert.match(dripped.heard, /^HTTP\/1\.1 (?:408|400) /);
    assert.ok(dripped.said < endless.length);
    await until(() => running.endpoint.gate.held().bundles === 0);
    assert.equal(await post('127.0.0.1', agent.make().wire), 201);
  });

  it('of requests in one write is counted one by one, and answered in order', async () => {
    await serve({ unverifiedBurst: 20, unverifiedPerSecond: 0.001 });
    const stranger = postHead(bundleHeaders(makeAgent(), { 'content-length': '0' }));
    const last = stranger.replace('host: x', 'host: x\r\nconnection: close');
    const heard = await sayRaw(running.endpoint.port, stranger.repeat(199) + last);
    const statuses = Array.from(heard.matchAll(/HTTP\/1\.1 (\d+) /g), ([, status]) => Number(status));
    assert.deepEqual(statuses, [...Array<number>(20).fill(401), ...Array<number>(180).fill(429)]);
    assert.equal(await post('127.0.0.2', agent.make().wire), 201);
  });

  it('of garbage behind a request ends the connection, and what was asked before is answered', async () => {
    await serve();
    const health = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';
    const heard = await sayRaw(running.endpoint.port, `${health}${'\u0000\u0001garbage\r\n'.repeat(1_000)}`);
    assert.ok((heard.match(/HTTP\/1\.1 /g) ?? []).length <= 2, heard);
    assert.ok(!/HTTP\/1\.1 5/.test(heard), heard);
    assert.equal(await post('127.0.0.1', agent.make().wire), 201);
  });

  for (const [what, lines] of [
    ['two lengths', 'content-length: 4\r\ncontent-length: 5'],
    ['a length and chunks', 'content-length: 4\r\ntransfer-encoding: chunked'],
    ['a length that is none', 'content-length: -1'],
    ['an unknown transfer coding', 'transfer-encoding: gzip, identity'],
  ] as const)
    it(`of requests whose end nobody knows is refused and cut off: ${what}`, async () => {
      await serve();
      const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
      const heard = await sayRaw(
        running.endpoint.port,
        `POST /v1/bundles HTTP/1.1\r\nhost: x\r\n${lines}\r\n\r\n0\r\n\r\n${smuggled}`,
      );
      assert.match(heard, /^HTTP\/1\.1 400 /);
      assert.equal(heard.match(/HTTP\/1\.1 /g)?.length, 1, heard);
    });

  it('of HTTP/2, of an upgrade to it, or of a tunnel gets HTTP/1.1 or an end', async () => {
    await serve();
    const { port } = running.endpoint;
    assert.match(await sayRaw(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), /^(?:HTTP\/1\.1 400 |$)/);
    const upgrade = 'connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk';
    const upgraded = await sayRaw(port, `GET /healthz HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n\r\n`, /"ok"/);
    assert.match(upgraded, /^(?:HTTP\/1\.1 200 |$)/);
    assert.match(await sayRaw(port, 'CONNECT evil.example:25 HTTP/1.1\r\nhost: x\r\n\r\n'), /^(?:HTTP\/1\.1 4\d\d |$)/);
    await until(() => running.endpoint.connections() === 0);
    assert.equal(await post('127.0.0.1', agent.make().wire), 201);
  });

  it("under another's key spends nothing of what that key may send, and soon nothing at all", async () => {
    await serve({ bundlesPerHour: 3, unverifiedBurst: 30, unverifiedPerSecond: 0.001 });
    const forged = makeAgent().make().wire;
    const answers: number[] = [];
    for (let count = 0; count < 40; count += 1) answers.push(await post('127.0.0.1', forged));
    assert.deepEqual(answers, [...Array<number>(30).fill(422), ...Array<number>(10).fill(429)]);
    const own: number[] = [];
    for (let count = 0; count < 4; count += 1) own.push(await post('127.0.0.2', agent.make().wire));
    assert.deepEqual(own, [201, 201, 201, 429]);
  });
});
