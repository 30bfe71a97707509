/** The door to a provider, against a local https server. The answers are written after the vendors' documentation. */
import assert from 'node:assert/strict';
import { miss, policies, useDoor, user } from './door.ts';
import { accessToken, goodToken, json, madePace, type Responder, tokenPath } from './vendor-server.ts';

describe('the door to an identity provider', () => {
  const door = useDoor();

  it('reads all pages of a list with our token, and writes one source record', async () => {
    const page =
      (items: unknown[], next?: string): Responder =>
      (_request, response, origin) =>
        json(response, 200, { value: items, ...(next === undefined ? {} : { '@odata.nextLink': `${origin}${next}` }) });
    const answer = await door.list({
      [policies]: page([{ id: 1 }, { id: 2 }], `${policies}?$skiptoken=a`),
      [`${policies}?$skiptoken=a`]: page([{ id: 3 }], `${policies}?$skiptoken=b`),
      [`${policies}?$skiptoken=b`]: page([]),
    });
    assert.deepEqual(answer, {
      status: 'observed',
      source: `api:${policies}`,
      value: { items: [{ id: 1 }, { id: 2 }, { id: 3 }], complete: true },
    });
    const [record] = door.open().records();
    assert.equal(record?.kind, 'api');
    assert.equal(record?.privilege, 'application');
    assert.equal(record?.entries, 3);
    assert.match(record?.sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(
      door.vendor().asked.map((line) => line.split(' ', 1)[0]),
      ['POST', 'GET', 'GET', 'GET'],
    );
    assert.deepEqual(door.vendor().authorizations.slice(1), Array(3).fill(`Bearer ${accessToken}`));
    assert.match(
      door.vendor().bodies[0] ?? '',
      /^grant_type=client_credentials&client_id=2d4d3d8e[^&]*&client_secret=sEcr3t/,
    );
    assert.match(door.vendor().bodies[0] ?? '', /scope=https%3A%2F%2Fgraph\.microsoft\.com%2F\.default$/);
  });

  it('asks for a token once, and again when it has run out', async () => {
    const pace = madePace();
    const vendor = await door.start({ [tokenPath]: goodToken, [policies]: { value: [] } });
    const config = { ...door.setting().config, budgetSeconds: 7200 };
    const open = await door.enter('entra', config, { pace });
    await open.directory.list('entra-policies');
    await open.directory.list('entra-locations');
    assert.equal(vendor.asked.filter((line) => line.startsWith('POST')).length, 1);
    await pace.wait(3_600_000);
    await open.directory.list('entra-roles');
    assert.equal(vendor.asked.filter((line) => line.startsWith('POST')).length, 2);
  });

  it('asks nothing more once the budget is spent', async () => {
    const pace = madePace();
    const { directory } = await door.entra({ [policies]: { value: [] } }, { pace });
    await pace.wait(900_000);
    assert.equal(miss(await directory.list('entra-policies')), 'timed-out budget-spent');
    assert.deepEqual(door.vendor().asked, []);
  });

  it('waits as long as 429 asks for with Retry-After, then goes on', async () => {
    const pace = madePace();
    let tries = 0;
    const answer = await door.list(
      {
        [policies]: ((_request, response) => {
          tries += 1;
          if (tries < 3) json(response, 429, { error: { code: 'TooManyRequests' } }, { 'retry-after': '7' });
          else json(response, 200, { value: [1] });
        }) satisfies Responder,
      },
      { pace },
    );
    assert.equal(miss(answer), 'observed');
    assert.deepEqual(pace.waits, [7000, 7000]);
  });

  it('does not wait for a Retry-After of minutes, though there would be time: throttled', async () => {
    const pace = madePace();
    const answer = await door.list(
      { [policies]: ((_request, response) => json(response, 429, {}, { 'retry-after': '300' })) satisfies Responder },
      { pace },
    );
    assert.equal(miss(answer), 'timed-out throttled');
    assert.deepEqual(pace.waits, []);
  });

  it('gives up on 503 after a few tries', async () => {
    const pace = madePace();
    const answer = await door.list(
      { [policies]: ((_request, response) => json(response, 503, {})) satisfies Responder },
      { pace },
    );
    assert.equal(miss(answer), 'timed-out throttled');
    assert.equal(door.vendor().asked.filter((line) => line.startsWith('GET')).length, 6);
  });

  it('keeps to X-Rate-Limit-Reset where there is no Retry-After', async () => {
    const pace = madePace();
    const reset = String(Date.parse('2026-11-23T10:00:09Z') / 1000);
    let tries = 0;
    await door.list(
      {
        [policies]: ((_request, response) => {
          tries += 1;
          if (tries === 1) json(response, 429, {}, { 'x-rate-limit-reset': reset });
          else json(response, 200, { value: [] });
        }) satisfies Responder,
      },
      { pace },
    );
    assert.deepEqual(pace.waits, [9000]);
  });

  it('renews a token that is refused once, then says denied', async () => {
    const answer = await door.list({
      [policies]: ((_request, response) =>
        json(response, 401, { error: { code: 'InvalidAuthenticationToken' } })) satisfies Responder,
    });
    assert.equal(miss(answer), 'denied http-401');
    assert.deepEqual(
      door.vendor().asked.map((line) => line.split(' ', 1)[0]),
      ['POST', 'GET', 'POST', 'GET'],
    );
  });

  const statuses: readonly (readonly [string, number, unknown, string])[] = [
    ['403 is denied', 403, { error: { code: 'Authorization_RequestDenied' } }, 'denied http-403'],
    [
      'a licence that is missing is no refusal of ours',
      403,
      { error: { code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant' } },
      'unsupported licence-missing',
    ],
    ['404 of a list says nothing of its content', 404, { error: { code: 'UnknownError' } }, 'failed http-404'],
    ['400 failed', 400, { error: { code: 'BadRequest' } }, 'failed http-400'],
    ['500 failed', 500, { error: { code: 'generalException' } }, 'failed http-500'],
    ['502 with a page of HTML failed', 502, '<html>', 'failed http-502'],
    ['204 failed: nothing is no list', 204, '', 'failed http-204'],
  ];
  for (const [title, status, body, expected] of statuses)
    it(title, async () => {
      const answer = await door.list({
        [policies]: ((_request, response) => json(response, status, body)) satisfies Responder,
      });
      assert.equal(miss(answer), expected);
    });

  it('404 of one account is an absence', async () => {
    const { directory } = await door.entra({});
    assert.equal(miss(door.noted(await directory.get('entra-per-user-mfa', user))), 'absent http-404');
  });
});
