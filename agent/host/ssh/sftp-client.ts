/** Asks an SFTP server over any pair of streams: many requests under way at once, none that writes. */
import type { Duplex } from 'node:stream';
import {
  initPacket,
  isVersion3,
  maxPacketBytes,
  parseReply,
  type Reply,
  type Request,
  requestPacket,
} from './sftp-wire.ts';

/** The server is gone or talks nonsense: `reason` is a stable code. Whatever was asked has no answer. */
export class SftpEnded extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`the SFTP server: ${reason}`);
    this.name = 'SftpEnded';
    this.reason = reason;
  }
}

export type SftpClient = {
  /** The reply; rejects with SftpEnded alone. */
  ask(request: Request): Promise<Reply>;
  /** When the last reply came, by performance.now(); undefined before the first. */
  readonly lastReplyAt: () => number | undefined;
  readonly ended: () => boolean;
  /** Ends the server; what is under way is rejected with this reason. */
  close(reason: string): void;
};

type Waiting = { readonly resolve: (reply: Reply) => void; readonly reject: (error: SftpEnded) => void };

/** Resolves once the server has said that it speaks version 3; rejects with SftpEnded. */
export function openSftp(stream: Duplex, first: Buffer): Promise<SftpClient> {
  const { promise, resolve, reject } = Promise.withResolvers<SftpClient>();
  const waiting = new Map<number, Waiting>();
  let buffered: Buffer[] = [];
  let bufferedBytes = 0;
  let greeted = false;
  let ended: string | undefined;
  let lastReplyAt: number | undefined;
  let nextId = 0;

  const end = (reason: string): void => {
    if (ended !== undefined) return;
    ended = reason;
    const error = new SftpEnded(reason);
    reject(error);
    for (const { reject: refuse } of waiting.values()) refuse(error);
    waiting.clear();
    stream.destroy();
  };
  /**
   * What is asked in one turn of the loop goes out as one write: it is one packet of SSH, and so one encryption here
   * and one wake-up of sshd and of the SFTP server there, instead of one each for every request.
   */
  const unsent: Uint8Array[] = [];
  const send = (): void => {
    if (ended === undefined) stream.write(unsent.length === 1 ? unsent[0] : Buffer.concat(unsent));
    unsent.length = 0;
  };
  const client: SftpClient = {
    ask(request) {
      if (ended !== undefined) return Promise.reject(new SftpEnded(ended));
      nextId = (nextId + 1) % 0xffffffff;
      const id = nextId;
      const answer = Promise.withResolvers<Reply>();
      waiting.set(id, answer);
      unsent.push(requestPacket(id, request));
      if (unsent.length === 1) setImmediate(send);
      return answer.promise;
    },
    lastReplyAt: () => lastReplyAt,
    ended: () => ended !== undefined,
    close: end,
  };
  const onPacket = (packet: Buffer): void => {
    if (!greeted) {
      if (!isVersion3(packet)) return end('not-sftp');
      greeted = true;
      return resolve(client);
    }
    const parsed = parseReply(packet);
    const asked = parsed === undefined ? undefined : waiting.get(parsed.id);
    // An answer to nothing: the server is not what it says, or lost its place.
    if (parsed === undefined || asked === undefined) return end('malformed-reply');
    waiting.delete(parsed.id);
    lastReplyAt = performance.now();
    asked.resolve(parsed.reply);
  };
  const onData = (chunk: Buffer): void => {
    buffered.push(chunk);
    bufferedBytes += chunk.length;
    if (bufferedBytes < 4) return;
    let all = buffered.length === 1 ? chunk : Buffer.concat(buffered);
    while (!client.ended() && all.length >= 4) {
      const length = all.readUInt32BE(0);
      if (length === 0 || length > maxPacketBytes + 1024) return end(greeted ? 'malformed-reply' : 'not-sftp');
      if (all.length < 4 + length) break;
      onPacket(all.subarray(4, 4 + length));
      all = all.subarray(4 + length);
    }
    buffered = all.length === 0 ? [] : [all];
    bufferedBytes = all.length;
  };
  stream.on('data', onData);
  stream.on('error', () => end('connection-lost'));
  stream.on('close', () => end('connection-lost'));
  stream.on('end', () => end('connection-lost'));
  stream.write(initPacket());
  if (first.length > 0) onData(first);
  return promise;
}
