/** An https server on loopback that stands for a provider: it answers from a map, and writes down what it was asked. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pace } from '../../../agent/directory/patience.ts';
import type { DirectoryConfig } from '../../../schemas/generated/types.ts';
import type { Certificates, Pair } from '../post/certificates.ts';
import { type Fake, listening } from '../post/fake-servers.ts';

export type Responder = (request: IncomingMessage, response: ServerResponse, origin: string, body: string) => void;
/** JSON for a path with its query, or a function that answers itself. */
export type Routes = Record<string, unknown>;

export type Vendor = Fake & {
  /** `GET /path?query`, in order. */
  readonly asked: string[];
  readonly bodies: string[];
  readonly authorizations: string[];
};

export const clientSecret = 'sEcr3t~Value.of-the_Client.0123456789abc';
export const accessToken = 'eyJhbGciOiJub25lIn0.eyJhY2Nlc3MiOiJ0b2tlbi1mb3ItdGVzdHMifQ.c2lnbmF0dXJlLWZvci10ZXN0cw';
export const oktaToken = '00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcd';
/** What no output and no error may hold. */
export const secrets = [clientSecret, accessToken, oktaToken, 'PRIVATE KEY', 'client_assertion', 'Bearer ', 'SSWS '];

export const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';

export function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

export const goodToken: Responder = (_request, response) =>
  json(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: accessToken });

export const tokenPath = `/${tenantId}/oauth2/v2.0/token`;

/** Unknown paths answer 404 in the vendor's form. */
export async function startVendor(pair: Pair, routes: Routes): Promise<Vendor> {
  const asked: string[] = [];
  const bodies: string[] = [];
  const authorizations: string[] = [];
  let origin = '';
  const server = createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      asked.push(`${request.method} ${request.url}`);
      authorizations.push(request.headers.authorization ?? '');
      bodies.push(body);
      const route = routes[request.url ?? ''] ?? routes[(request.url ?? '').split('?', 1)[0] ?? ''];
      if (typeof route === 'function') (route as Responder)(request, response, origin, body);
      else if (route !== undefined) json(response, 200, route);
      else json(response, 404, { error: { code: 'Request_ResourceNotFound', message: 'x' } });
    });
  });
  const fake = await listening(server, 'https');
  origin = fake.url;
  return { ...fake, asked, bodies, authorizations };
}

/** A folder with the secrets' files, and the configuration that names them. */
export function configured(certificates: Certificates): {
  config: Required<Pick<DirectoryConfig, 'entra' | 'okta'>> & DirectoryConfig;
  folder: string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-directory-'));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    chmodSync(path, 0o600);
    return path;
  };
  const config = {
    caFile: certificates.caFile,
    entra: {
      tenant: tenantId,
      clientId: '2d4d3d8e-2be3-4bef-9f87-7875a61c29de',
      secretFile: file('entra.secret', `${clientSecret}\n`),
    },
    okta: { tenant: 'example.okta.com', tokenFile: file('okta.token', `${oktaToken}\n`) },
  };
  return { config, folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Time that passes only while somebody waits, and no jitter. */
export function madePace(): Pace & { readonly waits: number[] } {
  const waits: number[] = [];
  let at = 0;
  return {
    waits,
    monotonicMs: () => at,
    now: () => new Date(Date.parse('2026-11-23T10:00:00Z') + at),
    random: () => 0,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      at += milliseconds;
      return Promise.resolve();
    },
  };
}
