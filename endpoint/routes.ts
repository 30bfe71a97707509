import type { IncomingMessage } from 'node:http';
import { type Answer, jsonAnswer, problem, problemAnswer } from './answer.ts';
import { type BundlesContext, postBundle } from './bundles.ts';
import { storeFailed } from './ingest.ts';

type Handler = (request: IncomingMessage, context: BundlesContext, proceed: () => void) => Promise<Answer>;

/** Every address of the endpoint with the methods that it has. */
const routes: ReadonlyMap<string, ReadonlyMap<string, Handler>> = new Map<string, ReadonlyMap<string, Handler>>([
  ['/v1/bundles', new Map([['POST', postBundle]])],
  ['/v1/log', readable(getLog)],
  ['/healthz', readable(getHealth)],
]);

function readable(handler: Handler): ReadonlyMap<string, Handler> {
  return new Map([
    ['GET', handler],
    ['HEAD', handler],
  ]);
}

/** The answer to a request; never throws, and never an answer that is not a problem or of the contract. */
export async function route(request: IncomingMessage, context: BundlesContext, proceed: () => void): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const methods = routes.get(path);
  if (methods === undefined)
    return problemAnswer(problem(404, 'not-found', 'The endpoint has nothing at this address.'));
  const handler = methods.get(request.method ?? '');
  if (handler === undefined)
    return problemAnswer(problem(405, 'method-not-allowed', 'This address does not take that method.'), {
      allow: [...methods.keys()].join(', '),
    });
  return handler(request, context, proceed);
}

/** The log's public key and its newest checkpoint. */
async function getLog(_request: IncomingMessage, { store, logSigner }: BundlesContext): Promise<Answer> {
  const sealed = await store.checkpoint();
  if (!sealed.ok) return storeFailed();
  return jsonAnswer(
    200,
    'application/json',
    JSON.stringify({ verifierKey: logSigner.verifierKey, checkpoint: sealed.value.note }),
  );
}

/** Healthy is who can read its store. */
async function getHealth(_request: IncomingMessage, { store }: BundlesContext): Promise<Answer> {
  const sealed = await store.checkpoint();
  return sealed.ok ? jsonAnswer(200, 'application/json', '{"status":"ok"}') : storeFailed();
}
