/** Tells webhooks, signed as standardwebhooks.com says, over https and to public addresses alone. */
import { createHmac, randomInt } from 'node:crypto';
import { lookup } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Dispatcher } from 'undici';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { WebhookConfig } from '../../schemas/generated/types.ts';
import { networksOf } from '../address.ts';
import type { Logger } from '../log-lines.ts';
import type { Store } from '../store/store.ts';
import { dropMessage, type Message, putOff, takeMessages } from '../store/watch-tables.ts';

const timeoutMs = 10_000;
const leaseMs = 60_000;
/** With this many tries, the last waits of six hours each, a receiver may be away for three days. */
const maxAttempts = 20;
const baseMs = 5_000;
const capMs = 6 * 3600_000;

export type Hook = {
  /** Origin and path of its URL: what stands in logs. A query may hold a secret. */
  readonly name: string;
  readonly url: URL;
  readonly secret: Uint8Array;
  readonly isAllowed: (address: string) => boolean;
  readonly ca: string | undefined;
};

/** Refuses with `config-webhook`; no message quotes a secret. */
export function readHooks(hooks: readonly WebhookConfig[]): Result<Hook[]> {
  const read: Hook[] = [];
  for (const { url: given, secretFile, caFile, allowAddresses = [] } of hooks) {
    const url = URL.parse(given);
    if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
      return refuse('config-webhook', 'a webhook has no usable https address', {
        remedy: 'write it as https://HOST/PATH, without a user',
      });
    const name = `${url.origin}${url.pathname}`;
    if (read.some((hook) => hook.name === name))
      return refuse('config-webhook', `the webhook ${name} stands twice`, { remedy: 'name each once' });
    const secret = readSecret(secretFile);
    if (!secret.ok) return secret;
    try {
      const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
      read.push({ name, url, secret: secret.value, isAllowed: networksOf(allowAddresses), ca });
    } catch (error) {
      const what = error instanceof TypeError ? error.message : `${caFile ?? ''} cannot be read`;
      return refuse('config-webhook', `the webhook ${name}: ${what}`, { remedy: 'correct caFile or allowAddresses' });
    }
  }
  return ok(read);
}

function readSecret(file: string): Result<Uint8Array> {
  try {
    const { mode } = statSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return refuse('config-webhook', `${file} can be read by others`, { remedy: `chmod 600 ${file}` });
    const text = readFileSync(file, 'utf8').trim();
    const bytes = Buffer.from(text.replace(/^whsec_/, ''), 'base64');
    if (/^whsec_[A-Za-z0-9+/]+=*$/.test(text) && bytes.length >= 24 && bytes.length <= 64) return ok(bytes);
    return refuse('config-webhook', `${file} holds no secret`, {
      remedy: 'make one: printf "whsec_%s\\n" "$(openssl rand -base64 32)"',
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('config-webhook', `${file} cannot be read (${code})`, {
      remedy: 'check the path and its permissions',
    });
  }
}

/** The three headers of a message. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function signatureHeaders(secret: Uint8Array, id: string, at: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/**
 * Whether an address may be connected to: a public one, or one that is listed. Loopback, private, link-local,
 * carrier NAT, documentation, multicast, tunnels, and IPv4 inside IPv6 are not public
 * (iana.org/assignments/iana-ipv4-special-registry and its IPv6 sibling).
 */
export function mayConnect(address: string, isAllowed: (address: string) => boolean): boolean {
  if (!ipaddr.isValid(address)) return false;
  if (isAllowed(address)) return true;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6)
    return parsed.range() === 'unicast' && ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000;
  return parsed.range() === 'unicast';
}

class AddressRefused extends Error {
  readonly code = 'address-refused';
}

/** The look-up of a connection: whatever a name leads to now is what is checked and what is connected to. */
export function guardedLookup(
  isAllowed: (address: string) => boolean,
  resolve: typeof lookup = lookup,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const addresses = (Array.isArray(found) ? found : []).filter(({ address }) => mayConnect(address, isAllowed));
      const [first] = addresses;
      if (first === undefined) return callback(new AddressRefused('no public address'), '', 0);
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

export type Courier = { nudge(): void; deliver(): Promise<void>; stop(): Promise<void> };

export type CourierOptions = {
  readonly store: Store;
  readonly hooks: readonly Hook[];
  readonly now: () => Date;
  readonly log: Logger;
  readonly onTried: (outcome: string) => void;
  readonly everyMs?: number;
  readonly resolve?: typeof lookup;
};

export async function startCourier(options: CourierOptions): Promise<Courier> {
  const { store, hooks, now, log, onTried, everyMs = 5_000 } = options;
  const undici = hooks.length === 0 ? undefined : await import('undici');
  const ways = new Map<string, { readonly hook: Hook; readonly dispatcher: Dispatcher }>();
  for (const hook of hooks) {
    const connect = {
      rejectUnauthorized: true,
      timeout: timeoutMs,
      lookup: guardedLookup(hook.isAllowed, options.resolve),
      ...(hook.ca !== undefined && { ca: hook.ca }),
    };
    if (undici !== undefined)
      ways.set(hook.name, {
        hook,
        dispatcher: new undici.Agent({ connect, connections: 1, pipelining: 1, allowH2: false }),
      });
  }
  let running: Promise<void> = Promise.resolve();

  async function deliverOnce(): Promise<void> {
    while (ways.size > 0) {
      const at = now();
      const leasedUntil = new Date(at.getTime() + leaseMs).toISOString();
      const taken = await store.write((sql) => takeMessages(sql, at.toISOString(), leasedUntil, 16));
      if (!taken.ok || taken.value.length === 0) return;
      await Promise.all(taken.value.map(send));
    }
  }

  async function send(message: Message): Promise<void> {
    const way = ways.get(message.hook);
    // Taken out of the configuration, a webhook is told nothing more.
    const error = way === undefined ? 'not-configured' : await post(way.hook, way.dispatcher, message, now());
    const lasting = error === 'not-configured' || error === 'gone';
    const attempts = message.attempts + 1;
    const dead = error !== undefined && (lasting || attempts >= maxAttempts);
    onTried(error === undefined ? 'delivered' : dead ? 'dead' : 'failed');
    if (error !== undefined)
      log('warning', 'webhook', { hook: message.hook, message: message.message, error, attempts, dead });
    await store.write(async (sql) => {
      if (error === undefined) return dropMessage(sql, message.id);
      const wait = randomInt(1, Math.min(capMs, baseMs * 2 ** Math.min(attempts - 1, 16)) + 1);
      await putOff(sql, message.id, { nextAt: new Date(now().getTime() + wait).toISOString(), error, dead });
    });
  }

  function deliver(): Promise<void> {
    running = running.then(deliverOnce).catch((error: unknown) => {
      log('error', 'fault', { error: error instanceof Error ? (error.stack ?? error.message) : 'unknown' });
    });
    return running;
  }

  const timer = setInterval(() => void deliver(), everyMs).unref();
  return {
    nudge: () => void deliver(),
    deliver,
    async stop() {
      clearInterval(timer);
      await running;
      await Promise.all(Array.from(ways.values(), ({ dispatcher }) => dispatcher.destroy()));
    },
  };
}

/** undefined where it was taken; else why not, as a code. */
async function post(hook: Hook, dispatcher: Dispatcher, message: Message, at: Date): Promise<string | undefined> {
  const { url } = hook;
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // An address in the URL is never looked up.
  if (isIP(literal) !== 0 && !mayConnect(literal, hook.isAllowed)) return 'address-refused';
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'affiant',
        ...signatureHeaders(hook.secret, message.message, at, message.body),
      },
      body: message.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    // What it says is of no use; a connection with an unread answer is.
    answer.body.destroy();
    answer.body.on('error', () => {});
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return undefined;
    return statusCode === 410 ? 'gone' : `status-${statusCode}`;
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return error instanceof Error ? error.name : 'unknown';
}
