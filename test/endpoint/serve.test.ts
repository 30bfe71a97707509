/** The whole program as an operator runs it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { makeCertificates } from '../agent/post/certificates.ts';
import { makeAgent } from './agent.ts';
import { ask, bundleHeaders, postHead, postWire, sayRaw } from './running.ts';
import { type ServeProcess, startServing } from './serving.ts';

describe('affiant serve', () => {
  const agent = makeAgent();
  let serving: ServeProcess | undefined;
  afterEach(() => serving?.remove());
  const port = (): number => Number(serving?.url.port);

  async function metrics(): Promise<string> {
    const line = await serving?.heard('listening');
    const answer = await fetch(new URL('/metrics', String(line?.['metrics'])));
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    return answer.text();
  }

  it('logs each request by ids and digests, and tells Prometheus, and hostile input forges no line', async () => {
    serving = await startServing([agent], { metricsListen: '127.0.0.1:0' });
    const endpoint = { port: port() };
    const { wire, digest } = agent.make();
    assert.equal((await postWire(endpoint, agent, wire)).status, 201);
    assert.equal((await postWire(endpoint, agent, wire)).status, 200);
    const forged = '/%0a{"event":"forged"}?x=\u0001';
    await sayRaw(endpoint.port, `GET ${forged} HTTP/1.1\r\nhost: x\r\nconnection: close\r\naffiant-key: \x7f\r\n\r\n`);
    await sayRaw(
      endpoint.port,
      'GET / HTTP/1.1\r\nhost: x\r\nsecret-header: hunter2\r\nauthorization: Bearer hunter2\r\nconnection: close\r\n\r\n',
    );
    await serving.heard('request', (line) => line['status'] === 404);
    const posts = serving.lines().filter((line) => line['route'] === '/v1/bundles');
    assert.deepEqual(
      posts.map(({ status, key, bundle }) => [status, key, bundle]),
      [201, 200].map((status) => [status, agent.key.keyId, digest]),
    );
    const all = JSON.stringify(serving.lines());
    assert.ok(!all.includes('forged') && !all.includes('hunter2'), all);
    const text = await metrics();
    assert.match(text, /^affiant_bundles_total\{outcome="stored"\} 1$/m);
    assert.match(text, /^affiant_bundles_total\{outcome="repeated"\} 1$/m);
    assert.match(text, /^affiant_log_size [1-9]$/m);
    assert.match(text, /^affiant_store_up 1$/m);
    assert.match(text, /^affiant_http_request_duration_seconds_count\{route="\/v1\/bundles"\} 2$/m);
    assert.match(text, /^affiant_http_unreadable_total\{problem="bad-request"\} 1$/m);
    assert.ok(!text.includes(agent.key.keyId) && !text.includes('forged'));
    // Neither the least, which copies what is in work again and again, nor what V8 would take (decision 085).
    const young = Number(/^nodejs_heap_space_size_total_bytes\{space="new"\} (\d+)$/m.exec(text)?.[1]);
    assert.ok(young > 4 * 2 ** 20 && young <= 16 * 2 ** 20, String(young));
    assert.equal(await serving.end(), 0);
    assert.deepEqual(
      serving
        .lines()
        .slice(-2)
        .map(({ event }) => event),
      ['draining', 'stopped'],
    );
  });

  it('ends on SIGTERM what was begun: says that it is not ready, takes nothing new, keeps the bundle on its way', async () => {
    serving = await startServing([agent], { metricsListen: '127.0.0.1:0' });
    const { wire, digest } = agent.make();
    const socket = connect(port(), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(postHead(bundleHeaders(agent, { 'content-length': String(wire.length), expect: '100-continue' })));
    await once(socket, 'data');
    const management = String((await serving.heard('listening'))['metrics']);
    assert.equal((await fetch(new URL('/readyz', management))).status, 200);
    const ended = serving.end();
    await serving.heard('draining');
    const unready = await fetch(new URL('/readyz', management));
    assert.equal(unready.status, 503);
    assert.match(await unready.text(), /urn:affiant:problem:draining/);
    await assert.rejects(ask({ port: port() }, 'GET', '/healthz'), { code: 'ECONNREFUSED' });
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.write(wire);
    await once(socket, 'close');
    assert.match(heard, /^HTTP\/1\.1 201 [^]*connection: close/i);
    assert.equal(await ended, 0);
    assert.equal((await serving.heard('request', (line) => line['status'] === 201))['bundle'], digest);
  });

  it('reads its certificate again on SIGHUP, and says why where it keeps the old one', async function () {
    const certificates = makeCertificates();
    if (certificates === undefined) this.skip();
    try {
      const { good, wrongName } = certificates;
      serving = await startServing([agent]);
      const { folder } = serving;
      await serving.end();
      writeFileSync(join(folder, 'tls.pem'), good.cert);
      writeFileSync(join(folder, 'tls.key'), good.key);
      serving = await startServing([agent], { certFile: 'tls.pem', keyFile: 'tls.key' }, folder);
      assert.equal(serving.url.protocol, 'https:');
      const { spki } = await serving.heard('certificate');
      writeFileSync(join(folder, 'tls.pem'), wrongName.cert);
      serving.child.kill('SIGHUP');
      assert.match(String((await serving.heard('certificate-kept'))['error']), /another certificate/);
      writeFileSync(join(folder, 'tls.key'), wrongName.key);
      serving.child.kill('SIGHUP');
      assert.notEqual((await serving.heard('certificate-replaced'))['spki'], spki);
      const text = JSON.stringify(serving.lines());
      assert.ok(!text.includes('PRIVATE KEY'));
      assert.equal(await serving.end(), 0);
    } finally {
      certificates.remove();
    }
  });
});
