/** One bundle: from the bytes of a body to the answer. Nothing is kept before it verifies. */
import { bundleDigest, openBundle } from '../evidence/bundle.ts';
import type { LogSigner } from '../evidence/checkpoint.ts';
import { decodePack } from '../evidence/pack.ts';
import type { Refusal, Result } from '../evidence/result.ts';
import { publicKeyBase64, type VerificationKey } from '../evidence/signing-key.ts';
import { verifyPack } from '../evidence/verify-pack.ts';
import { decodeWirePack } from '../evidence/wire.ts';
import { type Answer, jsonAnswer, problem, problemAnswer, rejectionAnswer, throttledAnswer } from './answer.ts';
import type { CallNotes } from './call.ts';
import type { Visit } from './gate.ts';
import { noteOtherTarget } from './identity/other-targets.ts';
import type { Limits } from './limits.ts';
import { putUpload } from './store/reader-tables.ts';
import type { Admission, Admitted, Store } from './store/store.ts';
import type { TrustedKey } from './trust.ts';

export const receiptMediaType = 'application/vnd.affiant.receipt.v1+json';

/** Seconds after which a client may try again. */
export const retryAfterSeconds = { storeFailed: '30' } as const;

export type IngestContext = {
  readonly store: Store;
  readonly logSigner: LogSigner;
  readonly acceptReplay: boolean;
  readonly limits: Limits;
  readonly now: () => Date;
};

/** The sender of a body: the key that it named, and the bundle digest that it says it sends. */
export type Sender = {
  readonly key: TrustedKey;
  readonly claimedDigest: string | undefined;
  /** Who brings the pack of another. */
  readonly upload?: Admission['upload'];
};

export async function ingest(
  body: Uint8Array,
  sender: Sender,
  visit: Visit,
  context: IngestContext,
  notes: CallNotes,
): Promise<Answer> {
  const offered = offer(body, sender, visit, context, notes);
  if ('answer' in offered) return offered.answer;
  const admitted = await noted(offered, await offered.admitted, sender, context.store);
  return admitted.ok ? admittedAnswer(admitted.value, offered.digest, sender.key, context.logSigner) : storeFailed();
}

/** What is left of a bundle while the store has it: nothing here holds its documents for as long as that takes. */
type Offered = {
  readonly digest: string;
  readonly target: string;
  readonly receivedAt: string;
  readonly admitted: Promise<Result<Admitted>>;
};

function offer(
  body: Uint8Array,
  { key, claimedDigest, upload }: Sender,
  visit: Visit,
  context: IngestContext,
  notes: CallNotes,
): Offered | { readonly answer: Answer } {
  const { limits, logSigner } = context;
  const bytes = decodeWirePack(body, { maxCompressed: limits.maxBodyBytes, maxBytes: limits.maxPackBytes });
  if (!bytes.ok) {
    visit.failed(body.length);
    const isLarge = bytes.refusal.code === 'wire-too-large' || bytes.refusal.code === 'wire-output-too-large';
    return { answer: isLarge ? tooLarge(claimedDigest, limits, logSigner) : invalid(bytes.refusal) };
  }
  const verified = verifyPack(bytes.value, {
    key: (keyId) => (keyId === key.keyId ? key : undefined),
    allowMissingDocuments: true,
  });
  if (!verified.ok) return { answer: rejected(bytes.value, verified.refusal, key, visit, logSigner) };
  const { digest, statement, documents, pack } = verified.value;
  notes.bundle = digest;
  const throttled = visit.verified(key.keyId, bytes.value.length);
  if (throttled !== undefined) return { answer: throttledAnswer(throttled) };
  if (claimedDigest !== undefined && claimedDigest !== digest) return { answer: bundleMismatch() };
  if (statement.predicate.mode === 'replay' && !context.acceptReplay)
    return { answer: replayRefused(digest, logSigner) };
  const receivedAt = context.now().toISOString();
  const { bundle } = pack;
  return {
    digest,
    target: statement.predicate.target.id,
    receivedAt,
    admitted: context.store.admit({
      key,
      bundle,
      statement,
      digest,
      documents,
      receivedAt,
      ...(upload && { upload }),
    }),
  };
}

function bundleMismatch(): Answer {
  return problemAnswer(
    problem(400, 'bundle-mismatch', 'The header Affiant-Bundle names another bundle than the body.'),
  );
}

function replayRefused(digest: string, signer: LogSigner): Answer {
  const title = 'The bundle shows a recording, not a server; this endpoint does not take those.';
  const value = problem(422, 'replay-refused', title, { pointer: '/predicate/mode' });
  return rejectionAnswer({ ...value, bundle: digest }, signer);
}

/** Takes note of what the log says nothing of: a server that is not the key's, and who brought what was kept before. */
async function noted(
  { digest, target, receivedAt }: Offered,
  admitted: Result<Admitted>,
  { key: { keyId }, upload }: Sender,
  store: Store,
): Promise<Result<Admitted>> {
  if (admitted.ok && isOtherTarget(admitted.value)) {
    const other = await store.write((sql) => noteOtherTarget(sql, { keyId, target, digest, at: receivedAt }));
    // Never refused for good without being known: the agent keeps the bundle and comes again.
    return other.ok ? admitted : other;
  }
  if (upload === undefined || !admitted.ok || admitted.value.outcome !== 'repeated') return admitted;
  // Kept before, with or without somebody who brought it.
  const uploaded = await store.write((sql) => putUpload(sql, digest, upload, receivedAt));
  return uploaded.ok ? admitted : uploaded;
}

function isOtherTarget(admitted: Admitted): boolean {
  return (
    admitted.outcome === 'target-mismatch' ||
    (admitted.outcome === 'refused' && admitted.refusal.code === 'target-mismatch')
  );
}

function admittedAnswer(admitted: Admitted, digest: string, key: VerificationKey, signer: LogSigner): Answer {
  switch (admitted.outcome) {
    case 'stored':
    case 'repeated':
      return jsonAnswer(admitted.outcome === 'stored' ? 201 : 200, receiptMediaType, JSON.stringify(admitted.receipt), {
        ...publicKeyHeader(key),
        ...(admitted.labels.length > 0 && { 'affiant-labels': admitted.labels.join(', ') }),
      });
    case 'forked':
      return rejectionAnswer(
        {
          ...problem(409, 'chain-forked', 'Another bundle stands at this place of the chain; both are kept.', {
            existing: admitted.existing,
            receipt: admitted.receipt,
          }),
          bundle: digest,
        },
        signer,
        publicKeyHeader(key),
      );
    case 'documents-missing':
      return problemAnswer(
        problem(424, 'documents-missing', 'The endpoint does not have some documents yet.', {
          detail: 'Send the bundle again with these documents.',
          missing: [...admitted.missing],
          bundle: digest,
        }),
      );
    case 'target-mismatch':
      return rejectionAnswer(
        {
          ...problem(422, 'target-mismatch', 'The key speaks for another server than the one in the statement.', {
            pointer: '/predicate/target/id',
          }),
          bundle: digest,
        },
        signer,
      );
    case 'refused':
      return refusedAnswer(admitted, digest, signer);
  }
}

/** About the key, the agent keeps its bundle and a person decides; about the bundle, the rejection is signed. */
function refusedAnswer(
  { status, refusal: { code, message, pointer } }: Extract<Admitted, { outcome: 'refused' }>,
  digest: string,
  signer: LogSigner,
): Answer {
  const value = problem(status, code, message, pointer === undefined ? {} : { pointer });
  return status === 403 ? problemAnswer(value) : rejectionAnswer({ ...value, bundle: digest }, signer);
}

/** For packs carried by hand: their poster has only the key's id, which is the digest of these bytes. */
function publicKeyHeader(key: VerificationKey): Record<string, string> {
  return { 'affiant-public-key': publicKeyBase64(key) };
}

/**
 * Only a bundle that its key did sign gets a signed rejection: nobody but the holder of the key can
 * make the endpoint sign one, and bytes damaged on the way never make an agent give its bundle up.
 */
function rejected(bytes: Uint8Array, refusal: Refusal, key: VerificationKey, visit: Visit, signer: LogSigner): Answer {
  const pack = decodePack(bytes);
  if (!pack.ok || !isSignedBy(pack.value.bundle, key)) {
    visit.failed(bytes.length);
    return invalid(refusal);
  }
  const throttled = visit.verified(key.keyId, bytes.length);
  if (throttled !== undefined) return throttledAnswer(throttled);
  return rejectionAnswer({ ...invalidProblem(refusal), bundle: bundleDigest(pack.value.bundle) }, signer);
}

const unsigned: ReadonlySet<string> = new Set(['key-mismatch', 'signature-not-canonical', 'signature-invalid']);

function isSignedBy(bundle: Parameters<typeof openBundle>[0], key: VerificationKey): boolean {
  const opened = openBundle(bundle, key);
  return opened.ok || !unsigned.has(opened.refusal.code);
}

function invalid(refusal: Refusal): Answer {
  return problemAnswer(invalidProblem(refusal));
}

function invalidProblem({ code, message, pointer }: Refusal): ReturnType<typeof problem> {
  return problem(422, code, 'The pack is not valid.', {
    detail: message.slice(0, 2000),
    ...(pointer !== undefined && { pointer: pointer.slice(0, 4096) }),
  });
}

/** Signed for the digest that the sender named, since nothing of the body was read. */
export function tooLarge(claimedDigest: string | undefined, limits: Limits, signer: LogSigner): Answer {
  const value = problem(413, 'too-large', 'The bundle is larger than this endpoint takes.', {
    detail: `At most ${limits.maxBodyBytes} bytes compressed and ${limits.maxPackBytes} bytes unpacked.`,
  });
  return claimedDigest === undefined
    ? problemAnswer(value)
    : rejectionAnswer({ ...value, bundle: claimedDigest }, signer);
}

export function storeFailed(): Answer {
  return problemAnswer(problem(503, 'store-failed', 'The endpoint cannot store now; nothing of the bundle was kept.'), {
    'retry-after': retryAfterSeconds.storeFailed,
  });
}
