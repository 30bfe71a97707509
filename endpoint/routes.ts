import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Answer, jsonAnswer } from './answer.ts';
import { postBundle } from './bundles.ts';
import type { Call, CallNotes, EndpointContext, Route } from './call.ts';
import { postAttestation } from './identity/attestations.ts';
import { postEnrolment, postRotation } from './identity/enrolments.ts';
import { identityReadRoutes } from './identity/read-routes.ts';
import { storeFailed } from './ingest.ts';
import { openLogRoutes, tileRoutes } from './log-routes.ts';
import { readerRoutes } from './readers/reader-routes.ts';
import { makeRouter } from './router.ts';

/** Every address of the endpoint with the methods that it has. tools/openapi-paths.ts describes each. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/bundles', handle: postBundle },
  { method: 'POST', path: '/v1/enrolments', handle: postEnrolment },
  { method: 'POST', path: '/v1/rotations', handle: postRotation },
  { method: 'POST', path: '/v1/attestations', handle: postAttestation },
  { method: 'GET', path: '/v1/log', handle: getLog },
  ...openLogRoutes,
  ...tileRoutes,
  ...readerRoutes,
  ...identityReadRoutes,
  { method: 'GET', path: '/v1/openapi.json', handle: getDescription },
  { method: 'GET', path: '/healthz', handle: ({ context }) => context.health.health() },
  { method: 'GET', path: '/readyz', handle: ({ context }) => context.health.readiness() },
];

const find = makeRouter(routes);

/** An answer, and what the log says of the request. `path` is the route's, never what was sent. */
export type Routed = {
  readonly id: string;
  readonly path: string;
  readonly notes: CallNotes;
  answer(): Promise<Answer>;
};

/** Finds who answers; never throws, and never an answer that is not a problem or of the contract. */
export function route(request: IncomingMessage, context: EndpointContext, proceed: () => void): Routed {
  const [path, query] = splitOnce(request.url ?? '');
  const id = randomUUID();
  const notes: CallNotes = {};
  const found = find(request.method ?? '', path);
  if ('answer' in found) return { id, path: '', notes, answer: async () => found.answer };
  const call = (): Call => ({
    request,
    context,
    route: found.path,
    id,
    parameters: found.parameters,
    get query() {
      return new URLSearchParams(query);
    },
    proceed,
    notes,
  });
  return { id, path: found.path, notes, answer: async () => found.handle(call()) };
}

function splitOnce(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** Held by the tests: an answer that it does not describe fails them. */
async function getDescription(): Promise<Answer> {
  const { default: description } = await import('../schemas/generated/openapi.json', { with: { type: 'json' } });
  return jsonAnswer(200, 'application/json', JSON.stringify(description));
}

/** The log's public key and its newest checkpoint. */
async function getLog({ context: { store, logSigner } }: Call): Promise<Answer> {
  const sealed = await store.checkpoint();
  if (!sealed.ok) return storeFailed();
  return jsonAnswer(
    200,
    'application/json',
    JSON.stringify({ verifierKey: logSigner.verifierKey, checkpoint: sealed.value.note }),
  );
}
