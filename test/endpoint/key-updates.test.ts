/** A client that asks for new keys of TLS 1.3 without end, by OpenSSL's own library: each costs the endpoint more than it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { recordCounter } from '../../endpoint/tls-records.ts';
import { type Certificates, makeCertificates } from '../agent/post/certificates.ts';
import { makeAgent } from './agent.ts';
import { bundleHeaders, postHead, type Running, startRunning, trusting, until } from './running.ts';

const flooder = join(import.meta.dirname, 'key-updates.py');

describe('a flood of key updates at the endpoint', () => {
  const agent = makeAgent();
  let certificates: Certificates | undefined;
  let running: Running | undefined;
  let child: ChildProcess | undefined;

  before(function () {
    certificates = makeCertificates();
    const library = spawnSync('python3', ['-c', 'import ctypes; ctypes.CDLL("libssl.so.3")']);
    // Named by the reporter: nothing else here can ask for new keys.
    if (certificates === undefined || library.status !== 0) this.skip();
  });
  after(() => certificates?.remove());
  afterEach(async () => {
    child?.kill('SIGKILL');
    await running?.stop();
  });

  function post(wire: Uint8Array): Promise<number> {
    const ca = readFileSync(certificates?.caFile ?? '', 'utf8');
    const options = { host: '127.0.0.1', port: running?.endpoint.port, localAddress: '127.0.0.2', agent: false, ca };
    return new Promise((resolve, reject) => {
      const sent = request(
        { ...options, method: 'POST', path: '/v1/bundles', headers: bundleHeaders(agent) },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      sent.on('error', reject);
      sent.end(wire);
    });
  }

  function get(port: number, ca: string, by: Agent): Promise<number> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/healthz', agent: by, ca }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      })
        .on('error', reject)
        .end();
    });
  }

  it('is cut off after a few hundred, and others are served meanwhile', async () => {
    running = await startRunning(trusting(agent), certificates && { tls: certificates.good });
    const { endpoint } = running;
    child = spawn('python3', [flooder, String(endpoint.port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    await until(() => said.includes('connected'));
    assert.equal(await post(agent.make().wire), 201);
    await ended;
    // What it had sent before it heard of it lies in buffers on the way. Without a count it sends 150,000 in ten seconds.
    const [, sent] = /cut off after (\d+)\n$/.exec(said) ?? assert.fail(said);
    assert.ok(Number(sent) > 0 && Number(sent) < 50_000, sent);
    await until(() => endpoint.connections() === 0);
    assert.equal(await post(agent.make().wire), 201);
  }).timeout(60_000);

  it('is not what a request in many small records is taken for, nor many requests on one connection', async () => {
    running = await startRunning(trusting(agent), certificates && { tls: certificates.good });
    const { port } = running.endpoint;
    const ca = readFileSync(certificates?.caFile ?? '', 'utf8');
    const socket = connectTls({ host: '127.0.0.1', port, ca });
    await once(socket, 'secureConnect');
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
    });
    socket.setNoDelay(true);
    // Each write is a record of its own.
    for (const piece of postHead(bundleHeaders(makeAgent(), { 'content-length': '150' }))) socket.write(piece);
    await until(() => heard.includes('HTTP/1.1 401 '));
    socket.destroy();
    const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = new Set<number>();
    for (let count = 0; count < 600; count += 1) answers.add(await get(port, ca, keepAlive));
    keepAlive.destroy();
    assert.deepEqual([...answers], [200]);
  }).timeout(60_000);

  it('is looked for without hiding from whom a request comes', async () => {
    const seen: (string | undefined)[] = [];
    running = await startRunning(trusting(agent), {
      ...(certificates && { tls: certificates.good }),
      observer: { handled: ({ remoteAddress }) => void seen.push(remoteAddress) },
    });
    assert.equal(await post(agent.make().wire), 201);
    await until(() => seen.length > 0);
    assert.deepEqual(seen, ['127.0.0.2']);
  });
});

describe('records of TLS', () => {
  const records = [0, 1, 17, 200, 16_401].map((length) =>
    Buffer.concat([Buffer.from([23, 3, 3, length >> 8, length & 255]), Buffer.alloc(length)]),
  );
  it('are counted once they are whole, however they come in pieces', () => {
    const all = Buffer.concat(records);
    for (const size of [1, 2, 3, 5, 7, 64, 4096, all.length]) {
      const count = recordCounter();
      let counted = 0;
      for (let at = 0; at < all.length; at += size) counted += count(all.subarray(at, at + size));
      assert.equal(counted, records.length, String(size));
    }
    const count = recordCounter();
    assert.equal(count(all.subarray(0, -1)), records.length - 1);
    assert.equal(count(all.subarray(-1)), 1);
  });
});
