/** What may stand where an endpoint is expected. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fake = { readonly url: string; readonly port: number; close(): Promise<void> };

export async function listening(server: Server, scheme = 'http'): Promise<Fake> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function answering(listener: RequestListener): Promise<Fake> {
  return listening(createServer(listener));
}
