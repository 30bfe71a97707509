/** The door to a provider, against a local https server. The answers are written after the vendors' documentation. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDirectory } from '../../../agent/directory/open-directory.ts';
import { requestPath, requests } from '../../../agent/directory/requests.ts';
import { miss, policies, useDoor, user } from './door.ts';
import {
  clientSecret,
  goodToken,
  json,
  madePace,
  oktaToken,
  type Responder,
  tenantId,
  tokenPath,
} from './vendor-server.ts';

describe('our proof towards a provider', () => {
  const door = useDoor();

  const tokenFailures: readonly (readonly [string, Responder, string, RegExp])[] = [
    [
      "a wrong secret is denied with the vendor's number, and our secret is not quoted back",
      (_request, response) =>
        json(response, 401, {
          error: 'invalid_client',
          error_codes: [7000215],
          error_description: `AADSTS7000215: Invalid client secret ${clientSecret}`,
        }),
      'denied token-refused',
      /status 401, invalid_client, AADSTS7000215$/,
    ],
    [
      'an error code that is our secret is not quoted',
      (_request, response) => json(response, 400, { error: clientSecret }),
      'denied token-refused',
      /status 400$/,
    ],
    [
      '500 of the token endpoint failed',
      (_request, response) => json(response, 500, {}),
      'failed token-http-500',
      /status 500/,
    ],
    [
      'a redirect of the token endpoint is not followed',
      (_request, response) => void response.writeHead(307, { location: '/x' }).end(),
      'failed token-redirect-refused',
      /307/,
    ],
    [
      'a token answer without a token',
      (_request, response) => json(response, 200, { token_type: 'Bearer' }),
      'failed token-answer-unusable',
      /^$/,
    ],
    [
      'a token that would end the header',
      (_request, response) => json(response, 200, { token_type: 'Bearer', access_token: 'a\r\nx: y' }),
      'failed token-answer-unusable',
      /^$/,
    ],
    [
      'a token of another scheme',
      (_request, response) => json(response, 200, { token_type: 'DPoP', access_token: 'abc', expires_in: 1 }),
      'failed token-answer-unusable',
      /^$/,
    ],
    ['HTML instead of a token', (_request, response) => void response.end('<html>'), 'failed token-json-syntax', /^$/],
  ];
  for (const [title, responder, expected, detail] of tokenFailures)
    it(`no token: ${title}`, async () => {
      const answer = await door.list({ [tokenPath]: responder, [policies]: { value: [] } });
      assert.equal(miss(answer), expected);
      assert.match(answer.status === 'observed' ? '' : (answer.detail ?? ''), detail);
      assert.ok(!door.vendor().asked.includes(`GET ${policies}`));
    });

  it('asks a token endpoint that refused us only once', async () => {
    const { directory } = await door.entra({
      [tokenPath]: ((_request, response) => json(response, 401, { error: 'invalid_client' })) satisfies Responder,
    });
    await directory.list('entra-policies');
    await directory.list('entra-locations');
    assert.equal(door.vendor().asked.length, 1);
  });

  it('sends no argument that is not of its form', async () => {
    const { directory } = await door.entra({});
    for (const bad of ['../../me', "x' or '1' eq '1", '', 'ace08ec9-aa11-4ada-9145-addf0398233e/extra'])
      assert.equal(miss(await directory.get('entra-per-user-mfa', bad)), 'failed invalid-request');
    assert.equal(miss(await directory.list('okta-role-holders')), 'failed invalid-request');
    assert.deepEqual(door.vendor().asked, []);
  });

  it('reads Okta by the Link header with an API token, and follows none that leads away', async () => {
    const at = '/api/v1/policies?type=OKTA_SIGN_ON';
    const vendor = await door.start({
      [at]: ((_request, response, origin) => {
        response.setHeader('link', [`<${origin}${at}>; rel="self"`, `<${origin}${at}&after=a>; rel="next"`]);
        json(response, 200, [{ id: 1 }]);
      }) satisfies Responder,
      [`${at}&after=a`]: ((_request, response) => {
        response.setHeader('link', '<https://evil.example/api/v1/policies>; rel="next"');
        json(response, 200, [{ id: 2 }]);
      }) satisfies Responder,
      '/api/v1/iam/assignees/users?limit=100': ((_request, response, origin) =>
        json(response, 200, {
          value: [{ id: 'a' }],
          _links: { next: { href: `${origin}/api/v1/iam/assignees/users?limit=100&after=b` } },
        })) satisfies Responder,
      '/api/v1/iam/assignees/users?limit=100&after=b': { value: [{ id: 'b' }], _links: {} },
    });
    const open = await door.enter('okta', door.setting().config, {
      pace: madePace(),
    });
    assert.equal(miss(door.noted(await open.directory.list('okta-session-policies'))), 'failed next-link-foreign');
    assert.equal(vendor.asked.length, 2);
    const holders = await open.directory.list('okta-role-holders');
    assert.ok(holders.status === 'observed' && holders.value.items.length === 2);
    assert.deepEqual(new Set(vendor.authorizations), new Set([`SSWS ${oktaToken}`]));
  });

  for (const type of ['rsa', 'ec'] as const)
    it(`proves itself to Okta with a signed assertion (${type})`, async () => {
      const { privateKey, publicKey } =
        type === 'rsa'
          ? generateKeyPairSync('rsa', { modulusLength: 2048 })
          : generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const keyFile = join(door.setting().folder, `okta-${type}.pem`);
      writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
      const vendor = await door.start({
        '/oauth2/v1/token': goodToken,
        '/.well-known/okta-organization': { id: '00o1', pipeline: 'idx' },
      });
      const okta = { tenant: 'example.okta.com', clientId: '0oa1bc2de3FGHIJKL4x7', keyFile, keyId: 'k1' };
      const open = await door.enter('okta', { ...door.setting().config, okta }, { pace: madePace() });
      assert.equal(miss(await open.directory.get('okta-organization')), 'observed');
      const form = new URLSearchParams(vendor.bodies[0]);
      assert.equal(form.get('scope'), 'okta.policies.read okta.roles.read okta.users.read');
      const [head = '', claims = '', signature = ''] = (form.get('client_assertion') ?? '').split('.');
      const read = (part: string): Record<string, unknown> =>
        JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
      assert.deepEqual(read(head), { alg: type === 'rsa' ? 'RS256' : 'ES256', typ: 'JWT', kid: 'k1' });
      const { iss, aud, exp, iat } = read(claims);
      assert.deepEqual(
        [iss, aud, Number(exp) - Number(iat)],
        ['0oa1bc2de3FGHIJKL4x7', `${vendor.url}/oauth2/v1/token`, 300],
      );
      const ok = verify(
        'sha256',
        Buffer.from(`${head}.${claims}`),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      );
      assert.ok(ok);
    });

  const unusable: readonly (readonly [string, (folder: string) => Record<string, unknown>, string])[] = [
    [
      'a secret that others can read',
      (folder) => ({ secretFile: write(folder, 'open', 'x', 0o644) }),
      'secret-file-unsafe',
    ],
    ['an empty secret', (folder) => ({ secretFile: write(folder, 'empty', '\n', 0o600) }), 'secret-file-empty'],
    ['a secret that is not there', (folder) => ({ secretFile: join(folder, 'none') }), 'secret-file-unreadable'],
    ['a folder instead of a secret', (folder) => ({ secretFile: folder }), 'secret-file-unreadable'],
  ];
  function write(folder: string, name: string, text: string, mode: number): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }
  for (const [title, change, code] of unusable)
    it(`refuses ${title} before anything is sent`, async () => {
      const entraConfig = { ...door.setting().config.entra, ...change(door.setting().folder) };
      const result = await openDirectory('entra', { ...door.setting().config, entra: entraConfig });
      assert.equal(result.ok ? 'ok' : result.refusal.code, code);
    });

  it('refuses a key that is none without quoting it', async () => {
    const keyFile = write(
      door.setting().folder,
      'bad.pem',
      `-----BEGIN PRIVATE KEY-----\n${clientSecret}\n-----END PRIVATE KEY-----\n`,
      0o600,
    );
    const okta = { tenant: 'example.okta.com', clientId: '0oa1bc2de3', keyFile };
    const result = await openDirectory('okta', { ...door.setting().config, okta });
    assert.equal(result.ok ? 'ok' : result.refusal.code, 'directory-key-unusable');
    assert.ok(!JSON.stringify(result).includes(clientSecret));
  });

  it('lists only requests that read, each with its permission', () => {
    for (const [id, { path, permission, reason }] of Object.entries(requests)) {
      assert.match(path, /^\/(?:v1\.0|beta|api\/v1|\.well-known)\//, id);
      assert.doesNotMatch(permission, /write/i, id);
      assert.ok(reason.length > 10, id);
    }
    assert.equal(
      requestPath('entra-user-groups', [user])?.path,
      `/v1.0/users/${user}/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999`,
    );
    assert.equal(tenantId.length, 36);
  });
});
