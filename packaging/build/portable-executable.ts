/** The few fields of a Windows program that we look at and change (Microsoft's "PE Format"). */

export type PeHeader = {
  readonly machine: number;
  /** Where the entry of the certificate table stands: its offset and its size follow, 32 bits each. */
  readonly certificateEntry: number;
};

/** Image file machine AMD64. */
export const amd64 = 0x8664;

/** The header; undefined where this is no 64-bit Windows program. */
export function peHeader(file: Buffer): PeHeader | undefined {
  if (file.length < 0x40 || file.readUInt16LE(0) !== 0x5a4d) return undefined;
  const at = file.readUInt32LE(0x3c);
  if (at + 264 > file.length || file.readUInt32LE(at) !== 0x4550) return undefined;
  const optional = at + 24;
  // PE32+; its data directories begin at 112, of which the certificate table is the fifth.
  if (file.readUInt16LE(optional) !== 0x20b) return undefined;
  return { machine: file.readUInt16LE(at + 4), certificateEntry: optional + 112 + 4 * 8 };
}

/** The program without its Authenticode signature, which ends the file. The same bytes where there is none. */
export function withoutSignature(file: Buffer): Buffer {
  const header = peHeader(file);
  if (header === undefined) throw new RangeError('not a 64-bit Windows program');
  const [offset, size] = [file.readUInt32LE(header.certificateEntry), file.readUInt32LE(header.certificateEntry + 4)];
  if (offset === 0) return file;
  if (offset + size !== file.length) throw new RangeError('the signature does not end the file');
  const bare = Buffer.from(file.subarray(0, offset));
  bare.writeBigUInt64LE(0n, header.certificateEntry);
  return bare;
}
