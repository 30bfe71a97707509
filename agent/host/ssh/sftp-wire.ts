/**
 * SFTP version 3 as OpenSSH speaks it (draft-ietf-secsh-filexfer-02), and of it only what reads: there is
 * no message here that could change a file. Names and paths are bytes, since they may not be UTF-8.
 *
 *     uint32 length of what follows | byte type | uint32 request id | …
 */

/** A packet longer than this is no answer to anything that we ask: OpenSSH's own limit. */
export const maxPacketBytes = 256 * 1024;

const types = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  lstat: 7,
  fstat: 8,
  opendir: 11,
  readdir: 12,
  stat: 17,
  readlink: 19,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
} as const;

/** Section 7. `end` is the end of a file or folder. */
const statusWords: Readonly<Record<number, StatusWord>> = {
  0: 'ok',
  1: 'end',
  2: 'no-such-file',
  3: 'permission-denied',
  4: 'failure',
  5: 'bad-message',
  8: 'unsupported',
};
export type StatusWord =
  | 'ok'
  | 'end'
  | 'no-such-file'
  | 'permission-denied'
  | 'failure'
  | 'bad-message'
  | 'unsupported'
  | 'unknown-status';

/** What a server says of a file; each part may be missing. `mode` is st_mode with the type of the file, `mtime` seconds. */
export type Attributes = {
  readonly size?: bigint;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
  readonly mtime?: number;
};

export type Request =
  | { readonly kind: 'open' | 'opendir' | 'stat' | 'lstat' | 'readlink'; readonly path: Uint8Array }
  | { readonly kind: 'close' | 'readdir' | 'fstat'; readonly handle: Uint8Array }
  | { readonly kind: 'read'; readonly handle: Uint8Array; readonly offset: number; readonly length: number };

export type Reply =
  | { readonly kind: 'status'; readonly status: StatusWord }
  | { readonly kind: 'handle'; readonly handle: Uint8Array }
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'names'; readonly names: readonly Uint8Array[] }
  | { readonly kind: 'attributes'; readonly attributes: Attributes };

export function initPacket(): Uint8Array {
  return framed(types.init, [uint32(3)]);
}

export function requestPacket(id: number, request: Request): Uint8Array {
  const head = uint32(id);
  switch (request.kind) {
    case 'open':
      // SSH_FXF_READ alone, and no attributes.
      return framed(types.open, [head, text(request.path), uint32(1), uint32(0)]);
    case 'opendir':
    case 'stat':
    case 'lstat':
    case 'readlink':
      return framed(types[request.kind], [head, text(request.path)]);
    case 'close':
    case 'readdir':
    case 'fstat':
      return framed(types[request.kind], [head, text(request.handle)]);
    case 'read': {
      const place = Buffer.alloc(12);
      place.writeBigUInt64BE(BigInt(request.offset));
      place.writeUInt32BE(request.length, 8);
      return framed(types.read, [head, text(request.handle), place]);
    }
  }
}

/** The first answer of a server; undefined where it is none that speaks version 3. */
export function isVersion3(packet: Buffer): boolean {
  return packet.length >= 5 && packet[0] === types.version && packet.readUInt32BE(1) === 3;
}

/** A packet without its length; undefined where it is not well formed. */
export function parseReply(packet: Buffer): { readonly id: number; readonly reply: Reply } | undefined {
  try {
    const reader = readerOf(packet);
    const type = reader.byte();
    const id = reader.uint32();
    const reply = replyOf(type, reader);
    return reply === undefined ? undefined : { id, reply };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Reader = ReturnType<typeof readerOf>;

function replyOf(type: number, reader: Reader): Reply | undefined {
  switch (type) {
    case types.status:
      return { kind: 'status', status: statusWords[reader.uint32()] ?? 'unknown-status' };
    case types.handle:
      return { kind: 'handle', handle: reader.text() };
    case types.data:
      return { kind: 'data', data: reader.text() };
    case types.name: {
      const names: Uint8Array[] = [];
      for (let left = reader.uint32(); left > 0; left -= 1) {
        names.push(reader.text());
        reader.text();
        attributesOf(reader);
      }
      return { kind: 'names', names };
    }
    case types.attributes:
      return { kind: 'attributes', attributes: attributesOf(reader) };
    default:
      return undefined;
  }
}

/** Section 5. */
function attributesOf(reader: Reader): Attributes {
  const flags = reader.uint32();
  const size = flags & 1 ? { size: reader.uint64() } : {};
  const owner = flags & 2 ? { uid: reader.uint32(), gid: reader.uint32() } : {};
  const mode = flags & 4 ? { mode: reader.uint32() } : {};
  const times = flags & 8 ? { atime: reader.uint32(), mtime: reader.uint32() } : {};
  if (flags & 0x80000000)
    for (let left = reader.uint32(); left > 0; left -= 1) {
      reader.text();
      reader.text();
    }
  return { ...size, ...owner, ...mode, ...('mtime' in times ? { mtime: times.mtime } : {}) };
}

/** Throws RangeError past the end. */
function readerOf(packet: Buffer) {
  let at = 0;
  const take = (length: number): number => {
    if (at + length > packet.length) throw new RangeError('past the end of the packet');
    const start = at;
    at += length;
    return start;
  };
  const number = (): number => packet.readUInt32BE(take(4));
  return {
    byte: (): number => packet.readUInt8(take(1)),
    uint32: number,
    uint64: (): bigint => packet.readBigUInt64BE(take(8)),
    text: (): Uint8Array => {
      const length = number();
      const start = take(length);
      return packet.subarray(start, start + length);
    },
  };
}

function framed(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat([Buffer.from([type]), ...parts]);
  return Buffer.concat([uint32(body.length), body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}
