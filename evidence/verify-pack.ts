import type { X509Certificate } from 'node:crypto';
import type { Pack, Statement } from '../schemas/generated/types.ts';
import { decodeBase64 } from './base64.ts';
import { openBundle } from './bundle.ts';
import { type LogVerifier, logVerifierFromKey } from './checkpoint.ts';
import { decodePack } from './pack.ts';
import type { ProvedDocuments } from './proved-documents.ts';
import { provedTexts } from './proved-texts.ts';
import { readDocument } from './read-document.ts';
import { type LogPlace, verifyReceipt } from './receipt.ts';
import { ok, type Refusal, type Result, refuse } from './result.ts';
import type { VerificationKey } from './signing-key.ts';
import { type Stamped, verifyTimestamp } from './timestamp.ts';

export type VerifyOptions = {
  /** The trusted key of that id, if there is one. */
  readonly key: (keyId: string) => VerificationKey | undefined;
  /** The trusted log. Without it a receipt is held only against the log key that it brings along, and stays `unchecked`. */
  readonly logKey?: LogVerifier;
  /** Refuse a pack whose place in the log is not proved. */
  readonly requireReceipt?: boolean;
  /** Authorities whose time stamps on checkpoints are trusted; a stamp by another is refused. Without them it stays `unchecked`. */
  readonly stampAuthorities?: readonly X509Certificate[];
  /** For the copy on the wire and a spool at its cap: documents may be left out, and are named. */
  readonly allowMissingDocuments?: boolean;
  /** Documents that were read and validated before, and will be: for whoever verifies many packs. */
  readonly known?: ProvedDocuments;
};

export type VerifiedPack = {
  readonly pack: Pack;
  readonly statement: Statement;
  /** The bundle digest. */
  readonly digest: string;
  /** By the name that the statement gives them: what was signed, to be kept and handed on. */
  readonly documents: ReadonlyMap<string, object>;
  /** The same to read and judge: with facts that an older agent did not know of, as unsupported (readDocument). */
  readonly read: ReadonlyMap<string, object>;
  /** Names of documents that the statement has and the pack has not; empty unless allowed. */
  readonly missing: readonly string[];
  /** verified: the bundle stands in the trusted log. unchecked: it stands in a log that nobody said to trust, `pack.receipt.logKey`. */
  readonly receipt: 'verified' | 'unchecked' | 'none';
  /** The place in the trusted log. */
  readonly place?: LogPlace;
  /** When an authority saw the checkpoint, where one stamped it: the bundle was in the log by then. */
  readonly timestamp?: ({ readonly kind: 'verified' } & Stamped) | { readonly kind: 'unchecked' };
};

/**
 * Everything that can be proved of a pack without asking anybody, in the order of docs/format.md:
 * form, key, signature, statement, documents, receipt. Refuses as each step does, and with
 * `key-unknown`, `document-missing`, `document-unnamed`, `receipt-missing`, `receipt-unchecked`.
 * Pointers lead into the pack, or, for what is wrong in the signed statement or in a document, into that.
 */
export function verifyPack(bytes: Uint8Array, options: VerifyOptions): Result<VerifiedPack> {
  const decoded = decodePack(bytes, options.known);
  if (!decoded.ok) return decoded;
  const pack = decoded.value;
  const keyId = pack.bundle.verificationMaterial.publicKey.hint;
  const key = options.key(keyId);
  if (key === undefined)
    return refuse('key-unknown', `the pack is signed by the key ${keyId}, which is not among the trusted ones`, {
      pointer: '/bundle/verificationMaterial/publicKey/hint',
    });
  const opened = openBundle(pack.bundle, key);
  if (!opened.ok) return opened;
  const documents = matchDocuments(pack, opened.value.statement, options);
  if (!documents.ok) return documents;
  const receipt = checkReceipt(pack, key, opened.value.digest, options);
  if (!receipt.ok) return receipt;
  const timestamp = checkTimestamp(pack, options);
  return timestamp.ok
    ? ok({ pack, ...opened.value, ...documents.value, ...receipt.value, ...timestamp.value })
    : timestamp;
}

/** An hourly stamp is of some KiB, and covers the bundles of many servers. */
const provedStamps = provedTexts<Stamped>(4096);

function checkTimestamp(
  { receipt }: Pack,
  { stampAuthorities }: VerifyOptions,
): Result<Pick<VerifiedPack, 'timestamp'>> {
  if (receipt?.timestamp === undefined) return ok({});
  if (stampAuthorities === undefined) return ok({ timestamp: { kind: 'unchecked' } });
  const { timestamp, checkpoint } = receipt;
  const stamped = provedStamps(stampAuthorities, `${timestamp}\n${checkpoint}`, () => {
    const response = decodeBase64(timestamp) ?? new Uint8Array();
    return verifyTimestamp(response, Buffer.from(checkpoint, 'utf8'), { authorities: stampAuthorities });
  });
  return stamped.ok
    ? ok({ timestamp: { kind: 'verified', ...stamped.value } })
    : { ok: false, refusal: within('/receipt/timestamp', stamped.refusal) };
}

function matchDocuments(
  pack: Pack,
  statement: Statement,
  { allowMissingDocuments: allowMissing = false, known }: VerifyOptions,
): Result<Pick<VerifiedPack, 'documents' | 'read' | 'missing'>> {
  const documents = new Map<string, object>();
  const read = new Map<string, object>();
  const missing: string[] = [];
  const unnamed = new Set(Object.keys(pack.documents));
  for (const { name, digest } of statement.subject) {
    const document = Object.hasOwn(pack.documents, digest.sha256) ? pack.documents[digest.sha256] : undefined;
    unnamed.delete(digest.sha256);
    if (document === undefined) {
      missing.push(name);
      continue;
    }
    const proved = known?.get(digest.sha256);
    const before = proved?.document === document ? proved.read : undefined;
    const readBefore = before?.get(name);
    const valid = readBefore === undefined ? readDocument(name, document) : ok(readBefore);
    if (!valid.ok) return valid;
    if (readBefore === undefined) before?.set(name, valid.value);
    documents.set(name, document);
    read.set(name, valid.value);
  }
  const [stranger] = unnamed;
  if (stranger !== undefined)
    return refuse('document-unnamed', 'the pack holds a document that the signed statement does not name', {
      pointer: `/documents/${stranger}`,
    });
  if (missing.length > 0 && !allowMissing)
    return refuse('document-missing', `the pack lacks documents that were signed: ${missing.join(', ')}`, {
      pointer: '/documents',
    });
  return ok({ documents, read, missing });
}

function checkReceipt(
  { receipt, bundle }: Pack,
  key: VerificationKey,
  digest: string,
  { logKey, requireReceipt = false }: VerifyOptions,
): Result<Pick<VerifiedPack, 'receipt' | 'place'>> {
  if (receipt === undefined)
    return requireReceipt
      ? refuse('receipt-missing', 'the pack has no receipt of an endpoint')
      : ok({ receipt: 'none' });
  const log = logKey === undefined ? ownLog(receipt.logKey) : ok(logKey);
  const place = log.ok ? verifyReceipt(receipt, bundle, key, log.value, digest) : log;
  if (!place.ok) return { ok: false, refusal: within('/receipt', place.refusal) };
  if (logKey !== undefined) return ok({ receipt: 'verified', place: place.value });
  return requireReceipt
    ? refuse(
        'receipt-unchecked',
        "the receipt's own log key holds, but no trusted log key was given to compare it with",
      )
    : ok({ receipt: 'unchecked' });
}

/** The log that a receipt names, the last one as it was read: packs of one log come together. */
let lastLog: LogVerifier | undefined;

function ownLog(verifierKey: string): Result<LogVerifier> {
  if (lastLog?.verifierKey === verifierKey) return ok(lastLog);
  const log = logVerifierFromKey(verifierKey);
  if (log.ok) lastLog = log.value;
  return log;
}

/** The refusal of a part, seen from the whole. */
function within(prefix: string, refusal: Refusal): Refusal {
  return { ...refusal, pointer: prefix + (refusal.pointer ?? '') };
}
