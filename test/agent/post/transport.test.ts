import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { postPending } from '../../../agent/post/post.ts';
import { isDone, type PostReport } from '../../../agent/post/report.ts';
import type { EndpointConfig } from '../../../schemas/generated/types.ts';
import { type Agent, makeAgent } from '../../endpoint/agent.ts';
import { type Running, startRunning, trusting } from '../../endpoint/running.ts';
import { valueOf } from '../../evidence/sample.ts';
import { type Certificates, makeCertificates, type Pair } from './certificates.ts';
import { answering, type Fake, listening } from './fake-servers.ts';
import { memoryOutbox } from './memory-outbox.ts';

const now = (): Date => new Date('2026-11-23T10:00:05Z');

/** A proxy that connects (RFC 9110 section 9.3.6) to this machine, whatever name it is asked for. */
async function connectProxy(status = 200): Promise<Fake & { readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  const sockets = new Set<Socket>();
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const far = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(client).pipe(far);
    });
    for (const socket of [far, client]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  const fake = await listening(server);
  return {
    ...fake,
    asked,
    close() {
      for (const socket of sockets) socket.destroy();
      return fake.close();
    },
  };
}

describe('transport', () => {
  let certificates: Certificates | undefined;
  let agent: Agent;
  let running: Running | undefined;
  const fakes: Fake[] = [];

  before(function () {
    certificates = makeCertificates();
    // Named by the reporter: without openssl there are no certificates to try.
    if (certificates === undefined) this.skip();
  });
  after(() => certificates?.remove());
  beforeEach(() => {
    agent = makeAgent();
  });
  afterEach(async () => {
    await Promise.all(fakes.splice(0).map((fake) => fake.close()));
    await running?.stop();
    running = undefined;
  });

  function made(): Certificates {
    return certificates ?? assert.fail('this machine has no openssl');
  }
  async function serve(tls: Pair): Promise<Running> {
    running = await startRunning(trusting(agent), { tls });
    return running;
  }
  async function post(settings: Partial<EndpointConfig> & { url: string }): Promise<PostReport> {
    const outbox = memoryOutbox(agent, agent.make());
    return valueOf(
      await postPending(outbox, { timeoutSeconds: 5, ...settings }, { now, sleep: async () => {}, attempts: 1 }),
    );
  }

  it('posts over TLS to an endpoint whose certificate its own authority signed', async () => {
    const { endpoint } = await serve(made().good);
    assert.ok(endpoint.url.startsWith('https://'));
    assert.ok(isDone(await post({ url: endpoint.url, caFile: made().caFile })));
    assert.ok(isDone(await post({ url: `https://localhost:${endpoint.port}`, caFile: made().caFile })));
  });

  it('shows its client certificate where the endpoint asks for one, and names the files where it cannot', async () => {
    const { good, caFile } = made();
    running = await startRunning(trusting(agent), { tls: { ...good, clientCa: readFileSync(caFile, 'utf8') } });
    const { url } = running.endpoint;
    assert.ok(!isDone(await post({ url, caFile })));
    const folder = mkdtempSync(join(tmpdir(), 'affiant-client-'));
    try {
      const client = { clientCertFile: join(folder, 'client.pem'), clientKeyFile: join(folder, 'client.key') };
      writeFileSync(client.clientCertFile, good.cert);
      writeFileSync(client.clientKeyFile, good.key);
      assert.ok(isDone(await post({ url, caFile, ...client })));
      writeFileSync(client.clientKeyFile, made().wrongName.key);
      const bad = await postPending(memoryOutbox(agent), { url, caFile, ...client }, { now });
      assert.ok(!bad.ok && bad.refusal.message.includes(client.clientKeyFile));
      assert.ok(!bad.ok && !bad.refusal.message.includes('PRIVATE'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const refusals: [string, (all: Certificates) => [Pair, string | undefined], RegExp][] = [
    ['for another name', (all) => [all.wrongName, all.caFile], /another host name/],
    ['that has expired', (all) => [all.expired, all.caFile], /has expired/],
    ['that signed itself', (all) => [all.selfSigned, all.caFile], /not signed by an authority/],
    ['that another authority signed', (all) => [all.good, all.otherCaFile], /not signed by an authority/],
    ['that no public authority signed', (all) => [all.good, undefined], /not signed by an authority/],
  ];
  for (const [what, choose, message] of refusals)
    it(`refuses a certificate ${what}`, async () => {
      const [pair, caFile] = choose(made());
      const { endpoint, store } = await serve(pair);
      const report = await post({ url: endpoint.url, ...(caFile !== undefined && { caFile }) });
      assert.equal(report.stopped?.code, 'tls-refused');
      assert.match(report.stopped.message, message);
      assert.ok(report.stopped.remedy);
      assert.equal(valueOf(await store.checkpoint()).size, 0);
    });

  it('refuses an untrusted certificate whatever the environment says', async () => {
    const { endpoint } = await serve(made().selfSigned);
    const script = fileURLToPath(new URL('../../../agent/post/transport.ts', import.meta.url));
    const code = `
      const { openTransport } = await import(${JSON.stringify(script)});
      const transport = await openTransport({ url: ${JSON.stringify(endpoint.url)} });
      const exchange = await transport.value.get('/healthz');
      console.log(JSON.stringify(exchange));
      await transport.value.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      env: { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await once(child, 'close');
    assert.match(said, /"code":"tls-refused"/);
  });

  it('says so when a port speaks no TLS', async () => {
    const plain = await answering((_, response) => response.end());
    fakes.push(plain);
    assert.equal(
      (await post({ url: `https://127.0.0.1:${plain.port}`, caFile: made().caFile })).stopped?.code,
      'tls-failed',
    );
  });

  it('finds an endpoint that takes nothing older than TLS 1.3', async () => {
    const { endpoint } = await serve(made().good);
    const socket = connectTls({
      port: endpoint.port,
      host: '127.0.0.1',
      maxVersion: 'TLSv1.2',
      rejectUnauthorized: false,
    });
    await assert.rejects(once(socket, 'secureConnect'), /protocol version|alert/i);
  });

  describe('with a proxy', () => {
    const far = 'evidence.example.org';

    it('goes through it with the certificate of the endpoint checked end to end', async () => {
      const { endpoint } = await serve(made().wrongName);
      const proxy = await connectProxy();
      fakes.push(proxy);
      const named = { proxy: proxy.url, caFile: made().caFile };
      assert.ok(isDone(await post({ url: `https://other.example.org:${endpoint.port}`, ...named })));
      assert.deepEqual(proxy.asked, [`other.example.org:${endpoint.port}`]);
      const report = await post({ url: `https://${far}:${endpoint.port}`, ...named });
      assert.match(report.stopped?.message ?? '', /another host name/);
      const untrusted = await post({ url: `https://other.example.org:${endpoint.port}`, proxy: proxy.url });
      assert.equal(untrusted.stopped?.code, 'tls-refused');
    });

    it('is not asked for what noProxy exempts, nor for this machine', async () => {
      const { endpoint } = await serve(made().good);
      const proxy = await connectProxy();
      fakes.push(proxy);
      const exempt = await post({ url: `https://${far}.invalid:1`, proxy: proxy.url, noProxy: ['.invalid'] });
      assert.equal(exempt.stopped?.code, 'no-answer');
      assert.ok(
        isDone(await post({ url: `https://localhost:${endpoint.port}`, proxy: proxy.url, caFile: made().caFile })),
      );
      assert.deepEqual(proxy.asked, []);
    });

    it('says that it was the proxy that refused', async () => {
      for (const status of [403, 407, 502]) {
        const proxy = await connectProxy(status);
        fakes.push(proxy);
        const { stopped } = await post({ url: `https://${far}`, proxy: proxy.url });
        assert.equal(stopped?.code, 'proxy-refused');
        assert.match(stopped.message, new RegExp(`${status}`));
      }
    });

    it('says so when the proxy is not there', async () => {
      const proxy = await connectProxy();
      await proxy.close();
      assert.match((await post({ url: `https://${far}`, proxy: proxy.url })).stopped?.message ?? '', /nothing listens/);
    });
  });

  it('gives up on an endpoint that never answers', async () => {
    const mute = await answering(() => {});
    fakes.push(mute);
    const { stopped } = await post({ url: mute.url, timeoutSeconds: 1 });
    assert.equal(stopped?.code, 'no-answer');
    assert.match(stopped.message, /in time/);
  });
});
