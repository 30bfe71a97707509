/**
 * The central endpoint on node:http and node:https alone. A framework would bring routing and parsing
 * for which a dozen addresses have no use, 31 ms at each start of the program, and its own idea of when
 * a body is read, while answering before the body is half of our contract.
 */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { SecureContextOptions } from 'node:tls';
import type { LogSigner } from '../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../evidence/result.ts';
import type { EndpointContext } from './call.ts';
import { type CertificateInfo, checkTls, type TlsFiles } from './certificate.ts';
import { type Gate, makeGate } from './gate.ts';
import { answerWith, noObserver, type Observer } from './handle.ts';
import { type Health, makeHealth } from './health.ts';
import { makeKeyRing } from './identity/key-ring.ts';
import type { Registrar } from './identity/registrar.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { isLoopback } from './loopback.ts';
import { noReaders, type Readers } from './readers/readers-file.ts';
import type { Store } from './store/store.ts';
import { countRecords } from './tls-records.ts';
import type { TrustedKeys } from './trust.ts';
import { describeTargets } from './watch/watcher.ts';

export type EndpointOptions = {
  /** Stays open when the endpoint closes: whoever opened it closes it. */
  readonly store: Store;
  readonly logSigner: LogSigner;
  /** By file, beside those that records speak of. */
  readonly trustedKeys: TrustedKeys;
  /** Enrols, rotates, takes attestations; without it the endpoint takes the trusted keys alone. */
  readonly registrar?: Registrar;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /**
   * Without it the endpoint speaks plain HTTP, on loopback only. With `clientCa` nobody gets as far as a
   * request without a certificate of that authority.
   */
  readonly tls?: TlsFiles;
  readonly acceptReplay: boolean;
  readonly now: () => Date;
  readonly limits?: Partial<Limits>;
  /** Addresses and networks that many servers share, such as a proxy: not limited as one. */
  readonly sharedAddresses?: readonly string[];
  readonly observer?: Partial<Observer>;
  readonly readers?: Readers;
  /** For operators who ask with a token. */
  readonly metrics?: { readonly contentType: string; text(): Promise<string> };
  /** Whether everybody may read the log's tiles; readers alone where it is left out. */
  readonly publicLog?: boolean;
};

export type Endpoint = {
  readonly url: string;
  readonly port: number;
  readonly gate: Gate;
  readonly health: Health;
  /** Connections that are open. */
  connections(): number;
  /**
   * Another certificate for connections from now on; those that stand keep theirs. Refused, the one in
   * use stays. Client authorities cannot be switched on or off so, only replaced.
   */
  replaceTls(tls: TlsFiles): Result<CertificateInfo>;
  /** Takes no more requests, lets those that run end, then closes; resolves when the last connection is gone. */
  close(): Promise<void>;
};

/**
 * Starts to listen. Refuses with `plain-http-refused` (no certificate, and not loopback),
 * `certificate-unusable`, `listen-failed`.
 */
export async function startEndpoint(options: EndpointOptions): Promise<Result<Endpoint>> {
  const { listen, tls } = options;
  if (tls === undefined && !isLoopback(listen.host)) return plainHttpRefused(listen.host);
  const limits = { ...defaultLimits, ...options.limits };
  const made = makeServer(tls, limits);
  if (!made.ok) return made;
  const server = made.value;
  const gate = makeGate({ limits, sharedAddresses: options.sharedAddresses ?? [] });
  const health = makeHealth(options.store, () => performance.now());
  const connections = limitConnections(server, gate);
  const { fault } = { ...noObserver, ...options.observer };
  if (isHttps(server))
    countRecords(
      server,
      () => performance.now(),
      (error) => fault(error, ''),
    );
  answerWith(server, contextOf(options, limits, gate, health), { ...noObserver, ...options.observer });
  const listening = await listenOn(server, listen);
  if (!listening.ok) return listening;
  const { address, port } = listening.value;
  // A name such as localhost may lead elsewhere than one thinks.
  if (tls === undefined && !isLoopback(address)) {
    server.close();
    return plainHttpRefused(`${listen.host} (${address})`);
  }
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return ok({
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    port,
    gate,
    health,
    connections,
    replaceTls: (files) => replaceTls(server, files),
    close() {
      health.drain();
      return drain(server, limits.drainTimeoutMs);
    },
  });
}

/** Packs that are put together for readers at a time: each may take as much memory as a pack is long. */
const maxPacksOut = 4;

function contextOf(options: EndpointOptions, limits: Limits, gate: Gate, health: Health): EndpointContext {
  let packsOut = 0;
  const { store, trustedKeys, now } = options;
  return {
    registrar: undefined,
    readers: noReaders,
    describeTargets: (targets) => describeTargets(store, targets),
    ...options,
    limits,
    gate,
    health,
    keyRing: makeKeyRing(store, trustedKeys, now),
    enterPack() {
      if (packsOut >= maxPacksOut) return undefined;
      packsOut += 1;
      return () => {
        packsOut -= 1;
      };
    },
  };
}

function plainHttpRefused(host: string): Result<never> {
  return refuse('plain-http-refused', `without a certificate the endpoint listens on loopback only, not on ${host}`, {
    remedy: 'give certFile and keyFile in the configuration, or listen on 127.0.0.1',
  });
}

function makeServer(tls: TlsFiles | undefined, limits: Limits): Result<Server> {
  const options = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    maxHeaderSize: 16 * 1024,
    insecureHTTPParser: false,
  };
  if (tls !== undefined) {
    const checked = checkTls(tls);
    if (!checked.ok) return checked;
  }
  const server =
    tls === undefined
      ? createHttpServer(options)
      : createHttpsServer({
          ...options,
          ...secureContext(tls),
          handshakeTimeout: limits.headersTimeoutMs,
          requestCert: tls.clientCa !== undefined,
          rejectUnauthorized: true,
        });
  // Nobody listens for `timeout`, so that node ends the connection. Without it an answer that is not read is held until
  // TCP gives up, which it does not do for who says that he lives and reads nothing.
  server.timeout = limits.idleTimeoutMs;
  server.maxHeadersCount = 64;
  server.maxConnections = limits.maxConnections;
  return ok(server);
}

function secureContext({ cert, key, clientCa, clientCrl }: TlsFiles): SecureContextOptions {
  return {
    cert,
    key,
    minVersion: 'TLSv1.3',
    ...(clientCa !== undefined && { ca: clientCa }),
    // OpenSSL then asks it of each certificate of the chain, and takes none where the list is over its time.
    ...(clientCrl !== undefined && { crl: clientCrl }),
  };
}

function replaceTls(server: Server, files: TlsFiles): Result<CertificateInfo> {
  const checked = checkTls(files);
  if (!checked.ok) return checked;
  if (!isHttps(server)) return refuse('certificate-unusable', 'the endpoint was started without a certificate');
  server.setSecureContext(secureContext(files));
  return checked;
}

function isHttps(server: Server): server is HttpsServer {
  return 'setSecureContext' in server;
}

/** Before a handshake: a connection past the share of its address is closed at once. */
function limitConnections(server: Server, gate: Gate): () => number {
  let open = 0;
  server.on('connection', (socket: Socket) => {
    const connection = gate.connect(socket.remoteAddress);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    open += 1;
    socket.once('close', () => {
      open -= 1;
      connection.close();
    });
  });
  return () => open;
}

function listenOn(server: Server, { host, port }: { host: string; port: number }): Promise<Result<AddressInfo>> {
  return new Promise((resolve) => {
    function onError(error: Error): void {
      const code = 'code' in error ? String(error.code) : 'unknown';
      resolve(
        refuse('listen-failed', `cannot listen on ${host} port ${port} (${code})`, {
          remedy:
            code === 'EADDRINUSE'
              ? 'another program listens there: name another port'
              : 'name an address of this machine',
        }),
      );
    }
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      const address = server.address();
      resolve(
        address === null || typeof address === 'string'
          ? refuse('listen-failed', `cannot listen on ${host} port ${port}`)
          : ok(address),
      );
    });
  });
}

function drain(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
