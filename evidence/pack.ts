import type { Pack, Receipt, SigstoreBundle } from '../schemas/generated/types.ts';
import { pack as isPack } from '../schemas/generated/validators.js';
import { decodeBase64 } from './base64.ts';
import { canonicalBytes, canonicalText } from './canonical-json.ts';
import { sha256Hex } from './digest.ts';
import { payloadBytes } from './envelope.ts';
import { packInParts } from './pack-parts.ts';
import type { ProvedDocuments } from './proved-documents.ts';
import { ok, type Result, refuse } from './result.ts';
import { parseStrictJson } from './strict-json.ts';
import { validated } from './validate.ts';

export const packMediaType = 'application/vnd.affiant.pack.v1+json';

/** A pack is at most 64 MiB long and 64 levels deep. */
export const packLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 64 };

/** What a pack is made of; the documents stand under the SHA-256 of their canonical bytes. */
export type PackParts = {
  readonly bundle: SigstoreBundle;
  readonly documents: ReadonlyMap<string, object>;
  readonly receipt?: Receipt;
};

/** The name of a document in statement and pack: SHA-256 of its canonical bytes, hexadecimal. */
export function documentDigest(document: object): string {
  return sha256Hex(canonicalBytes(document));
}

/** Of documents that came out of a pack, as long as they live: a large one is not written anew to be kept. */
const knownBytes = new WeakMap<object, Uint8Array>();

/** The canonical bytes of a document, which nobody changed since it was decoded. Throws TypeError on what canonical JSON cannot say. */
export function documentBytes(document: object): Uint8Array {
  return knownBytes.get(document) ?? canonicalBytes(document);
}

/** The canonical text of a pack from the canonical texts of its documents, so that each is written once. */
function packText(
  bundle: SigstoreBundle,
  documents: ReadonlyMap<string, string>,
  receipt: Receipt | undefined,
): string {
  const digests = [...documents.keys()].toSorted();
  const members = digests.map((digest) => `${canonicalText(digest)}:${documents.get(digest) ?? ''}`);
  const end = receipt === undefined ? '' : `,"receipt":${canonicalText(receipt)}`;
  return `{"bundle":${canonicalText(bundle)},"documents":{${members.join(',')}},"mediaType":"${packMediaType}"${end}}`;
}

function textsOf(documents: Iterable<readonly [string, object]>): Map<string, string> {
  return new Map(Array.from(documents, ([digest, document]) => [digest, canonicalText(document)]));
}

/** The canonical bytes of a pack. Throws TypeError on what canonical JSON cannot say; checks no signature. */
export function encodePack({ bundle, documents, receipt }: PackParts): Uint8Array {
  return Buffer.from(packText(bundle, textsOf(documents), receipt), 'utf8');
}

/** The parts of a decoded pack, for `encodePack`. */
export function packParts({ bundle, documents, receipt }: Pack): PackParts {
  return { bundle, documents: new Map(Object.entries(documents)), ...(receipt && { receipt }) };
}

/**
 * Reads a pack and refuses every byte that could be otherwise: white space, order, escapes, duplicate
 * and unknown members, base64 in another form, a document under another digest than its own.
 * Refuses as `parseStrictJson` and `validated` do, and with `pack-not-canonical` and
 * `document-changed`. Proves no signature: `verifyPack` does. `known` spares what was read before: of a document
 * in it only the digest is computed, over the bytes that stand in this pack.
 */
export function decodePack(bytes: Uint8Array, known?: ProvedDocuments): Result<Pack> {
  const parts = packInParts(bytes, packMediaType, packLimits.maxDepth, known);
  if (parts === undefined || nonCanonicalBase64(parts.pack) !== undefined) return decodeStrictly(bytes);
  if (known === undefined)
    for (const [digest, read] of parts.read) {
      const document = parts.pack.documents[digest];
      if (document !== undefined) knownBytes.set(document, read);
    }
  return ok(parts.pack);
}

/** Any bytes at all, and exactly what is wrong with them. */
function decodeStrictly(bytes: Uint8Array): Result<Pack> {
  const parsed = parseStrictJson(bytes, packLimits);
  if (!parsed.ok) return parsed;
  const pack = validated(isPack, parsed.value, 'pack');
  if (!pack.ok) return pack;
  const { bundle, documents, receipt } = pack.value;
  const badBase64 = nonCanonicalBase64(pack.value);
  if (badBase64 !== undefined)
    return refuse('pack-not-canonical', 'the base64 text is not in its one canonical form', { pointer: badBase64 });
  const texts = textsOf(Object.entries(documents));
  const canonicals = new Map(Array.from(texts, ([digest, text]) => [digest, Buffer.from(text, 'utf8')]));
  for (const [digest, own] of canonicals)
    if (sha256Hex(own) !== digest)
      return refuse('document-changed', 'the document is not the one whose digest it stands under', {
        pointer: `/documents/${digest}`,
      });
  const canonical = Buffer.from(packText(bundle, texts, receipt), 'utf8');
  for (const [digest, document] of Object.entries(documents)) {
    const own = canonicals.get(digest);
    if (own !== undefined) knownBytes.set(document, own);
  }
  if (Buffer.compare(canonical, bytes) !== 0)
    return refuse(
      'pack-not-canonical',
      `the pack is not in canonical form: it departs from it at byte ${departure(canonical, bytes)}`,
    );
  return pack;
}

/** The pointer to the first. */
function nonCanonicalBase64(pack: Pack): string | undefined {
  if (payloadBytes(pack.bundle.dsseEnvelope) === undefined) return '/bundle/dsseEnvelope/payload';
  return base64Members(pack).find(([, text]) => decodeBase64(text) === undefined)?.[0];
}

function base64Members({ bundle, receipt }: Pack): [string, string][] {
  const { signatures } = bundle.dsseEnvelope;
  return [
    ...signatures.map(({ sig }, index): [string, string] => [`/bundle/dsseEnvelope/signatures/${index}/sig`, sig]),
    ...(receipt?.timestamp === undefined ? [] : [['/receipt/timestamp', receipt.timestamp] satisfies [string, string]]),
    ...(receipt?.hashes ?? []).map((hash, index): [string, string] => [`/receipt/hashes/${index}`, hash]),
  ];
}

function departure(canonical: Uint8Array, bytes: Uint8Array): number {
  const at = canonical.findIndex((byte, index) => byte !== bytes[index]);
  return at < 0 ? canonical.length : at;
}
