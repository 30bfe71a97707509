/** Servers that no sshd would be, each on a port of its own. */
import { type AddressInfo, createServer, type Socket } from 'node:net';

export type Bad = { readonly port: number; readonly close: () => Promise<void> };
export type BadKind = 'hang-after-banner' | 'hang-at-once' | 'flood' | 'not-ssh' | 'hang-up';

export async function startBad(kind: BadKind): Promise<Bad> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    behave(kind, socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}

function behave(kind: BadKind, socket: Socket): void {
  switch (kind) {
    case 'hang-at-once':
      return;
    case 'hang-after-banner':
      socket.write('SSH-2.0-OpenSSH_9.2\r\n');
      return;
    case 'not-ssh':
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      return;
    case 'hang-up':
      socket.destroy();
      return;
    case 'flood': {
      // Lines before the version are allowed (RFC 4253 section 4.2), and these never end.
      const lines = Buffer.from(`${'x'.repeat(78)}\r\n`.repeat(1024));
      const more = (): void => {
        if (!socket.destroyed) socket.write(lines, () => setImmediate(more));
      };
      more();
    }
  }
}
