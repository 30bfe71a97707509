/** Proof towards the provider that it is us: OAuth 2.0 client credentials (RFC 6749 section 4.4) or Okta's API token. */
import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Raw, RawMiss } from '../host/machine.ts';
import type { Connection } from './connection.ts';
import { type Pace, patiently } from './patience.ts';
import { jsonOf, member } from './reply.ts';

/** The value of the Authorization header. It is held in memory alone and stands in no error and no record. */
export type TokenSource = {
  authorization(untilMs: number): Promise<Raw<string>>;
  /** The provider refused it: the next one is asked for anew. */
  forget(): void;
};

/** Okta's own scheme; it cannot be renewed here. */
export function apiToken(token: string): TokenSource {
  const value = `SSWS ${token}`;
  return {
    authorization: () => Promise.resolve(sendable(token) ? { outcome: 'ok', value } : unusable),
    forget: () => undefined,
  };
}

export type ClientCredentials = {
  /** Where tokens are had; a path at the connection's origin. */
  readonly path: string;
  /** The form but for the grant type; made anew each time, since an assertion has a time. */
  readonly form: () => Readonly<Record<string, string>>;
};

/** Answers `denied` `token-refused` where the provider does not take us; that stays so for the whole run. */
export function clientCredentials(connection: Connection, { path, form }: ClientCredentials, pace: Pace): TokenSource {
  let held: { readonly value: string; readonly untilMs: number } | undefined;
  let refused: RawMiss | undefined;
  return {
    forget: () => {
      held = undefined;
    },
    async authorization(untilMs) {
      if (refused !== undefined) return refused;
      if (held !== undefined && pace.monotonicMs() < held.untilMs) return { outcome: 'ok', value: held.value };
      const asked = pace.monotonicMs();
      const sent = await patiently(
        (timeoutMs) =>
          connection.post(path, { grant_type: 'client_credentials', ...form() }, { maxBytes: 262_144, timeoutMs }),
        untilMs,
        pace,
      );
      if ('miss' in sent) return sent.miss;
      if (sent.reply.status === 400 || sent.reply.status === 401 || sent.reply.status === 403) {
        refused = refusal(sent.reply.status, sent.reply.body);
        return refused;
      }
      const answer = jsonOf(sent.reply);
      if (answer.outcome !== 'ok') return { ...answer, reason: `token-${answer.reason}` };
      const token = member(answer.value, 'access_token');
      const type = member(answer.value, 'token_type');
      const seconds = member(answer.value, 'expires_in');
      if (typeof token !== 'string' || !sendable(token) || typeof type !== 'string' || type.toLowerCase() !== 'bearer')
        return { outcome: 'failed', reason: 'token-answer-unusable' };
      // Two minutes before its end, so that it does not end on the way.
      const lifeMs = (typeof seconds === 'number' ? Math.max(0, seconds - 120) : 0) * 1000;
      held = { value: `Bearer ${token}`, untilMs: asked + lifeMs };
      return { outcome: 'ok', value: held.value };
    },
  };
}

/** Visible ASCII: anything else could end the header and begin another. */
function sendable(token: string): boolean {
  return /^[\x21-\x7e]{1,16384}$/.test(token);
}

const unusable: RawMiss = { outcome: 'denied', reason: 'token-unusable', detail: 'the token holds what no token does' };

/** The codes of RFC 6749 section 5.2 and RFC 9449; nothing else of the answer is quoted: it could be our own secret. */
const oauthCodes = new Set([
  'access_denied',
  'invalid_client',
  'invalid_dpop_proof',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'use_dpop_nonce',
]);

function refusal(status: number, body: Uint8Array): RawMiss {
  const answer = jsonOf({ status: 200, header: () => [], body });
  const value = answer.outcome === 'ok' ? answer.value : undefined;
  const code = member(value, 'error');
  const numbers = member(value, 'error_codes');
  const first: unknown = Array.isArray(numbers) ? numbers[0] : undefined;
  const words = [
    `status ${status}`,
    ...(typeof code === 'string' && oauthCodes.has(code) ? [code] : []),
    // Microsoft's own numbers; each has a page at https://login.microsoftonline.com/error
    ...(typeof first === 'number' && Number.isInteger(first) && first > 0 && first < 1e9 ? [`AADSTS${first}`] : []),
  ];
  return { outcome: 'denied', reason: 'token-refused', detail: words.join(', ') };
}

/** A private key for assertions. Refuses with `directory-key-unusable`; the text is never quoted. */
export function assertionKey(pem: string, setting: string): Result<KeyObject> {
  try {
    const key = createPrivateKey(pem);
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
    if (
      (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) ||
      (type === 'ec' && details?.namedCurve === 'prime256v1')
    )
      return ok(key);
  } catch {
    // Said below: what OpenSSL says of a key could tell of it.
  }
  return refuse('directory-key-unusable', `${setting} is no private key that can be used`, {
    remedy: 'give an RSA key of 2048 bits or more, or an EC key on P-256, as PEM without a password',
  });
}

/** A signed assertion of ours (RFC 7523 section 3), good for five minutes and for one use. */
export function assertion(
  { clientId, audience, keyId }: { readonly clientId: string; readonly audience: string; readonly keyId?: string },
  key: KeyObject,
  now: Date,
): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const alg = key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  const head = { alg, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) };
  const claims = { iss: clientId, sub: clientId, aud: audience, iat: seconds, exp: seconds + 300, jti: randomUUID() };
  const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
