/** From a request of node:http to its answer on the wire. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { type Answer, lengthOf, problem, problemAnswer, rawAnswer, send } from './answer.ts';
import { discardRest } from './body.ts';
import type { CallNotes, EndpointContext } from './call.ts';
import { route } from './routes.ts';

/** What became of a request, for log and metrics. */
export type Handled = {
  readonly id: string;
  readonly method: string;
  /** The route's path with its parameters in braces, never what was sent; empty where there is none. */
  readonly route: string;
  readonly status: number;
  /** The code of a problem. */
  readonly code: string | undefined;
  readonly seconds: number;
  readonly answerBytes: number;
  readonly remoteAddress: string | undefined;
  readonly notes: CallNotes;
};

export type Observer = {
  readonly handled: (request: Handled) => void;
  /** What was no request of HTTP, by the code of its problem. */
  readonly unreadable: (code: string) => void;
  /** Faults of the program while answering; they carry nothing of a bundle. */
  readonly fault: (error: unknown, id: string) => void;
};

export const noObserver: Observer = { handled: () => {}, unreadable: () => {}, fault: () => {} };

export function answerWith(server: Server, context: EndpointContext, observer: Observer): void {
  function handle(request: IncomingMessage, response: ServerResponse, proceed: () => void): void {
    const started = performance.now();
    const remoteAddress = request.socket.remoteAddress;
    // A client that goes away is no fault of ours.
    response.on('error', () => {});
    const routed = route(request, context, proceed);
    routed
      .answer()
      .catch((error: unknown): Answer => {
        observer.fault(error, routed.id);
        return problemAnswer(problem(500, 'internal', 'The endpoint made a mistake; nothing was kept.'));
      })
      .then((answer) => {
        send(response, answer, {
          'x-request-id': routed.id,
          // A draining endpoint must not keep a connection waiting for another request.
          ...(!server.listening && { connection: 'close' }),
        });
        discardRest(request);
        observer.handled({
          id: routed.id,
          method: request.method ?? '',
          route: routed.path,
          status: answer.status,
          code: answer.code,
          seconds: (performance.now() - started) / 1000,
          answerBytes: lengthOf(answer),
          remoteAddress,
          notes: routed.notes,
        });
      })
      .catch((error: unknown) => observer.fault(error, routed.id));
  }
  server.on('request', (request, response) => handle(request, response, () => {}));
  server.on('checkContinue', (request, response) => handle(request, response, () => response.writeContinue()));
  server.on('checkExpectation', (request, response) => {
    send(response, problemAnswer(problem(417, 'expectation', 'The endpoint cannot do what the header Expect asks.')));
    discardRest(request);
  });
  server.on('clientError', (error, socket) => answerUnreadable(error, socket, observer));
}

const unreadable: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'request-timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headers-too-large'],
};

/** What is no HTTP, too slow, or has too many headers; never after an answer was begun on the connection. */
function answerUnreadable(error: Error, socket: Socket | Duplex, observer: Observer): void {
  const code = 'code' in error ? String(error.code) : '';
  const [status, reason, kind] = unreadable[code] ?? [400, 'Bad Request', 'bad-request'];
  const untouched = !('bytesWritten' in socket) || socket.bytesWritten === 0;
  if (code !== 'ECONNRESET') observer.unreadable(kind);
  if (!socket.writable || code === 'ECONNRESET' || !untouched) {
    socket.destroy();
    return;
  }
  socket.end(rawAnswer(problemAnswer(problem(status, kind, 'The request could not be read.')), reason));
}
