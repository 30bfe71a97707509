/**
 * The short way through a pack: its parts are found by the fixed text between them, each proved to be canonical by
 * itself, and a document that was proved before by its digest alone. Gives a pack only where every byte of it is
 * accounted for; `decodePack` tells of everything else what is wrong.
 */
import type { Pack } from '../schemas/generated/types.ts';
import { pack as isPack } from '../schemas/generated/validators.js';
import { canonicalParseMaxBytes, parseCanonicalJson } from './canonical-parse.ts';
import { sha256Hex } from './digest.ts';
import type { ProvedDocuments } from './proved-documents.ts';

const head = Buffer.from('{"bundle":');
const beforeDocuments = Buffer.from(',"documents":{');
const beforeReceipt = Buffer.from(',"receipt":');

/** A document, its bytes where it was read here, and where it ends. */
type Part = { readonly document: object; readonly bytes?: Uint8Array; readonly end: number };

export type PackInParts = {
  readonly pack: Pack;
  /** The canonical bytes of the documents that were read here, by digest; they lie in the pack. */
  readonly read: ReadonlyMap<string, Uint8Array>;
};

/** Undefined where the bytes are no pack in canonical form, or are longer than this way is for. */
export function packInParts(
  bytes: Uint8Array,
  mediaType: string,
  maxDepth: number,
  known?: ProvedDocuments,
): PackInParts | undefined {
  if (bytes.length > canonicalParseMaxBytes) return undefined;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A quotation mark inside a text has a backslash in front, so that this is found only between parts.
  const end = all.indexOf(beforeDocuments);
  if (end < 0 || !startsWith(all, 0, head)) return undefined;
  const text = asciiText(all);
  const bundle = parseCanonicalJson(all.subarray(head.length, end), maxDepth - 1, text?.slice(head.length, end));
  const found = bundle && documentsFrom(all, text, end + beforeDocuments.length, maxDepth - 2, known);
  const tail = found && tailFrom(all, found.end, mediaType, maxDepth - 1);
  if (bundle === undefined || found === undefined || tail === undefined) return undefined;
  const { documents, read } = found;
  const pack: unknown = { bundle: bundle.value, documents, mediaType, ...tail };
  return isPack(pack) ? { pack, read } : undefined;
}

/**
 * Where a byte is a character, and most packs are so, one copy serves for all parts: a part of a text takes no memory.
 * What takes several bytes makes fewer characters of them, and what is no UTF-8 this one.
 */
function asciiText(all: Buffer): string | undefined {
  const text = all.toString('utf8');
  return text.length === all.length && !text.includes('\ufffd') ? text : undefined;
}

function startsWith(all: Buffer, at: number, part: Uint8Array): boolean {
  return all.subarray(at, at + part.length).equals(part);
}

/** The members of `documents`, in the order of their digests and each once, up to the brace that closes it. */
function documentsFrom(
  all: Buffer,
  text: string | undefined,
  start: number,
  maxDepth: number,
  known: ProvedDocuments | undefined,
):
  | { readonly documents: Record<string, object>; readonly read: Map<string, Uint8Array>; readonly end: number }
  | undefined {
  const documents: Record<string, object> = {};
  const read = new Map<string, Uint8Array>();
  const ends = likelyEnds(all, text);
  let previous = '';
  let at = start;
  while (all[at] !== closing) {
    const opening = previous === '' ? '"' : ',"';
    const digestAt = at + opening.length;
    const digest = all.toString('latin1', digestAt, digestAt + 64);
    const isMember =
      all.toString('latin1', at, digestAt) === opening && all.toString('latin1', digestAt + 64, digestAt + 66) === '":';
    if (!isMember || !/^[0-9a-f]{64}$/.test(digest) || digest <= previous) return undefined;
    const part = partAt(all, text, digestAt + 66, digest, ends, maxDepth, known);
    if (part === undefined) return undefined;
    documents[digest] = part.document;
    if (part.bytes !== undefined) read.set(digest, part.bytes);
    previous = digest;
    at = part.end;
  }
  return { documents, read, end: at };
}

function partAt(
  all: Buffer,
  text: string | undefined,
  at: number,
  digest: string,
  ends: (from: number) => number | undefined,
  maxDepth: number,
  known: ProvedDocuments | undefined,
): Part | undefined {
  const proved = known?.get(digest);
  if (proved !== undefined) {
    const end = at + proved.byteLength;
    if (sha256Hex(all.subarray(at, end)) === digest) return { document: proved.document, end };
  }
  const end = endOf(all, at, digest, ends);
  if (end === undefined) return undefined;
  const slice = all.subarray(at, end);
  const read = parseCanonicalJson(slice, maxDepth, text?.slice(at, end));
  if (read === undefined || typeof read.value !== 'object' || read.value === null) return undefined;
  known?.add(digest, read.value, slice.length);
  return { document: read.value, bytes: slice, end };
}

const quote = 0x22;
const backslash = 0x5c;
const openings: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closing = 0x7d;
const closings: ReadonlySet<number> = new Set([closing, 0x5d]);

/** Where the document of this digest ends that begins here; its bytes then have the digest. */
function endOf(
  all: Buffer,
  at: number,
  digest: string,
  ends: (from: number) => number | undefined,
): number | undefined {
  const isEnd = (end: number): boolean => sha256Hex(all.subarray(at, end)) === digest;
  const likely = ends(at);
  if (likely !== undefined && isEnd(likely)) return likely;
  const end = endOfObject(all, at);
  return isEnd(end) ? end : undefined;
}

/** In front of these a document may end: of another under its digest, or of what follows the last. */
const whatFollows = /\},"[0-9a-f]{64}":\{|\}\},"mediaType":/g;

/**
 * The first place behind `from` where a document probably ends, by the engine's own search, which takes a tenth of
 * the time of looking at each byte. It may also lie within a document: only the digest tells.
 */
function likelyEnds(all: Buffer, ascii: string | undefined): (from: number) => number | undefined {
  let known = ascii;
  return (from) => {
    const text = known ?? all.toString('latin1');
    known = text;
    whatFollows.lastIndex = from;
    const found = whatFollows.exec(text);
    return found === null ? undefined : found.index + 1;
  };
}

/** Where the object that begins here would end. What lies between is read afterwards, so that this need not be believed. */
function endOfObject(all: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < all.length; at += 1) {
    const byte = all[at] ?? 0;
    if (byte === quote) {
      do {
        at = all.indexOf(quote, at + 1);
        if (at < 0) return all.length;
      } while (isEscaped(all, at));
    } else if (openings.has(byte)) depth += 1;
    else if (closings.has(byte)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return all.length;
}

/** Whether an odd number of backslashes stands in front. */
function isEscaped(all: Buffer, at: number): boolean {
  let before = at;
  while (all[before - 1] === backslash) before -= 1;
  return (at - before) % 2 === 1;
}

/** What follows the documents: the media type, and the receipt where there is one. */
function tailFrom(
  all: Buffer,
  at: number,
  mediaType: string,
  maxDepth: number,
): { readonly receipt?: unknown } | undefined {
  const fixed = Buffer.from(`},"mediaType":"${mediaType}"`);
  if (!startsWith(all, at, fixed) || all.at(-1) !== closing) return undefined;
  const rest = all.subarray(at + fixed.length, -1);
  if (rest.length === 0) return {};
  if (!startsWith(rest, 0, beforeReceipt)) return undefined;
  const receipt = parseCanonicalJson(rest.subarray(beforeReceipt.length), maxDepth);
  return receipt && { receipt: receipt.value };
}
