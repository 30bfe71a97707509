/**
 * The central endpoint on node:http and node:https alone. A framework would bring routing and parsing
 * for which three addresses have no use, 31 ms at each start of the program, and its own idea of when
 * a body is read, while answering before the body is half of our contract.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { LogSigner } from '../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../evidence/result.ts';
import { problem, problemAnswer, rawAnswer, send } from './answer.ts';
import { discardRest, makeBudget } from './body.ts';
import type { BundlesContext } from './bundles.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { isLoopback } from './loopback.ts';
import { route } from './routes.ts';
import type { Store } from './store/store.ts';
import type { TrustedKeys } from './trust.ts';

export type EndpointOptions = {
  /** Stays open when the endpoint closes: whoever opened it closes it. */
  readonly store: Store;
  readonly logSigner: LogSigner;
  readonly trustedKeys: TrustedKeys;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Certificate chain and key in PEM. Without it the endpoint speaks plain HTTP, on loopback only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly acceptReplay: boolean;
  readonly now: () => Date;
  readonly limits?: Partial<Limits>;
  /** Faults of the program while answering, for the operator; they carry nothing of a bundle. */
  readonly onFault?: (error: unknown) => void;
};

export type Endpoint = {
  readonly url: string;
  readonly port: number;
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
  answerWith(server, contextOf(options, limits), options.onFault ?? (() => {}));
  const listening = await listenOn(server, listen);
  if (!listening.ok) return listening;
  const { address, port } = listening.value;
  // A name such as localhost may lead elsewhere than one thinks.
  if (tls === undefined && !isLoopback(address)) {
    server.close();
    return plainHttpRefused(`${listen.host} (${address})`);
  }
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  return ok({ url, port, close: () => drain(server, limits.drainTimeoutMs) });
}

function plainHttpRefused(host: string): Result<never> {
  return refuse('plain-http-refused', `without a certificate the endpoint listens on loopback only, not on ${host}`, {
    remedy: 'give certFile and keyFile in the configuration, or listen on 127.0.0.1',
  });
}

function makeServer(tls: EndpointOptions['tls'], limits: Limits): Result<Server> {
  const options = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    maxHeaderSize: 16 * 1024,
    insecureHTTPParser: false,
  };
  try {
    const server =
      tls === undefined
        ? createHttpServer(options)
        : createHttpsServer({
            ...options,
            ...tls,
            minVersion: 'TLSv1.3',
            handshakeTimeout: limits.headersTimeoutMs,
          });
    server.maxHeadersCount = 64;
    server.maxConnections = limits.maxConnections;
    return ok(server);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('certificate-unusable', `the certificate and its key cannot be used (${code})`, {
      remedy:
        'give the certificate chain and the private key that belongs to it, both in PEM, the key without a passphrase',
    });
  }
}

function contextOf(options: EndpointOptions, limits: Limits): BundlesContext {
  let inFlight = 0;
  return {
    ...options,
    limits,
    budget: makeBudget(limits.maxBufferedBytes),
    enter() {
      if (inFlight >= limits.maxInFlight) return undefined;
      inFlight += 1;
      return () => {
        inFlight -= 1;
      };
    },
  };
}

function answerWith(server: Server, context: BundlesContext, onFault: (error: unknown) => void): void {
  function handle(request: IncomingMessage, response: ServerResponse, proceed: () => void): void {
    // A client that goes away is no fault of ours.
    response.on('error', () => {});
    const routed = route(request, context, proceed);
    routed
      .answer()
      .catch((error: unknown) => {
        onFault(error);
        return problemAnswer(problem(500, 'internal', 'The endpoint made a mistake; nothing of the bundle was kept.'));
      })
      .then((answer) => {
        // A draining endpoint must not keep a connection waiting for another request.
        if (!server.listening) response.setHeader('connection', 'close');
        response.setHeader('x-request-id', routed.id);
        send(response, answer);
        discardRest(request);
      })
      .catch(onFault);
  }
  server.on('request', (request, response) => handle(request, response, () => {}));
  server.on('checkContinue', (request, response) => handle(request, response, () => response.writeContinue()));
  server.on('checkExpectation', (request, response) => {
    send(response, problemAnswer(problem(417, 'expectation', 'The endpoint cannot do what the header Expect asks.')));
    discardRest(request);
  });
  server.on('clientError', answerUnreadable);
}

const unreadable: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'request-timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headers-too-large'],
};

/** What is no HTTP, too slow, or has too many headers; never after an answer was begun on the connection. */
function answerUnreadable(error: Error, socket: Socket | import('node:stream').Duplex): void {
  const code = 'code' in error ? String(error.code) : '';
  const [status, reason, kind] = unreadable[code] ?? [400, 'Bad Request', 'bad-request'];
  const untouched = !('bytesWritten' in socket) || socket.bytesWritten === 0;
  if (!socket.writable || code === 'ECONNRESET' || !untouched) {
    socket.destroy();
    return;
  }
  socket.end(rawAnswer(problemAnswer(problem(status, kind, 'The request could not be read.')), reason));
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
