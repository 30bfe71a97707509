import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decodePack, encodePack, type PackParts, packParts } from './pack.ts';
import { ok, type Result, refuse } from './result.ts';
import { readFrame } from './zstd-frame.ts';

/** The largest window that a reader must hold in memory: RFC 8878 section 3.1.1.1.2 and what RFC 9659 demands of HTTP. */
const maxWindowBytes = 8 * 1024 * 1024;

/**
 * The copy of a pack that travels: without the documents that the endpoint has already
 * acknowledged and without a receipt, canonical, then zstd at level 3. Throws TypeError on bytes
 * that are no pack.
 */
export function encodeWirePack(pack: Uint8Array | PackParts, leaveOut: ReadonlySet<string>): Uint8Array {
  const { bundle, documents } = pack instanceof Uint8Array ? partsOf(pack) : pack;
  const kept = new Map([...documents].filter(([digest]) => !leaveOut.has(digest)));
  const bytes = encodePack({ bundle, documents: kept });
  return zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
    // The frame tells its size and a window no larger than that, so that the reader sets little memory aside.
    pledgedSrcSize: bytes.length,
    chunkSize: chunkFor(bytes.length),
  });
}

/** One buffer for all of it where that is not large, instead of one for each 16 KiB. */
export function chunkFor(bytes: number): number {
  return Math.min(Math.max(bytes + 64, 1024), 1024 * 1024);
}

function partsOf(bytes: Uint8Array): PackParts {
  const pack = decodePack(bytes);
  if (!pack.ok) throw new TypeError(pack.refusal.message);
  return packParts(pack.value);
}

/**
 * The pack's bytes from the wire. Looks at the frame before it decompresses anything: one frame and
 * nothing behind it, no dictionary, a window of at most 8 MiB; then stops at `maxBytes` of output.
 * Refuses with `wire-too-large`, `wire-not-zstd`, `wire-window-too-large`, `wire-output-too-large`.
 */
export function decodeWirePack(
  bytes: Uint8Array,
  limits: { readonly maxCompressed: number; readonly maxBytes: number },
): Result<Uint8Array> {
  if (bytes.length > limits.maxCompressed)
    return refuse(
      'wire-too-large',
      `the body is ${bytes.length} bytes long, more than the ${limits.maxCompressed} allowed`,
    );
  const frame = readFrame(bytes);
  if (frame === undefined)
    return refuse('wire-not-zstd', 'the body is not exactly one zstd frame without a dictionary');
  if (frame.windowBytes > maxWindowBytes)
    return refuse(
      'wire-window-too-large',
      `the zstd frame wants a window of ${frame.windowBytes} bytes, more than 8 MiB`,
    );
  if (frame.contentBytes !== undefined && frame.contentBytes > limits.maxBytes) return outputTooLarge(limits.maxBytes);
  try {
    const expected = frame.contentBytes ?? bytes.length * 4;
    return ok(zstdDecompressSync(bytes, { maxOutputLength: limits.maxBytes, chunkSize: chunkFor(expected) }));
  } catch (error) {
    const tooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return tooLarge ? outputTooLarge(limits.maxBytes) : refuse('wire-not-zstd', 'the zstd frame is damaged');
  }
}

function outputTooLarge(maxBytes: number): Result<never> {
  return refuse('wire-output-too-large', `the body unpacks to more than the ${maxBytes} bytes allowed`);
}
