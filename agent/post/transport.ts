/** One way to one endpoint: HTTPS with verification, through the proxy where the configuration says so. */
import { readFileSync } from 'node:fs';
import type { Dispatcher } from 'undici';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { EndpointConfig } from '../../schemas/generated/types.ts';
import { type NoAnswer, noAnswerOf } from './connection-error.ts';
import { pinnedDispatcher } from './pinned-dispatcher.ts';
import { usesProxy } from './proxy-rules.ts';
import { tls } from './tls.ts';

export type Reply = {
  readonly status: number;
  /** Names in lower case; of several with one name, the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** What went over the wire, in bytes: bodies exactly, headers as HTTP/1.1 writes them, TLS not counted. */
export type Traffic = { readonly sentBodies: number; readonly sentHeaders: number; readonly received: number };

export type Transport = {
  /** `maxBytes` of the answer's body: a megabyte unless said. */
  get(path: string, headers?: Readonly<Record<string, string>>, maxBytes?: number): Promise<Exchange>;
  post(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<Exchange>;
  traffic(): Traffic;
  close(): Promise<void>;
};

export type Exchange = { readonly reply: Reply } | { readonly noAnswer: NoAnswer };

/** No answer of the contract comes near it. */
const maxReplyBytes = 1024 * 1024;
const defaultTimeoutSeconds = 30;

/** `pins`: SHA-256 of public keys, of which the endpoint must show one; instead of any authority. */
export type EndpointSettings = EndpointConfig & { readonly pins?: readonly string[] };

type Route = Way & { readonly base: URL };

/**
 * Opens nothing yet; loads undici, which takes 65 ms, only here. Refuses with `endpoint-url-invalid`,
 * `plain-http-refused` (http leads to this machine only), `ca-unreadable` and
 * `client-certificate-unreadable`.
 */
export async function openTransport(
  settings: EndpointSettings,
  headers: Readonly<Record<string, string>> = {},
): Promise<Result<Transport>> {
  const route = routeOf(settings);
  if (!route.ok) return route;
  return ok(transportOver(await dispatcherFor(route.value), route.value, headers));
}

/** How a connection is made: the authorities instead of the public ones, the proxy, how long it may take. */
export type Way = {
  readonly ca?: string;
  readonly proxy?: string;
  readonly client?: { readonly cert: string; readonly key: string };
  readonly timeoutMs: number;
  /** Only keys count, no authority. */
  readonly pins?: readonly string[];
};

/**
 * No probes of TCP on idle connections (undici asks for them): each exchange has a deadline of its own, and a Windows
 * without TCP_KEEPIDLE refuses the connection for them.
 */
export const keepAlive = false;

/** One connection at a time, with verification whatever the environment says, no redirect followed. */
export async function dispatcherFor(way: Way): Promise<Dispatcher> {
  const { ca, proxy, client, timeoutMs, pins } = way;
  const undici = await import('undici');
  if (pins !== undefined && pins.length > 0) return pinnedDispatcher(undici, pins, way);
  // Said here, so that no NODE_TLS_REJECT_UNAUTHORIZED of the environment says otherwise.
  const tls = {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    timeout: timeoutMs,
    keepAlive,
    ...(ca !== undefined && { ca }),
    ...client,
  } as const;
  const common = { connections: 1, pipelining: 1, allowH2: false, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  return proxy === undefined
    ? new undici.Agent({ ...common, connect: tls })
    : new undici.ProxyAgent({
        ...common,
        uri: proxy,
        proxyTunnel: true,
        requestTls: tls,
        proxyTls: { ...tls, allowH2: false },
      });
}

function routeOf(settings: EndpointSettings): Result<Route> {
  const base = URL.parse(settings.url);
  if (
    base === null ||
    !/^https?:$/.test(base.protocol) ||
    base.username !== '' ||
    base.search !== '' ||
    base.hash !== ''
  )
    // Not quoted: it may hold a password.
    return refuse('endpoint-url-invalid', 'endpoint.url is not the address of an endpoint', {
      remedy: 'write it as https://HOST or https://HOST:PORT, without user, query or fragment',
    });
  const port = Number(base.port) || (base.protocol === 'http:' ? 80 : 443);
  // Where even a proxy of `*` would not be asked, it is this machine.
  const isHere = !usesProxy(base.hostname, port, []);
  if (base.protocol === 'http:' && !isHere)
    return refuse('plain-http-refused', `${settings.url}: without TLS only an endpoint on this machine is taken`, {
      remedy: 'write https://',
    });
  const ca = settings.caFile === undefined ? ok(undefined) : readAuthorities(settings.caFile, 'endpoint.caFile');
  if (!ca.ok) return ca;
  const client = readClient(settings);
  if (!client.ok) return client;
  const proxy =
    settings.proxy !== undefined && usesProxy(base.hostname, port, settings.noProxy ?? []) ? settings.proxy : undefined;
  return ok({
    base,
    timeoutMs: (settings.timeoutSeconds ?? defaultTimeoutSeconds) * 1000,
    ...(ca.value !== undefined && { ca: ca.value }),
    ...(client.value !== undefined && { client: client.value }),
    ...(proxy !== undefined && { proxy }),
    ...(settings.pins !== undefined && { pins: settings.pins }),
  });
}

/** Certificates in PEM; `setting` names where the file was given. Refuses with `ca-unreadable`. */
export function readAuthorities(file: string, setting: string): Result<string> {
  try {
    const pem = readFileSync(file, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return ok(pem);
    return refuse('ca-unreadable', `${file} holds no certificate in PEM`, {
      remedy: 'give the certificate of the authority: -----BEGIN CERTIFICATE-----',
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('ca-unreadable', `${file} cannot be read (${code})`, {
      remedy: `correct ${setting} or make the file readable`,
    });
  }
}

/** Refuses with `client-certificate-unreadable`; no message quotes the key. */
function readClient({ clientCertFile, clientKeyFile }: EndpointConfig): Result<Way['client']> {
  if (clientCertFile === undefined && clientKeyFile === undefined) return ok(undefined);
  if (clientCertFile === undefined || clientKeyFile === undefined)
    return refuse('client-certificate-unreadable', 'endpoint.clientCertFile and endpoint.clientKeyFile go together', {
      remedy: 'give both',
    });
  try {
    const client = { cert: readFileSync(clientCertFile, 'utf8'), key: readFileSync(clientKeyFile, 'utf8') };
    tls().createSecureContext(client);
    return ok(client);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('client-certificate-unreadable', `${clientCertFile} or ${clientKeyFile} cannot be used (${code})`, {
      remedy: 'give a certificate and the private key that belongs to it, both in PEM and readable for this user',
    });
  }
}

function transportOver(
  dispatcher: Dispatcher,
  { base, timeoutMs }: Route,
  always: Readonly<Record<string, string>>,
): Transport {
  const traffic = { sentBodies: 0, sentHeaders: 0, received: 0 };
  const prefix = base.pathname.replace(/\/+$/, '');

  async function exchange(
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string>,
    body?: Uint8Array,
    maxBytes = maxReplyBytes,
  ): Promise<Exchange> {
    const full = prefix + path;
    const sent = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'affiant',
      ...always,
      ...headers,
    };
    const count = (): void => {
      const all = { host: base.host, connection: 'keep-alive', ...sent };
      traffic.sentHeaders += headerBytes(`${method} ${full} HTTP/1.1`, all);
      traffic.sentBodies += body?.length ?? 0;
    };
    let counted = false;
    try {
      const {
        statusCode,
        headers: received,
        body: stream,
      } = await dispatcher.request({
        origin: base.origin,
        path: full,
        method,
        headers: sent,
        body: body ?? null,
        signal: AbortSignal.timeout(timeoutMs),
      });
      count();
      counted = true;
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        length += chunk.length;
        traffic.received += chunk.length;
        if (length > maxBytes) {
          stream.destroy();
          return { noAnswer: tooLong(base.host, maxBytes) };
        }
        chunks.push(chunk);
      }
      const plain = singleHeaders(received);
      traffic.received += headerBytes('HTTP/1.1 200 OK', plain);
      return { reply: { status: statusCode, headers: plain, body: Buffer.concat(chunks, length) } };
    } catch (error) {
      const noAnswer = noAnswerOf(error, base.host);
      // How much of it left is not known; where no connection stood, nothing did.
      if (!counted && !noAnswer.unconnected) count();
      return { noAnswer };
    }
  }

  return {
    get: (path, headers = {}, maxBytes) => exchange('GET', path, { ...headers }, undefined, maxBytes),
    post: (path, headers, body) => exchange('POST', path, { ...headers }, body),
    traffic: () => ({ ...traffic }),
    // Nothing that still waits is of use; close() would wait for it.
    close: () => dispatcher.destroy(),
  };
}

function tooLong(where: string, maxBytes: number): NoAnswer {
  return {
    code: 'answer-too-long',
    message: `${where}: an answer of more than ${maxBytes} bytes, which is not an endpoint's`,
    lasting: true,
    unconnected: false,
  };
}

function singleHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) single[name.toLowerCase()] = first;
  }
  return single;
}

function headerBytes(first: string, headers: Readonly<Record<string, string>>): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, first.length + 4);
}
