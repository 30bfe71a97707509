/** What a reader asks an endpoint. Every answer is held against its schema. */
import { zstdDecompressSync } from 'node:zlib';
import type { AttestationKind } from '../../evidence/attestation.ts';
import { decodeAttestations } from '../../evidence/attestation-list.ts';
import { packLimits, packMediaType } from '../../evidence/pack.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Signed } from '../../evidence/signed-file.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { validated } from '../../evidence/validate.ts';
import type { BundleList, Problem, TargetList } from '../../schemas/generated/types.ts';
import {
  bundles as isBundles,
  problem as isProblem,
  targets as isTargets,
  type Validator,
} from '../../schemas/generated/validators.js';
import { nextDelay, retryAfterMs } from '../post/backoff.ts';
import type { Reply, Transport } from '../post/transport.ts';

/** Of one server, and of one kind, where they are named. */
export type AttestationWish = { readonly target?: string | undefined; readonly kind?: AttestationKind | undefined };

export type ReaderClient = {
  /** All servers that the token may see, behind `after`. */
  targets(after: string | undefined): Promise<Result<TargetList>>;
  /** Kept bundles in the order of the log, of one server or of all, behind `after`. */
  bundles(target: string | undefined, after: number | undefined): Promise<Result<BundleList>>;
  /** Attestations in the order of the log, behind `after`; `next` where more may follow. None of them is verified. */
  attestations(
    wish: AttestationWish,
    after: number | undefined,
  ): Promise<Result<{ readonly attestations: readonly Signed[]; readonly next?: number }>>;
  /** A pack's bytes and the public key (SubjectPublicKeyInfo, base64) that the endpoint says belongs to it; neither is verified. */
  pack(keyId: string, digest: string): Promise<Result<{ readonly bytes: Uint8Array; readonly spki: string }>>;
};

export type ClientOptions = {
  readonly now: () => Date;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
};

const maxListBytes = 8 * 1024 * 1024;
const maxAttestationsBytes = 32 * 1024 * 1024;
const attempts = 5;
const maxDelayMs = 120_000;

export function makeReaderClient(transport: Transport, token: string, options: ClientOptions): ReaderClient {
  const authorization = `Bearer ${token}`;

  /** Tries again where the endpoint asks to come later, with full jitter. */
  async function ask(path: string, headers: Record<string, string>, maxBytes: number): Promise<Result<Reply>> {
    for (let attempt = 1; ; attempt += 1) {
      const exchange = await transport.get(path, { ...headers, authorization }, maxBytes);
      const reply = 'reply' in exchange ? exchange.reply : undefined;
      if (reply?.status === 200) return ok(reply);
      const isLater = reply === undefined ? !('noAnswer' in exchange && exchange.noAnswer.lasting) : isBusy(reply);
      const delay = nextDelay(attempt, options.random, retryAfterMs(reply?.headers['retry-after'], options.now()));
      if (isLater && attempt < attempts && delay <= maxDelayMs) {
        await options.sleep(delay);
        continue;
      }
      if ('noAnswer' in exchange) return { ok: false, refusal: exchange.noAnswer };
      return refusalOf(exchange.reply);
    }
  }

  async function list<T>(path: string, validator: Validator<T>, name: string): Promise<Result<T>> {
    const reply = await ask(path, {}, maxListBytes);
    if (!reply.ok) return reply;
    const parsed = parseStrictJson(reply.value.body, { maxBytes: maxListBytes, maxDepth: 16 });
    const valid = parsed.ok ? validated(validator, parsed.value, name) : parsed;
    return valid.ok ? valid : notUnderstood(valid.refusal.message);
  }

  return {
    targets: (after) =>
      list(`/v1/targets?limit=1000${after === undefined ? '' : `&after=${after}`}`, isTargets, 'list'),
    bundles(target, after) {
      const path = target === undefined ? '/v1/bundles' : `/v1/targets/${target}/bundles`;
      return list(`${path}?limit=500${after === undefined ? '' : `&after=${after}`}`, isBundles, 'list');
    },
    async attestations({ target, kind }, after) {
      const asked = Object.entries({ target, kind, after, limit: 200 }).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      );
      const reply = await ask(`/v1/attestations?${asked.join('&')}`, {}, maxAttestationsBytes);
      if (!reply.ok) return reply;
      const page = decodeAttestations(reply.value.body);
      return page.ok ? page : notUnderstood(page.refusal.message);
    },
    async pack(keyId, digest) {
      const headers = { accept: packMediaType, 'accept-encoding': 'zstd' };
      const reply = await ask(`/v1/bundles/${keyId}/${digest}`, headers, packLimits.maxBytes);
      if (!reply.ok) return reply;
      const { body, headers: told } = reply.value;
      const spki = told['affiant-public-key'] ?? '';
      try {
        const bytes =
          told['content-encoding'] === 'zstd'
            ? zstdDecompressSync(body, { maxOutputLength: packLimits.maxBytes })
            : body;
        return ok({ bytes, spki });
      } catch {
        return notUnderstood('a pack that cannot be unpacked');
      }
    },
  };
}

function isBusy({ status }: Reply): boolean {
  return status === 429 || status === 503 || status === 502 || status === 504;
}

function refusalOf(reply: Reply): Result<never> {
  const problem = problemOf(reply);
  if (problem === undefined)
    return notUnderstood(`status ${reply.status}, which is not how an endpoint of affiant answers`);
  const code = problem.type.replace(/^urn:affiant:problem:/, '');
  return refuse(
    code,
    `the endpoint says: ${problem.title}${problem.detail === undefined ? '' : ` ${problem.detail}`}`,
    {
      ...(reply.status === 401 && { remedy: 'ask its operator for another token: affiant reader create' }),
      ...(reply.status === 403 && { remedy: 'ask its operator for a token with another role' }),
    },
  );
}

function problemOf({ body }: Reply): Problem | undefined {
  const parsed = parseStrictJson(body, { maxBytes: 64 * 1024, maxDepth: 16 });
  return parsed.ok && isProblem(parsed.value) ? parsed.value : undefined;
}

function notUnderstood(message: string): Result<never> {
  return refuse('not-an-endpoint', message, {
    remedy: 'check the address of the endpoint, and that no proxy or login page answers in its place',
  });
}
