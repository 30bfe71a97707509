/** `affiant directory` as a whole, against a local https server that answers what contoso.ts is made of. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../agent/cli/commands/directory.ts';
import { exitCodes } from '../../../agent/cli/exit-codes.ts';
import type { Io } from '../../../agent/cli/io.ts';
import { type RequestId, type RequestSpec, requestPath, requests } from '../../../agent/directory/requests.ts';
import { tenantTarget } from '../../../agent/run/target.ts';
import { verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import type { IdentityProviderDocument } from '../../../schemas/generated/types.ts';
import { entraAnswers, people } from '../../collectors/identity-provider/contoso.ts';
import { oktaAnswers } from '../../collectors/identity-provider/okta-org.ts';
import { valueOf } from '../../evidence/sample.ts';
import {
  accessToken,
  clientSecret,
  configured,
  goodToken,
  json,
  madePace,
  type Responder,
  type Routes,
  secrets,
  startVendor,
  tenantId,
  tokenPath,
  type Vendor,
} from '../directory/vendor-server.ts';
import { type Certificates, makeCertificates } from '../post/certificates.ts';

/** Answers of a tenant in memory as routes: every list in pages of two. */
function routesOf(answers: Readonly<Record<string, unknown>>): Routes {
  const routes: Routes = {};
  for (const [key, answer] of Object.entries(answers)) {
    const [name = '', ...args] = key.split(' ');
    const id = name as RequestId;
    const spec: RequestSpec = requests[id];
    const given = spec.args.length > args.length ? [...args, '2026-10-24T00:00:00Z'] : args;
    const path = requestPath(id, given)?.path ?? assert.fail(key);
    // Sign-ins are found by their user, whatever the day is.
    const at = id === 'entra-sign-ins' ? `sign-ins of ${args[0]}` : path;
    routes[at] = Array.isArray(answer) ? paged(answer, spec, at) : answer;
  }
  routes['/beta/auditLogs/signIns'] = ((request, response, origin, body) => {
    const who = /userId%20eq%20(?:'|%27)([0-9a-f-]*)/.exec(request.url ?? '')?.[1];
    (routes[`sign-ins of ${who}`] as Responder)(request, response, origin, body);
  }) satisfies Responder;
  return routes;
}

function paged(items: readonly unknown[], { paging }: RequestSpec, at: string): Responder {
  return (request, response, origin) => {
    const from = Number(/[?&]after=(\d+)/.exec(request.url ?? '')?.[1] ?? '0');
    const page = items.slice(from, from + 2);
    const path = (request.url ?? at).replace(/[?&]after=\d+/, '');
    const next =
      from + 2 < items.length ? `${origin}${path}${path.includes('?') ? '&' : '?'}after=${from + 2}` : undefined;
    if (paging === 'link-header') {
      if (next !== undefined) response.setHeader('link', `<${next}>; rel="next"`);
      json(response, 200, page);
    } else if (paging === 'okta-body')
      json(response, 200, { value: page, _links: next === undefined ? {} : { next: { href: next } } });
    else
      json(response, 200, {
        '@odata.context': 'x',
        value: page,
        ...(next === undefined ? {} : { '@odata.nextLink': next }),
      });
  };
}

/** A next page of a list whose first page is a route of its own. */
function withPages(routes: Routes): Routes {
  return new Proxy(routes, {
    get: (target, name) =>
      typeof name === 'string' ? (target[name] ?? target[name.replace(/[?&]after=\d+$/, '')]) : undefined,
  });
}

describe('affiant directory', () => {
  let certificates: Certificates | undefined;
  let setting: ReturnType<typeof configured>;
  let state: string;
  let vendor: Vendor | undefined;

  before(function () {
    certificates = makeCertificates();
    // Named by the reporter: without openssl there are no certificates to try.
    if (certificates === undefined) this.skip();
    setting = configured(certificates);
  });
  after(() => {
    certificates?.remove();
    setting?.remove();
  });
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'affiant-tenant-'));
  });
  afterEach(async () => {
    await vendor?.close();
    vendor = undefined;
    rmSync(state, { recursive: true });
  });

  type Ran = { readonly code: number; readonly out: string; readonly err: string };

  async function affiant(args: readonly string[], routes: Routes, directory: object = setting.config): Promise<Ran> {
    await vendor?.close();
    vendor = await startVendor(certificates?.good ?? assert.fail(), withPages({ [tokenPath]: goodToken, ...routes }));
    const config = join(state, 'affiant.yaml');
    writeFileSync(config, JSON.stringify({ directory }), { mode: 0o600 });
    let out = '';
    let err = '';
    const io: Io = {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      refused: ({ code, message, remedy }) => void (err += `${code}: ${message}\n${remedy}\n`),
      path: (given) => given,
      environment: {},
      stdout: {},
      stderr: {},
    };
    const seam = { origins: { api: vendor.url, login: vendor.url }, pace: madePace() };
    const code = await run([...args, '--state', state, '--config', config], io, seam);
    for (const secret of secrets)
      for (const text of [out, err, ...written(state)])
        assert.ok(
          !text.includes(secret) || secret === 'PRIVATE KEY',
          `a secret stands in an output: ${secret.slice(0, 10)}`,
        );
    return { code, out, err };
  }

  /** Every file under the state folder but our own keys. */
  function written(folder: string): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.key') && entry.name !== 'key.pem')
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  }

  function documentOf(out: string): IdentityProviderDocument {
    const { documents } = JSON.parse(out) as { documents: { identityProvider: IdentityProviderDocument } };
    return documents.identityProvider;
  }

  for (const [name, answers] of [
    ['entra', entraAnswers],
    ['okta', oktaAnswers],
  ] as const)
    it(`asks ${name} over https, page by page, and gets the golden document`, async () => {
      const { code, out, err } = await affiant([name, '--format', 'json'], routesOf(answers));
      assert.deepEqual([code, err], [exitCodes.done, '']);
      const { format, blind: _blind, ...draft } = documentOf(out);
      assert.equal(format, 'affiant-identity-provider/1');
      const golden: unknown = JSON.parse(
        readFileSync(join(import.meta.dirname, `../../fixtures/identity-provider/${name}.json`), 'utf8'),
      );
      const text = JSON.stringify(draft).replace(/"since":"[^"]*"/g, '"since":"2026-10-24T00:00:00Z"');
      assert.deepEqual(JSON.parse(text), golden);
    });

  it('signs and spools for the tenant as its target, with a key and a chain of its own', async () => {
    const first = await affiant(['entra'], routesOf(entraAnswers));
    assert.equal(first.code, exitCodes.done);
    await vendor?.close();
    await affiant(['entra'], routesOf(entraAnswers));
    const target = tenantTarget('entra', tenantId);
    const own = join(state, 'tenants', `entra-${target.id.slice(0, 12)}`);
    const packs = readdirSync(join(own, 'spool')).toSorted();
    assert.equal(packs.length, 2);
    const key = valueOf(verificationKeyFromPem(readFileSync(join(own, 'public.pem'), 'utf8')));
    const sequences = packs.map((name) => {
      const { statement, documents } = valueOf(verifyPack(readFileSync(join(own, 'spool', name)), { key: () => key }));
      assert.deepEqual(statement.predicate.target, { id: target.id, basis: 'tenant' });
      assert.deepEqual([...documents.keys()], ['identityProvider', 'sources/identity-provider']);
      assert.equal(statement.predicate.mode, 'ad-hoc');
      return statement.predicate.chain.sequence;
    });
    assert.deepEqual(sequences, [0, 1]);
    assert.deepEqual(readdirSync(state).toSorted(), ['affiant.yaml', 'tenants']);
  });

  it('prints who must, who need not and why, not by colour alone', async () => {
    const { out } = await affiant(['entra'], routesOf(entraAnswers));
    assert.match(out, /alice@contoso\.example +member +required +by Block old protocols, MFA for all/);
    assert.match(out, /glass@contoso\.example +member +! not required/);
    assert.match(out, /gone@contoso\.example +disabled +disabled/);
    assert.match(out.replace(/\s+/g, ' '), /left out of MFA for all: the group/);
    assert.match(out, /programs with a role, which have no factors: Backup tool/);
    assert.match(out, /verdict: fail/);
    assert.ok(!out.includes('\u001b'));
  });

  it('writes the pack where it is told to, once', async () => {
    const file = join(state, 'tenant.pack.json');
    await affiant(['okta', '--out', file], routesOf(oktaAnswers));
    assert.ok(readFileSync(file, 'utf8').includes('application/vnd.affiant.pack.v1+json'));
    await vendor?.close();
    const again = await affiant(['okta', '--out', file], routesOf(oktaAnswers));
    assert.match(again.err, /out-unwritable/);
  });

  it('signs what it was refused, too, and says what helps', async () => {
    const refusing: Responder = (_request, response) =>
      json(response, 401, { error: 'invalid_client', error_codes: [7000215], error_description: clientSecret });
    const { code, out } = await affiant(['entra', '--strict'], { [tokenPath]: refusing });
    assert.equal(code, exitCodes.partsUnseen);
    assert.match(out, /does not take our credentials/);
    assert.match(out, /verdict: undetermined/);
  });

  it('says of how many administrators a part was not seen', async () => {
    const denied: Responder = (_request, response) =>
      json(response, 403, {
        error: { code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant', message: accessToken },
      });
    const { code, out } = await affiant(['entra', '--strict'], {
      ...routesOf(entraAnswers),
      '/beta/auditLogs/signIns': denied,
    });
    assert.equal(code, exitCodes.partsUnseen);
    assert.match(out, /of 8 administrators signIns: unsupported \(licence-missing\)/);
  });

  it('shows names that try to write on the terminal as text', async () => {
    const [alice, ...others] = entraAnswers['entra-users'] as { id: string }[];
    const evil = { ...alice, id: people.alice, userPrincipalName: 'al\u001b[31mice\u202e@contoso.example' };
    const { out } = await affiant(['entra'], routesOf({ ...entraAnswers, 'entra-users': [evil, ...others] }));
    assert.match(out, /al\\u\{1b\}\[31mice/);
    assert.match(out, /\\u\{202e\}/);
    assert.ok(!out.includes('\u001b'));
  });

  const refusals: readonly (readonly [string, readonly string[], object, number, RegExp])[] = [
    ['an unknown provider', ['ldap'], {}, exitCodes.usage, /directory ldap is not known/],
    ['no provider', [], {}, exitCodes.usage, /argument is missing/],
    [
      'a provider that is not configured',
      ['okta'],
      { entra: undefined },
      exitCodes.usage,
      /no tenant of okta is configured/,
    ],
    [
      'Okta without key and token',
      ['okta'],
      { okta: { tenant: 'example.okta.com' } },
      exitCodes.usage,
      /neither a token nor a key/,
    ],
    [
      'a tenant that is a domain',
      ['entra'],
      { entra: { tenant: 'contoso.example', clientId: tenantId, secretFile: '/x' } },
      exitCodes.usage,
      /tenant does not have the expected form/,
    ],
    [
      'a secret in the configuration itself',
      ['entra'],
      { entra: { tenant: tenantId, clientId: tenantId, secret: 'x' } },
      exitCodes.usage,
      /lacks secretFile|secret is not a setting/,
    ],
    [
      'another origin in the configuration',
      ['entra'],
      { entra: { tenant: tenantId, clientId: tenantId, secretFile: '/x', url: 'https://evil.example' } },
      exitCodes.usage,
      /url is not a setting/,
    ],
  ];
  for (const [title, args, directory, code, message] of refusals)
    it(`refuses ${title}, and asks nobody`, async () => {
      const ran = await affiant(args, {}, directory);
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, message);
      assert.deepEqual(vendor?.asked, []);
    });

  it('lists every request with its permission, and asks nobody', async () => {
    const { code, out } = await affiant(['requests', '--format', 'json'], {});
    assert.equal(code, exitCodes.done);
    assert.equal((JSON.parse(out) as unknown[]).length, Object.keys(requests).length);
    const table = await affiant(['requests'], {});
    assert.match(table.out, /Policy\.Read\.All/);
  });
});
