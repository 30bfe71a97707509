/**
 * Counts the records of TLS on a connection before they are decrypted. A client may ask for new keys as often as it
 * likes (KeyUpdate, RFC 8446 section 4.6.3): 27 bytes of it cost the endpoint 30 to 70 µs, no library here counts them,
 * and Node hands a connection's bytes to TLS until there are none left for now, so that one client alone kept
 * everybody waiting for seconds. Records that carry next to nothing for HTTP are what gives it away.
 */
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** Of TLS 1.3: content type, two bytes of version, two of length (RFC 8446 section 5.1). */
const headerBytes = 5;
/** A handshake, and whatever a client splits its first requests into. */
const burst = 256;
/** So much of HTTP makes up for one record: no request is shorter. */
const bytesARecord = 32;
/** After a reading with more of them others have their turn. */
const recordsATurn = 64;
/** Forgiven with time: who sends byte by byte, but slowly, costs nothing. */
const forgivenPerSecond = 100;
/** After so many it is judged: some 150 changes of keys, 10 ms. */
const pieceBytes = 4096;

/** Counts whole records in pieces of a stream. */
export function recordCounter(): (chunk: Uint8Array) => number {
  const header = new Uint8Array(headerBytes);
  let have = 0;
  let left = 0;
  return (chunk) => {
    let records = 0;
    for (let at = 0; at < chunk.length; ) {
      if (left === 0) {
        const taken = Math.min(headerBytes - have, chunk.length - at);
        header.set(chunk.subarray(at, at + taken), have);
        have += taken;
        at += taken;
        if (have < headerBytes) break;
        left = ((header[3] ?? 0) << 8) | (header[4] ?? 0);
      }
      const taken = Math.min(left, chunk.length - at);
      left -= taken;
      at += taken;
      if (left > 0) break;
      have = 0;
      records += 1;
    }
    return records;
  };
}

/**
 * Puts the count before TLS on every connection that a server accepts. Node gives the address of the other side only
 * for a socket of its own, so that it is told again for what TLS makes of one.
 */
export function countRecords(server: HttpsServer, now: () => number, uncounted: (error: Error) => void): void {
  // The first is the server's own; those after it look whether the connection may stay.
  const [toTls, ...others] = server.listeners('connection');
  if (toTls === undefined) throw new Error('no TLS listens for connections');
  server.removeAllListeners('connection');
  server.on('connection', (raw: Socket) => {
    for (const other of others) other.call(server, raw);
    if (!raw.destroyed) toTls.call(server, new CountedStream(raw, now));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const stream = streamBehind(socket);
    // Better uncounted than everybody cut off, and said.
    if (stream === undefined) {
      uncounted(new Error('this Node hides what TLS reads from: floods of key updates are not cut off'));
      server.removeAllListeners('connection');
      for (const listener of [toTls, ...others]) server.on('connection', listener as () => void);
      return;
    }
    stream.follow(socket);
    const { remoteAddress, remotePort, remoteFamily } = stream.raw;
    for (const [name, value] of Object.entries({ remoteAddress, remotePort, remoteFamily }))
      Object.defineProperty(socket, name, { value });
  });
}

/** Where Node keeps what TLS reads from, privately; a test holds it to that. */
function streamBehind(socket: TLSSocket): CountedStream | undefined {
  const { _handle: handle } = socket as { _handle?: { _parentWrap?: { stream?: unknown } } };
  const stream = handle?._parentWrap?.stream;
  return stream instanceof CountedStream ? stream : undefined;
}

/** What stands between a connection and TLS. `now` in milliseconds. */
export class CountedStream extends Duplex {
  readonly raw: Socket;
  readonly #count = recordCounter();
  readonly #now: () => number;
  #heard: () => number = () => 0;
  #heardBefore = 0;
  #worthless = 0;
  #since: number;

  constructor(raw: Socket, now: () => number) {
    super({ allowHalfOpen: true });
    this.raw = raw;
    this.#now = now;
    this.#since = now();
    raw.on('data', (chunk: Buffer) => this.#take(chunk));
    raw.on('end', () => this.push(null));
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => this.destroy());
    raw.pause();
  }

  /** Where the bytes for HTTP are counted, once the handshake is done. */
  follow(socket: TLSSocket): void {
    this.#heard = () => socket.bytesRead;
  }

  #take(chunk: Buffer): void {
    let goesOn = true;
    let all = 0;
    for (let at = 0; at < chunk.length && !this.destroyed; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      const records = this.#count(piece);
      all += records;
      goesOn = this.push(piece);
      const heard = this.#heard();
      this.#judge(records - (heard - this.#heardBefore) / bytesARecord);
      this.#heardBefore = heard;
    }
    if (goesOn && all <= recordsATurn) return;
    this.raw.pause();
    if (goesOn) setImmediate(() => this.raw.resume());
  }

  #judge(worthless: number): void {
    const now = this.#now();
    const forgiven = ((now - this.#since) / 1000) * forgivenPerSecond;
    this.#since = now;
    this.#worthless = Math.max(0, Math.max(0, this.#worthless - forgiven) + worthless);
    if (this.#worthless > burst) this.destroy();
  }

  override _read(): void {
    this.raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.raw.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.raw.cork();
    for (const { chunk } of chunks.slice(0, -1)) this.raw.write(chunk);
    this.raw.write(chunks.at(-1)?.chunk ?? Buffer.alloc(0), done);
    this.raw.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.raw.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.raw.destroy();
    done(error);
  }
}
