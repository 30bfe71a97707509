/** The door to a provider, against a local https server. The answers are written after the vendors' documentation. */
import assert from 'node:assert/strict';
import { miss, policies, useDoor, user } from './door.ts';
import { goodToken, json, type Responder, tokenPath } from './vendor-server.ts';

describe('the pages of a list', () => {
  const door = useDoor();

  it('refuses JSON that ends too soon', async () => {
    const answer = await door.list({
      [policies]: ((_request, response) => void response.end('{"value":[{"id":"1"}')) satisfies Responder,
    });
    assert.equal(miss(answer), 'failed json-syntax');
  });

  it('refuses an answer whose connection breaks in the middle', async () => {
    const answer = await door.list({
      [policies]: ((_request, response) => {
        response.writeHead(200, { 'content-length': '100000' });
        response.write('{"value":[', () => response.socket?.destroy());
      }) satisfies Responder,
    });
    assert.equal(miss(answer), 'failed no-answer');
  });

  it('a page in the middle that fails makes the whole list fail', async () => {
    const answer = await door.list({
      [policies]: ((_request, response, origin) =>
        json(response, 200, {
          value: [1],
          '@odata.nextLink': `${origin}${policies}?$skiptoken=a`,
        })) satisfies Responder,
      [`${policies}?$skiptoken=a`]: ((_request, response) => json(response, 500, {})) satisfies Responder,
    });
    assert.equal(miss(answer), 'failed http-500');
  });

  const foreign: readonly (readonly [string, (origin: string) => unknown])[] = [
    ['to another host', () => 'https://graph.microsoft.example/v1.0/identity/conditionalAccess/policies?$skiptoken=a'],
    ['to another port', (origin) => `${origin.replace(/\d+$/, '1')}${policies}`],
    ['without TLS', (origin) => `${origin.replace('https', 'http')}${policies}?$skiptoken=a`],
    ['with a user in front', (origin) => `${origin.replace('https://', 'https://u:p@')}${policies}?$skiptoken=a`],
    ['to another part of the API', (origin) => `${origin}/beta/me/messages`],
    ['up and out', (origin) => `${origin}/v1.0/../admin`],
    ['that is no text', () => 7],
    ['that begins with two slashes', () => '//graph.example/v1.0/x'],
  ];
  for (const [title, link] of foreign)
    it(`follows no next link ${title}`, async () => {
      const answer = await door.list({
        [policies]: ((_request, response, origin) =>
          json(response, 200, { value: [1], '@odata.nextLink': link(origin) })) satisfies Responder,
      });
      assert.equal(miss(answer), 'failed next-link-foreign');
      assert.equal(door.vendor().asked.filter((line) => line.startsWith('GET')).length, 1);
    });

  it('ends where a next link leads back', async () => {
    const answer = await door.list({
      [policies]: ((_request, response, origin) =>
        json(response, 200, { value: [1], '@odata.nextLink': `${origin}${policies}` })) satisfies Responder,
    });
    assert.equal(miss(answer), 'failed next-link-loops');
  });

  const endless: Responder = (request, response, origin) => {
    const at = Number(/skiptoken=(\d+)/.exec(request.url ?? '')?.[1] ?? '0');
    json(response, 200, {
      value: [at],
      '@odata.nextLink': `${origin}${(request.url ?? '').split('?', 1)[0]}?$skiptoken=${at + 1}`,
    });
  };

  it('fails where pages do not end, for a list that must be whole', async () => {
    assert.equal(miss(await door.list({ [policies]: endless })), 'failed too-many-pages');
  });

  it('says that it was cut, for a list that may be', async () => {
    const { directory } = await door.entra({ '/beta/auditLogs/signIns': endless });
    const answer = await directory.list('entra-sign-ins', user, '2026-10-24T00:00:00Z');
    assert.ok(answer.status === 'observed' && !answer.value.complete && answer.value.items.length === 10);
    assert.equal(door.open().records()[0]?.truncated, true);
    assert.match(answer.source, /<since>/);
  });

  it('follows no redirect', async () => {
    const answer = await door.list({
      [policies]: ((_request, response, origin) =>
        void response.writeHead(302, { location: `${origin}/elsewhere` }).end()) satisfies Responder,
      '/elsewhere': { value: [1] },
    });
    assert.equal(miss(answer), 'failed redirect-refused');
    assert.ok(!door.vendor().asked.includes('GET /elsewhere'));
  });

  it('stops reading an answer that is too long', async () => {
    const answer = await door.list({
      [policies]: ((_request, response) => {
        response.on('error', () => undefined);
        const chunk = Buffer.alloc(1024 * 1024, ' ');
        const more = (left: number): void => {
          if (left > 0 && !response.destroyed) response.write(chunk, () => more(left - 1));
        };
        more(64);
      }) satisfies Responder,
    });
    assert.equal(miss(answer), 'failed answer-too-long');
  });

  it('refuses nesting that no answer has', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const answer = await door.list({
      [policies]: ((_request, response) => void response.end(`{"value":${deep}}`)) satisfies Responder,
    });
    assert.equal(miss(answer), 'failed json-too-deep');
  });

  it('refuses a certificate that our authority did not sign', async () => {
    const vendor = await door.start({ [tokenPath]: goodToken }, door.certificates().selfSigned);
    const open = await door.enter('entra');
    assert.equal(miss(door.noted(await open.directory.list('entra-policies'))), 'failed tls-refused');
    assert.deepEqual(vendor.asked, []);
  });

  it('says timed-out, not failed, where the budget ends while it waits for an answer', async () => {
    const vendor = await door.start({
      [tokenPath]: goodToken,
      [policies]: (() => undefined) satisfies Responder,
    });
    const ending = new AbortController();
    const open = await door.enter('entra', door.setting().config, { signal: ending.signal });
    const asking = open.directory.list('entra-policies');
    while (!vendor.asked.includes(`GET ${policies}`)) await new Promise((done) => setImmediate(done));
    ending.abort();
    assert.equal(miss(door.noted(await asking)), 'timed-out budget-spent');
  });
});
