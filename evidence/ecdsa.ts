/**
 * One signature, one form. Whoever sees an ECDSA signature (r, s) can write (r, n − s), which
 * verifies as well (SEC 1 section 4.1.4). Nothing of what was signed changes, but the pack's bytes
 * do, and so does the log's leaf, which quotes the signature. So ours always have s in the lower
 * half, and the other form is refused. OpenSSL makes either with equal chance and takes both.
 */

/** The order of P-256's base point: SP 800-186 section 3.2.1.3. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

type Signature = { readonly r: bigint; readonly s: bigint };

/** INTEGER of DER (X.690 section 8.3): shortest form, positive. */
function encodeInteger(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, positive.length), positive]);
}

function encode({ r, s }: Signature): Uint8Array {
  const body = Buffer.concat([encodeInteger(r), encodeInteger(s)]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function decodeInteger(der: Uint8Array, at: number): { value: bigint; next: number } | undefined {
  const length = der[at + 1] ?? 0;
  const bytes = der.subarray(at + 2, at + 2 + length);
  if (der[at] !== 0x02 || length === 0 || length > 33 || bytes.length !== length) return undefined;
  return { value: BigInt(`0x${Buffer.from(bytes).toString('hex')}`), next: at + 2 + length };
}

/** The pair of numbers, or undefined where the bytes are not the one DER form of a pair in 1..n−1. */
function decode(der: Uint8Array): Signature | undefined {
  const r = decodeInteger(der, 2);
  const s = r && decodeInteger(der, r.next);
  if (r === undefined || s === undefined) return undefined;
  const signature = { r: r.value, s: s.value };
  const inRange = [r.value, s.value].every((value) => value > 0n && value < order);
  return inRange && Buffer.compare(encode(signature), der) === 0 ? signature : undefined;
}

/** The same P-256 signature with s in the lower half. Throws TypeError on bytes that are no DER signature. */
export function lowerS(der: Uint8Array): Uint8Array {
  const signature = decode(der);
  if (signature === undefined) throw new TypeError('not a DER signature of P-256');
  return signature.s * 2n > order ? encode({ r: signature.r, s: order - signature.s }) : der;
}

/** Big-endian, 32 bytes. */
const lastR = Buffer.from((order - 1n).toString(16), 'hex');
const lastLowS = Buffer.from((order / 2n).toString(16).padStart(64, '0'), 'hex');

/**
 * Whether the bytes are the one form of a P-256 signature that a bundle may hold: a SEQUENCE of two INTEGERs in DER,
 * r in 1..n−1, s in 1..n/2. Compares bytes, since every pack of a fleet is asked.
 */
export function hasLowS(der: Uint8Array): boolean {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return false;
  const s = endOfInteger(der, 2, lastR);
  return s > 0 && endOfInteger(der, s, lastLowS) === der.length;
}

/** Where the INTEGER in 1..last ends that begins here, in its shortest form; 0 where there is none. */
function endOfInteger(der: Uint8Array, at: number, last: Uint8Array): number {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== 0x02 || length === 0 || end > der.length) return 0;
  const [first = 0, second = 0] = [der[at + 2], der[at + 3]];
  if (first >= 0x80) return 0;
  // A leading zero stands only where the next byte would look like a sign; of zero itself it is the whole number.
  if (first === 0 && (length === 1 || second < 0x80)) return 0;
  const digits = der.subarray(first === 0 ? at + 3 : at + 2, end);
  const isWithin = digits.length < last.length || (digits.length === last.length && Buffer.compare(digits, last) <= 0);
  return isWithin ? end : 0;
}
