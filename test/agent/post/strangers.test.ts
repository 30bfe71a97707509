import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { isDone } from '../../../agent/post/report.ts';
import { answering } from './fake-servers.ts';
import { memoryOutbox } from './memory-outbox.ts';
import { makeScene, reasons, type Scene } from './scene.ts';

describe('posting to what is not the endpoint', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await makeScene();
  });
  afterEach(() => scene.end());

  const problem = (status: number, more: object = {}): string =>
    JSON.stringify({ type: 'urn:affiant:problem:schema-violation', title: 'Not valid.', status, ...more });
  const html = '<html><script>alert(1)</script>Please log in</html>';
  const answers: [string, RequestListener, string][] = [
    [
      '200 with a login page',
      (_, response) => response.setHeader('content-type', 'text/html').end(html),
      'not-an-endpoint',
    ],
    [
      '200 with JSON that is no receipt',
      (_, response) => response.setHeader('content-type', 'application/json').end('{}'),
      'not-an-endpoint',
    ],
    [
      'a receipt of which a part is missing',
      (_, response) =>
        response.setHeader('content-type', 'application/vnd.affiant.receipt.v1+json').end('{"mediaType":"appl'),
      'not-an-endpoint',
    ],
    [
      '422 in HTML',
      (_, response) => response.writeHead(422, { 'content-type': 'text/html' }).end(html),
      'not-an-endpoint',
    ],
    [
      '413 in HTML',
      (_, response) => response.writeHead(413, { 'content-type': 'text/html' }).end(html),
      'not-an-endpoint',
    ],
    [
      '401 in HTML',
      (_, response) => response.writeHead(401, { 'content-type': 'text/html' }).end(html),
      'not-an-endpoint',
    ],
    [
      '409 in HTML',
      (_, response) => response.writeHead(409, { 'content-type': 'text/html' }).end(html),
      'not-an-endpoint',
    ],
    [
      '422 without a signature',
      (_, response) => response.writeHead(422, { 'content-type': 'application/problem+json' }).end(problem(422)),
      'not-an-endpoint',
    ],
    ['404', (_, response) => response.writeHead(404).end(), 'not-an-endpoint'],
    [
      'a redirect to itself',
      (_, response) => response.writeHead(307, { location: '/v1/bundles' }).end(),
      'not-an-endpoint',
    ],
  ];
  for (const [what, listener, code] of answers)
    it(`keeps the pack and tries no more: ${what}`, async () => {
      let requests = 0;
      const url = await scene.instead((request, response) => {
        requests += 1;
        listener(request, response);
      });
      const outbox = memoryOutbox(scene.agent, scene.agent.make());
      const report = await scene.post(outbox, url);
      assert.deepEqual(reasons(report), [code]);
      assert.equal(requests, 1);
      assert.equal(outbox.waiting.size, 1);
      assert.equal(outbox.quarantined.size + outbox.forks.length, 0);
      assert.ok(!JSON.stringify(report).includes('<'), 'nothing of the page gets into a message');
    });

  const failures: [string, RequestListener][] = [
    ['500', (_, response) => response.writeHead(500).end('{}')],
    ['502 in HTML', (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end(html)],
    ['hangs up at once', (_, response) => response.destroy()],
    [
      'hangs up in the middle of its answer',
      (_, response) => {
        response.writeHead(201, {
          'content-type': 'application/vnd.affiant.receipt.v1+json',
          'content-length': '5000',
        });
        response.write('{"mediaType":');
        setImmediate(() => response.destroy());
      },
    ],
  ];
  for (const [what, listener] of failures)
    it(`tries three times, further and further apart, then keeps the pack: ${what}`, async () => {
      let requests = 0;
      const url = await scene.instead((request, response) => {
        requests += 1;
        request.resume();
        listener(request, response);
      });
      const outbox = memoryOutbox(scene.agent, scene.agent.make());
      const report = await scene.post(outbox, url);
      assert.equal(requests, 3);
      assert.deepEqual(scene.slept, [500, 1000]);
      assert.equal(outbox.waiting.size, 1);
      assert.ok(report.stopped !== undefined && !isDone(report));
    });

  it('reads no more than a mebibyte of an answer', async () => {
    const url = await scene.instead((_, response) => {
      response.writeHead(201, { 'content-type': 'application/vnd.affiant.receipt.v1+json' });
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      const push = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', push);
      push();
    });
    const report = await scene.post(memoryOutbox(scene.agent, scene.agent.make()), url);
    assert.deepEqual(reasons(report), ['answer-too-long']);
    assert.ok(report.traffic.received < 2 * 1024 * 1024);
  });

  it('says what is wrong when nothing listens, and when the log address answers a page', async () => {
    const gone = await answering(() => {});
    await gone.close();
    const report = await scene.post(memoryOutbox(scene.agent, scene.agent.make()), gone.url);
    assert.equal(report.stopped?.code, 'no-answer');
    assert.match(report.stopped.message, /nothing listens/);
    assert.deepEqual(report.traffic, { sentBodies: 0, sentHeaders: 0, received: 0 }, 'nothing was sent to nobody');
    const page = await answering((_, response) => response.setHeader('content-type', 'text/html').end(html));
    scene.keep(page);
    assert.equal(
      (await scene.post(memoryOutbox(scene.agent, scene.agent.make()), page.url)).stopped?.code,
      'not-an-endpoint',
    );
  });

  it('does not wait for an endpoint that wants to be left alone for an hour, and does for one that asks for a little', async () => {
    let wanted = '3600';
    const url = await scene.instead((_, response) => response.writeHead(503, { 'retry-after': wanted }).end());
    const outbox = memoryOutbox(scene.agent, scene.agent.make());
    await scene.post(outbox, url);
    assert.deepEqual(scene.slept, []);
    wanted = '7';
    await scene.post(outbox, url);
    assert.deepEqual(scene.slept, [7500, 8000]);
  });

  it('tries a second pack once, in case only the first cannot be taken, and then leaves the rest', async () => {
    let requests = 0;
    const url = await scene.instead((_, response) => {
      requests += 1;
      response.writeHead(500).end();
    });
    const outbox = memoryOutbox(scene.agent, scene.agent.make(), scene.agent.make(), scene.agent.make());
    assert.deepEqual(reasons(await scene.post(outbox, url)), ['endpoint-busy', 'endpoint-busy', 'not-tried']);
    assert.equal(requests, 4);
  });

  it('leaves the rest when three packs in a row were answered by something else', async () => {
    let requests = 0;
    const url = await scene.instead((_, response) => {
      requests += 1;
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    });
    const report = await scene.post(
      memoryOutbox(scene.agent, ...Array.from({ length: 5 }, () => scene.agent.make())),
      url,
    );
    assert.deepEqual(reasons(report), [
      ...Array.from({ length: 3 }, () => 'not-an-endpoint'),
      'not-tried',
      'not-tried',
    ]);
    assert.equal(requests, 3);
  });

  it('does not go in circles with an endpoint that asks again and again for documents', async () => {
    let requests = 0;
    const made = scene.agent.make();
    const missing = made.statement.subject.map(({ digest }) => digest.sha256);
    const url = await scene.instead((request, response) => {
      requests += 1;
      request.resume();
      const problem = { type: 'urn:affiant:problem:documents-missing', title: 'Missing.', status: 424, missing };
      response.writeHead(424, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
    const outbox = memoryOutbox(scene.agent, made);
    assert.deepEqual(reasons(await scene.post(outbox, url)), ['not-an-endpoint']);
    assert.equal(requests, 3);
    assert.equal(outbox.waiting.size, 1);
  });

  it('gets past one pack that something in between will not let through', async () => {
    const made = [scene.agent.make(), scene.agent.make()];
    const url = await scene.instead((request, response) => {
      if (request.headers['affiant-bundle'] === made[0]?.digest) {
        request.resume();
        response.writeHead(406, { 'content-type': 'text/html' }).end(html);
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => /^(affiant|content-(type|enc))/.test(name)),
        );
        fetch(`${scene.running.endpoint.url}/v1/bundles`, {
          method: 'POST',
          headers: headers as Record<string, string>,
          body: Buffer.concat(chunks),
        })
          .then(async (real) => {
            response
              .writeHead(real.status, { 'content-type': real.headers.get('content-type') ?? '' })
              .end(await real.text());
          })
          .catch(() => response.destroy());
      });
    });
    const report = await scene.post(memoryOutbox(scene.agent, ...made), url);
    assert.deepEqual(reasons(report), ['not-an-endpoint', 'receipted']);
  });
});
