/**
 * The log for whoever checks it. Checkpoints and consistency proofs are for everybody: they are hashes, and a
 * log whose promises may be compared is the point. Tiles hold one line a bundle (digest, signature, key), so
 * they are for readers unless the configuration makes the log public.
 */
import { encodeBase64 } from '../evidence/base64.ts';
import { parseTilePath } from '../evidence/log-tiles.ts';
import { type Answer, jsonAnswer, problem, problemAnswer } from './answer.ts';
import type { Call, Route } from './call.ts';
import { storeFailed } from './ingest.ts';
import { authorise } from './readers/authorise.ts';

/** For everybody. */
export const openLogRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/log/checkpoint', handle: getCheckpoint },
  { method: 'GET', path: '/v1/log/consistency', handle: getConsistency },
];

/** For readers, or everybody where the log is public. `/v1/log` is the prefix of C2SP tlog-tiles. */
export const tileRoutes: readonly Route[] = [{ method: 'GET', path: '/v1/log/tile/{tile...}', handle: getTile }];

/** The newest checkpoint as it is signed (C2SP tlog-checkpoint). */
async function getCheckpoint({ context: { store } }: Call): Promise<Answer> {
  const sealed = await store.checkpoint();
  return sealed.ok ? { status: 200, contentType: 'text/plain; charset=utf-8', body: sealed.value.note } : storeFailed();
}

const sizeForm = /^(?:0|[1-9][0-9]{0,15})$/;

/** `?from=3&to=10`: that the tree of ten leaves continues the one of three (RFC 9162 section 2.1.4). */
async function getConsistency({ context: { store }, query }: Call): Promise<Answer> {
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  const [first, second] = [Number(from), Number(to)];
  if (!sizeForm.test(from) || !sizeForm.test(to) || first < 1 || second < first)
    return problemAnswer(
      problem(
        400,
        'bad-request',
        'A consistency proof leads from a size of the log, 1 or more, to one that is not smaller.',
        {
          detail: 'Ask as in /v1/log/consistency?from=3&to=10.',
        },
      ),
    );
  const proof = await store.consistency(first, second);
  if (!proof.ok) return storeFailed();
  if (proof.value === undefined)
    return problemAnswer(problem(404, 'no-such-tree', `The log has no tree of ${second} entries.`));
  const hashes = proof.value.map((hash) => encodeBase64(hash));
  return jsonAnswer(200, 'application/json', JSON.stringify({ from: first, to: second, hashes }));
}

/** Tiles never change once they are full; a partial one never changes either, but is not asked for again. */
const cached = { 'cache-control': 'private, max-age=31536000, immutable' };

async function getTile(call: Call): Promise<Answer> {
  const { context, parameters } = call;
  const { store } = context;
  if (context.publicLog !== true) {
    const found = authorise(call, 'evidence');
    if ('answer' in found) return found.answer;
    // Who may see some servers may not count the others.
    if (found.reader.targets !== undefined)
      return problemAnswer(
        problem(403, 'not-permitted', 'The tiles show every server; this token is for some of them.'),
      );
  }
  const address = parseTilePath(parameters['tile'] ?? '');
  if (address === undefined)
    return problemAnswer(problem(404, 'not-found', 'This is not the address of a tile (https://c2sp.org/tlog-tiles).'));
  const bytes = await store.tile(address);
  if (!bytes.ok) return storeFailed();
  if (bytes.value === undefined) return problemAnswer(problem(404, 'no-such-tile', 'The log is not that large yet.'));
  return { status: 200, contentType: 'application/octet-stream', body: bytes.value, headers: cached };
}
