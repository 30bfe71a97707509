/**
 * Two things that ssh2 does for every packet, done once: without them a sweep spends more on its packets than on
 * all that it reads out of them (docs/decisions/091-what-a-packet-costs.md). Neither changes a byte on the wire.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Client } from 'ssh2';

/**
 * ssh2 writes the length, the body and the tag of a packet apart. Whatever is written in one turn goes out as one
 * write: one system call here, one wake-up there.
 */
export function writeOnceATurn(socket: Writable): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
  socket.write = (...given: unknown[]) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    return write(...given);
  };
}

type Half = Record<string, unknown> | undefined;

/**
 * ssh2 makes a new cipher of AES-GCM for each packet, and hands Node the bytes of the key each time. What Node then
 * does to them is five times the encryption itself; a KeyObject is taken as it is. Where ssh2 keeps its keys
 * elsewhere or otherwise, nothing is done, and nothing is worse than before.
 */
export function keepKeyObjects(client: Client): void {
  client.on('handshake', () => {
    const { _protocol: protocol } = client as unknown as { _protocol?: { _cipher?: Half; _decipher?: Half } };
    keep(protocol?._cipher, '_encKey', '_encSSLName');
    keep(protocol?._decipher, '_decipherKey', '_decipherSSLName');
  });
}

function keep(half: Half, member: string, cipher: string): void {
  const key = half?.[member];
  const name = half?.[cipher];
  if (half === undefined || !Buffer.isBuffer(key) || typeof name !== 'string' || !/^aes-\d{3}-gcm$/.test(name)) return;
  const kept: KeyObject = createSecretKey(key);
  half[member] = kept;
}
