/** What a zstd frame says of itself before it is decompressed. */
export type ZstdFrame = {
  /** The memory that a decoder must set aside. */
  readonly windowBytes: number;
  /** The size of the content, where the frame tells it. */
  readonly contentBytes: number | undefined;
};

const magic = 0xfd2fb528;

/** Little endian; sizes past 2^53 become inexact, and are far past every limit anyway. */
function readNumber(bytes: Uint8Array, at: number, length: number): number | undefined {
  if (at + length > bytes.length) return undefined;
  return bytes.subarray(at, at + length).reduceRight((sum, byte) => sum * 256 + byte, 0);
}

/**
 * The header of a zstd frame (RFC 8878 section 3.1.1), or undefined where the bytes are not exactly
 * one frame without a dictionary: cut short, followed by anything, or a skippable frame.
 */
export function readFrame(bytes: Uint8Array): ZstdFrame | undefined {
  const descriptor = bytes[4];
  if (readNumber(bytes, 0, 4) !== magic || descriptor === undefined) return undefined;
  const singleSegment = (descriptor & 0x20) !== 0;
  const reservedOrDictionary = (descriptor & 0x0b) !== 0;
  if (reservedOrDictionary) return undefined;
  const sizeFlag = descriptor >> 6;
  const sizeLength = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 2 ** sizeFlag;
  const sizeAt = singleSegment ? 5 : 6;
  const size = readNumber(bytes, sizeAt, sizeLength);
  const window = bytes[5];
  if (size === undefined || window === undefined) return undefined;
  const contentBytes = sizeLength === 0 ? undefined : sizeLength === 2 ? size + 256 : size;
  const checksumLength = (descriptor & 0x04) === 0 ? 0 : 4;
  const end = endOfBlocks(bytes, sizeAt + sizeLength);
  if (end === undefined || end + checksumLength !== bytes.length) return undefined;
  return { windowBytes: singleSegment ? (contentBytes ?? 0) : windowSize(window), contentBytes };
}

/** RFC 8878 section 3.1.1.1.2: five bits of exponent, three of mantissa. */
function windowSize(window: number): number {
  const base = 2 ** (10 + (window >> 3));
  return base + (base / 8) * (window & 7);
}

/** Walks the block headers (RFC 8878 section 3.1.1.2) to the end of the last block. */
function endOfBlocks(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; ; ) {
    const header = readNumber(bytes, at, 3);
    if (header === undefined) return undefined;
    const type = (header >> 1) & 3;
    const runOfOneByte = type === 1;
    at += 3 + (runOfOneByte ? 1 : header >> 3);
    if ((header & 1) === 1) return at;
  }
}
