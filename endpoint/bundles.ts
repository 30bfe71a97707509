/** POST /v1/bundles: what can be decided from the headers is answered before the body is read. */
import type { IncomingMessage } from 'node:http';
import { packMediaType } from '../evidence/pack.ts';
import { type Answer, problem, problemAnswer } from './answer.ts';
import { type Budget, readBody } from './body.ts';
import type { Call } from './call.ts';
import { type IngestContext, ingest, retryAfterSeconds, type Sender, tooLarge } from './ingest.ts';
import type { TrustedKeys } from './trust.ts';

export type BundlesContext = IngestContext & {
  readonly trustedKeys: TrustedKeys;
  readonly budget: Budget;
  /** Takes one of the places for bundles in work; undefined when all are taken. */
  readonly enter: () => (() => void) | undefined;
};

export async function postBundle({ request, context, proceed, notes }: Call): Promise<Answer> {
  const sender = senderOf(request, context);
  if (sender.ok) notes.keyId = sender.value.key.keyId;
  if (!sender.ok) return sender.answer;
  const leave = context.enter();
  if (leave === undefined) return overloaded();
  try {
    proceed();
    const { limits, logSigner, budget } = context;
    const body = await readBody(request, limits.maxBodyBytes, budget);
    if (body.ok)
      try {
        return await ingest(body.value, sender.value, context);
      } finally {
        budget.giveBack(body.value.length);
      }
    if (body.refusal.code === 'too-large') return tooLarge(sender.value.claimedDigest, limits, logSigner);
    if (body.refusal.code === 'overloaded') return overloaded();
    return problemAnswer(problem(400, 'cut-short', 'The body ended before its end.'));
  } finally {
    leave();
  }
}

/** The order of the contract: key, form of the body, size. */
function senderOf(request: IncomingMessage, { trustedKeys, limits, logSigner }: BundlesContext): Answered<Sender> {
  const keyId = header(request, 'affiant-key');
  if (keyId === undefined)
    return answered(unauthorised('key-missing', 'The header Affiant-Key with the id of the signing key is missing.'));
  const key = trustedKeys.get(keyId);
  if (key === undefined) return answered(unauthorised('key-unknown', 'This endpoint does not know the key.'));
  if (header(request, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase() !== packMediaType)
    return answered(
      problemAnswer(problem(415, 'media-type', `The body must be ${packMediaType}.`), { 'accept-post': packMediaType }),
    );
  if (header(request, 'content-encoding')?.trim().toLowerCase() !== 'zstd')
    return answered(
      problemAnswer(problem(415, 'content-encoding', 'The body must be compressed with zstd.'), {
        'accept-encoding': 'zstd',
      }),
    );
  const claimed = header(request, 'affiant-bundle');
  const claimedDigest = claimed !== undefined && /^[0-9a-f]{64}$/.test(claimed) ? claimed : undefined;
  if (Number(header(request, 'content-length') ?? 0) > limits.maxBodyBytes)
    return answered(tooLarge(claimedDigest, limits, logSigner));
  return { ok: true, value: { key, claimedDigest } };
}

type Answered<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly answer: Answer };

function answered(answer: Answer): { ok: false; answer: Answer } {
  return { ok: false, answer };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** RFC 9110 section 11.6.1: a 401 names a scheme. */
function unauthorised(code: string, title: string): Answer {
  return problemAnswer(
    problem(401, code, title, {
      detail: 'A person must make the key known to the endpoint (affiant serve --trust-key FILE).',
    }),
    { 'www-authenticate': 'Affiant-Key' },
  );
}

function overloaded(): Answer {
  return problemAnswer(problem(503, 'overloaded', 'The endpoint is busy; nothing of the bundle was read.'), {
    'retry-after': retryAfterSeconds.overloaded,
  });
}
