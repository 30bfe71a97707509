import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startEndpoint } from '../../endpoint/server.ts';
import { isSignedRejection } from '../../evidence/rejection.ts';
import { throwAwaySigner } from '../../evidence/signing-key.ts';
import { codeOf, valueOf } from '../evidence/sample.ts';
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
} from './running.ts';

describe('endpoint server', () => {
  const agent = makeAgent();
  const stranger = makeAgent();
  let running: Running;

  beforeEach(async () => {
    running = await startRunning(trusting(agent));
  });
  afterEach(() => running.stop());

  describe('before the body', () => {
    it('answers an unknown key with 401 while the body has not been sent', async () => {
      const said = postHead(bundleHeaders(stranger, { 'content-length': '1000' }));
      const heard = await sayRaw(running.endpoint.port, said, /"status":401/);
      assert.match(heard, /^HTTP\/1\.1 401 /);
      assert.match(heard, /urn:affiant:problem:key-unknown/);
      assert.match(heard, /www-authenticate: /i);
    });

    it('tells a client that waits for 100 Continue about its key instead, and lets a known key go on', async () => {
      const waiting = { expect: '100-continue', 'content-length': '1000' };
      assert.match(
        await sayRaw(running.endpoint.port, postHead(bundleHeaders(stranger, waiting)), /"status":401/),
        /^HTTP\/1\.1 401 /,
      );
      assert.match(
        await sayRaw(running.endpoint.port, postHead(bundleHeaders(agent, waiting)), /100 Continue/),
        /^HTTP\/1\.1 100 /,
      );
    });

    it('lets a sender who only listens after the whole body hear why it was turned away', async () => {
      const body = randomBytes(900_000);
      const socket = connect(running.endpoint.port, '127.0.0.1').pause();
      await once(socket, 'connect');
      socket.write(postHead(bundleHeaders(stranger, { 'content-length': String(body.length) })));
      // The answer is on its way before the first byte of the body.
      await once(socket, 'readable');
      await new Promise<void>((resolve, reject) => socket.write(body, (error) => (error ? reject(error) : resolve())));
      const heard = String(socket.read());
      socket.destroy();
      assert.match(heard, /^HTTP\/1\.1 401 /);
    });

    it('does not let a body pass without end after it said no', async () => {
      const said = postHead(bundleHeaders(stranger, { 'content-length': String(1024 ** 3) }));
      const socket = connect(running.endpoint.port, '127.0.0.1').on('error', () => {});
      socket.write(said);
      const chunk = Buffer.alloc(64 * 1024);
      const push = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', push).resume();
      push();
      await new Promise((resolve) => socket.once('close', resolve));
      assert.ok(socket.bytesWritten < 64 * 1024 * 1024);
    });

    it('asks for the key first, then for the form of the body, then for its size', async () => {
      const { endpoint } = running;
      const large = { 'content-length': String(64 * 1024 * 1024) };
      const html = { 'content-type': 'text/html' };
      const orders: [Record<string, string>, number, string][] = [
        [{ ...html, ...large }, 401, 'key-missing'],
        [{ 'affiant-key': stranger.key.keyId, ...html, ...large }, 401, 'key-unknown'],
        [bundleHeaders(agent, { ...html, ...large }), 415, 'media-type'],
        [bundleHeaders(agent, { 'content-encoding': 'gzip', ...large }), 415, 'content-encoding'],
        [bundleHeaders(agent, large), 413, 'too-large'],
      ];
      for (const [headers, status, code] of orders) {
        const heard = await sayRaw(endpoint.port, postHead(headers), /\r\n\r\n\{.*\}$/);
        assert.ok(heard.startsWith(`HTTP/1.1 ${status} `), heard);
        assert.ok(heard.includes(`${problemPrefix}${code}"`), heard);
      }
    });

    it('signs a 413 for the bundle that the sender named', async () => {
      await running.stop();
      running = await startRunning(trusting(agent), { limits: { maxBodyBytes: 1000 } });
      const { digest, wire } = agent.make({
        documents: new Map([['raw/1', { text: randomBytes(2000).toString('hex') }]]),
      });
      const heard = await postWire(running.endpoint, agent, wire, { 'affiant-bundle': digest });
      await rejectedUnstored(running, heard, 413, 'too-large');
      assert.equal(heard.problem().bundle, digest);
      assert.ok(isSignedRejection(heard.problem(), running.log.verifier));
      const chunked = await postWire(running.endpoint, agent, wire, {
        'affiant-bundle': digest,
        'transfer-encoding': 'chunked',
      });
      await rejectedUnstored(running, chunked, 413, 'too-large');
      const unnamed = await postWire(running.endpoint, agent, wire);
      assert.equal(unnamed.problem().signature, undefined);
    });
  });

  describe('other addresses', () => {
    it('shows the log key and the newest checkpoint', async () => {
      await postWire(running.endpoint, agent, agent.make().wire);
      const heard = await ask(running.endpoint, 'GET', '/v1/log?x=1');
      assert.equal(heard.status, 200);
      assert.deepEqual(JSON.parse(heard.text), {
        verifierKey: running.log.signer.verifierKey,
        checkpoint: valueOf(await running.store.checkpoint()).note,
      });
    });

    it('says that it is healthy', async () => {
      assert.equal((await ask(running.endpoint, 'GET', '/healthz')).text, '{"status":"ok"}');
      const only = await ask(running.endpoint, 'HEAD', '/healthz');
      assert.deepEqual([only.status, only.text], [200, '']);
    });

    it('answers in problem+json whatever the client would like: 404, 405 with Allow, 417', async () => {
      const html = { accept: 'text/html' };
      const missing = await ask(running.endpoint, 'GET', '/<script>', html);
      assert.deepEqual([missing.status, missing.problem().type], [404, `${problemPrefix}not-found`]);
      assert.ok(!missing.text.includes('<script>'));
      const method = await ask(running.endpoint, 'DELETE', '/v1/bundles', html);
      assert.deepEqual(
        [method.status, method.headers.allow, method.problem().type],
        [405, 'POST, GET, HEAD', `${problemPrefix}method-not-allowed`],
      );
      const expectation = await ask(running.endpoint, 'POST', '/v1/bundles', { expect: 'tea' });
      assert.deepEqual([expectation.status, expectation.problem().type], [417, `${problemPrefix}expectation`]);
    });

    it('answers what is no HTTP, and headers without end, with a problem', async () => {
      assert.match(
        await sayRaw(running.endpoint.port, 'tea please\r\n\r\n'),
        /^HTTP\/1\.1 400 [^]*urn:affiant:problem:bad-request/,
      );
      const endless = `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`;
      assert.match(
        await sayRaw(running.endpoint.port, endless),
        /^HTTP\/1\.1 431 [^]*urn:affiant:problem:headers-too-large/,
      );
    });
  });

  describe('start', () => {
    const options = (): Parameters<typeof startEndpoint>[0] => ({
      store: running.store,
      logSigner: running.log.signer,
      trustedKeys: trusting(agent),
      listen: { host: '127.0.0.1', port: 0 },
      acceptReplay: false,
      now: () => new Date(),
    });

    it('never speaks plain HTTP where others could listen', async () => {
      for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org', '127.0.0.1.example.org'])
        assert.equal(
          codeOf(await startEndpoint({ ...options(), listen: { host, port: 0 } })),
          'plain-http-refused',
          host,
        );
    });

    it('says what is wrong with a port that is taken, and with a certificate that is none', async () => {
      const taken = await startEndpoint({ ...options(), listen: { host: '127.0.0.1', port: running.endpoint.port } });
      assert.equal(codeOf(taken), 'listen-failed');
      assert.ok(!taken.ok && /another program/.test(taken.refusal.remedy ?? ''));
      const key = throwAwaySigner().publicKeyPem;
      assert.equal(codeOf(await startEndpoint({ ...options(), tls: { cert: key, key } })), 'certificate-unusable');
    });
  });
});
