/** How a connection is made where the endpoint is known by its keys (pins.ts), through a proxy too. */
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { pinnedConnector } from './pins.ts';
import { keepAlive, type Way } from './transport.ts';

/** Through a proxy the tunnel is asked for here, so that the pins stand behind the handshake with the endpoint itself. */
export function pinnedDispatcher(
  undici: typeof import('undici'),
  pins: readonly string[],
  { proxy, client, timeoutMs }: Way,
): Dispatcher {
  const common = { connections: 1, pipelining: 1, allowH2: false, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const connect = undici.buildConnector({
    // The pins decide, right after the handshake; no authority is asked.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    timeout: timeoutMs,
    maxCachedSessions: 0,
    keepAlive,
    allowH2: false,
    ...client,
  });
  const pinned = pinnedConnector(connect, pins, () => new Date());
  if (proxy === undefined) return new undici.Agent({ ...common, connect: pinned });
  const tunnels = new undici.Client(proxy, { headersTimeout: timeoutMs, connect: { timeout: timeoutMs, keepAlive } });
  return new undici.Agent({
    ...common,
    connect: (options, callback) => {
      const path = `${options.hostname}:${options.port === '' ? '443' : options.port}`;
      tunnels.connect({ path, headers: { host: path } }, (error, tunnel) => {
        if (error !== null) return callback(error, null);
        if (tunnel.statusCode === 200) return pinned({ ...options, httpSocket: tunnel.socket as Socket }, callback);
        tunnel.socket.destroy();
        return callback(new Error(`Proxy response (${tunnel.statusCode}) !== 200 when HTTP Tunneling`), null);
      });
    },
  });
}
