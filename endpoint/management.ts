/**
 * A listener of its own for whoever watches the endpoint: metrics and health, no evidence. It may
 * stand on another address than evidence does, and answers while the other drains.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ok, type Result, refuse } from '../evidence/result.ts';
import { type Answer, jsonAnswer, problem, problemAnswer, send } from './answer.ts';

export type ManagementOptions = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly health: () => Promise<Answer>;
  readonly readiness: () => Promise<Answer>;
};

export type Management = { readonly url: string; close(): Promise<void> };

/** Starts to listen; refuses with `listen-failed`. */
export async function startManagement({ listen, ...from }: ManagementOptions): Promise<Result<Management>> {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 });
  server.maxConnections = 32;
  server.on('request', (request, response) => {
    request.resume();
    response.on('error', () => {});
    answerOf(request.method ?? '', request.url ?? '', from)
      .catch(() => problemAnswer(problem(500, 'internal', 'The endpoint made a mistake.')))
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
  return new Promise((resolve) => {
    server.once('error', (error) => {
      const code = 'code' in error ? String(error.code) : 'unknown';
      resolve(
        refuse('listen-failed', `cannot listen on ${listen.host} port ${listen.port} for metrics (${code})`, {
          remedy: 'name another address or port in serve.metricsListen',
        }),
      );
    });
    server.listen(listen, () => {
      const { port } = server.address() as AddressInfo;
      const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
      const close = (): Promise<void> =>
        new Promise((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      resolve(ok({ url: `http://${host}:${port}`, close }));
    });
  });
}

async function answerOf(
  method: string,
  url: string,
  { metrics, health, readiness }: Omit<ManagementOptions, 'listen'>,
): Promise<Answer> {
  const [path = ''] = url.split('?', 1);
  if (method !== 'GET' && method !== 'HEAD')
    return problemAnswer(problem(405, 'method-not-allowed', 'This address does not take that method.'), {
      allow: 'GET, HEAD',
    });
  if (path === '/metrics') return jsonAnswer(200, metrics.contentType, await metrics.text());
  if (path === '/healthz') return health();
  if (path === '/readyz') return readiness();
  return problemAnswer(problem(404, 'not-found', 'There are /metrics, /healthz and /readyz here.'));
}
