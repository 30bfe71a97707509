/** `affiant serve` while bundles do not stop coming: told to end, with more than it can hold, and with another certificate. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import { makeCertificates } from '../agent/post/certificates.ts';
import { valueOf } from '../evidence/sample.ts';
import { makeAgent } from './agent.ts';
import { assertNothingLost } from './nothing-lost.ts';
import { bundleHeaders, postHead } from './running.ts';
import { type ServeProcess, startServing } from './serving.ts';
import { post, type Stream, startStream } from './stream.ts';

const origin = 'log.affiant.example';

describe('affiant serve under a load that does not end', function () {
  this.timeout(120_000);
  let serving: ServeProcess | undefined;
  const open: Socket[] = [];
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
    serving?.remove();
  });

  /** Once the endpoint has ended: over its files. */
  async function nothingLost({ folder }: ServeProcess, { given, sent }: Stream): Promise<void> {
    const own = join(folder, 'state', 'endpoint');
    const logSigner = valueOf(loadOrCreateLogKey(own, origin));
    const store = valueOf(await openSqliteStore(join(own, 'endpoint.sqlite'), { logSigner, now: () => new Date() }));
    try {
      await assertNothingLost(store, given, sent, logSigner.verifierKey);
    } finally {
      await store.close();
    }
  }

  it('ends on SIGTERM with an answer to each bundle that it kept, and takes the others when it is back', async () => {
    const agents = Array.from({ length: 8 }, () => makeAgent());
    const first = await startServing(agents, { origin });
    serving = first;
    const stream = startStream(first.url, agents, { untilCut: true });
    await stream.more(40);
    assert.equal(await first.end(), 0);
    await stream.stop();
    assert.ok(stream.unanswered.size > 0, 'it ended while nobody posted: this tests nothing');
    const begun = first.lines().filter(({ route }) => route === '/v1/bundles');
    assert.deepEqual([...new Set(begun.map(({ status }) => status))], [201], 'a bundle that was begun was not ended');
    assert.deepEqual(
      begun.map(({ bundle }) => String(bundle)).filter((digest) => !stream.given.has(digest)),
      [],
      'kept, and nobody got the receipt',
    );
    serving = await startServing(agents, { origin }, first.folder);
    const connections = new HttpAgent();
    for (const [digest, { agent, made }] of stream.unanswered) {
      const heard = await post(serving.url, agent, made.wire, connections);
      // 200 would mean that it was kept before the end and its receipt withheld.
      assert.equal(heard.status, 201, heard.text);
      stream.given.set(digest, { agent, made, receipt: JSON.parse(heard.text) as Receipt });
    }
    assert.equal(await serving.end(), 0);
    assert.equal(stream.given.size, stream.sent.size);
    await nothingLost(serving, stream);
  });

  it('keeps nothing of what it tells to come later, and all that it takes, while half-sent bodies fill its places', async () => {
    const agents = Array.from({ length: 6 }, () => makeAgent());
    const turnedAway = makeAgent();
    const slow = makeAgent();
    const running = await startServing([...agents, turnedAway, slow], { origin });
    serving = running;
    // One address may hold a quarter of 256 places.
    const head = postHead(bundleHeaders(slow, { 'content-length': '100000', expect: '100-continue' }));
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        const socket = connect(Number(running.url.port), '127.0.0.1');
        open.push(socket);
        await once(socket, 'connect');
        socket.write(head);
        await once(socket, 'data');
      }),
    );
    const refused = await post(running.url, turnedAway, turnedAway.make().wire, new HttpAgent());
    assert.equal(refused.status, 429, refused.text);
    assert.match(refused.text, /urn:affiant:problem:overloaded/);
    const stream = startStream(running.url, agents);
    while (stream.throttled() < 60) await once(running.child.stderr ?? assert.fail('no log'), 'data');
    for (const socket of open.splice(0)) socket.destroy();
    await stream.more(60);
    await stream.stop();
    assert.equal(stream.given.size, stream.sent.size);
    assert.equal(await running.end(), 0);
    // The bundle that was turned away and never came again is none of those that were sent.
    await nothingLost(running, stream);
  });

  it('changes its certificate again and again, and no bundle on its way notices', async function () {
    const certificates = makeCertificates();
    if (certificates === undefined) {
      console.log('      skipped: a change of certificates under load: openssl is not there');
      this.skip();
    }
    const agents = Array.from({ length: 6 }, () => makeAgent());
    const { good, wrongName } = certificates;
    const files = ['tls.pem', 'tls.key'] as const;
    const first = await startServing(agents, { origin });
    await first.end();
    const write = ({ cert, key }: typeof good): void => {
      writeFileSync(join(first.folder, files[0]), cert);
      writeFileSync(join(first.folder, files[1]), key);
    };
    write(good);
    const running = await startServing(agents, { origin, certFile: files[0], keyFile: files[1] }, first.folder);
    serving = running;
    const stream = startStream(running.url, agents, { ca: readFileSync(certificates.caFile, 'utf8'), untilCut: true });
    certificates.remove();
    const replaced = (): number => running.lines().filter(({ event }) => event === 'certificate-replaced').length;
    for (let times = 1; times <= 5; times += 1) {
      await stream.more(12);
      write(times % 2 === 1 ? wrongName : good);
      running.child.kill('SIGHUP');
      await running.heard('certificate-replaced', () => replaced() >= times);
    }
    await stream.more(12);
    await stream.stop();
    assert.equal(stream.unanswered.size, 0, 'a bundle got no answer');
    assert.equal(stream.certificates.size, 2);
    assert.equal(await running.end(), 0);
    await nothingLost(running, stream);
  });
});
