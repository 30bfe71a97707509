/** POST /v1/bundles: what can be decided from the headers is answered before the body is read. */
import type { IncomingMessage } from 'node:http';
import { packMediaType } from '../evidence/pack.ts';
import { type Answer, problem, problemAnswer, throttledAnswer } from './answer.ts';
import { readBody } from './body.ts';
import type { Call } from './call.ts';
import type { Gate, Visit } from './gate.ts';
import type { KeyRing } from './identity/key-ring.ts';
import { refusedAnswer } from './identity/refused.ts';
import type { Registrar } from './identity/registrar.ts';
import { type IngestContext, ingest, type Sender, tooLarge } from './ingest.ts';
import { authorise } from './readers/authorise.ts';

export type BundlesContext = IngestContext & {
  readonly keyRing: KeyRing;
  /** Undefined where the endpoint keeps no records: it enrols nobody. */
  readonly registrar: Registrar | undefined;
  readonly gate: Gate;
};

export async function postBundle(call: Call): Promise<Answer> {
  const { request, context, notes } = call;
  const visit = context.gate.visit(request.socket.remoteAddress);
  if ('code' in visit) return throttledAnswer(visit);
  const upload = uploadOf(call);
  if ('answer' in upload) {
    visit.spare();
    return upload.answer;
  }
  const sender = await senderOf(request, context);
  if (!sender.ok) return sender.answer;
  notes.keyId = sender.value.key.keyId;
  const place = visit.enter();
  if ('code' in place) {
    visit.spare();
    return throttledAnswer(place);
  }
  try {
    call.proceed();
    return await receive(call, { ...sender.value, ...upload }, visit, (bytes) => place.take(bytes));
  } finally {
    place.leave();
  }
}

/**
 * Who brings a pack of another says so with a bearer token: the pack is judged by its own signature all
 * the same, and that it was brought, by whom and from where, is kept with it.
 */
function uploadOf(call: Call): Pick<Sender, 'upload'> | { readonly answer: Answer } {
  const { request } = call;
  if (request.headers.authorization === undefined) return {};
  const found = authorise(call, 'upload');
  if ('answer' in found) return found;
  const note = header(request, 'affiant-note');
  if (note !== undefined && !/^[\x20-\x7e]{1,600}$/.test(note))
    return {
      answer: problemAnswer(problem(400, 'bad-request', 'The header Affiant-Note is not as the contract says.')),
    };
  const text = note === undefined ? undefined : decodeNote(note);
  if (note !== undefined && text === undefined)
    return {
      answer: problemAnswer(problem(400, 'bad-request', 'The header Affiant-Note is not as the contract says.')),
    };
  return { upload: { by: found.reader.name, from: request.socket.remoteAddress, note: text } };
}

/** Percent-encoded UTF-8, 200 characters at most, none of them a control character. */
function decodeNote(given: string): string | undefined {
  try {
    const text = decodeURIComponent(given);
    return /^[^\p{Cc}\p{Cf}\p{Co}\p{Cs}]{1,200}$/u.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

async function receive(
  { request, context, notes }: Call,
  sender: Sender,
  visit: Visit,
  take: (bytes: number) => boolean,
): Promise<Answer> {
  const { limits, logSigner } = context;
  const { maxBodyBytes, stallTimeoutMs } = limits;
  const body = await readBody(request, { maxBytes: maxBodyBytes, stallTimeoutMs, take });
  if (body.ok) {
    notes.bodyBytes = body.value.length;
    return await ingest(body.value, sender, visit, context, notes);
  }
  switch (body.refusal.code) {
    case 'too-large':
      return tooLarge(sender.claimedDigest, limits, logSigner);
    case 'overloaded':
      visit.spare();
      return throttledAnswer({ code: 'overloaded', seconds: 2 });
    case 'stalled':
      return problemAnswer(problem(408, 'request-timeout', 'The body stopped coming.'), { connection: 'close' });
    default:
      return problemAnswer(problem(400, 'cut-short', 'The body ended before its end.'));
  }
}

/** The order of the contract: key, form of the body, size. */
async function senderOf(
  request: IncomingMessage,
  { keyRing, limits, logSigner }: BundlesContext,
): Promise<Answered<Sender>> {
  const keyId = header(request, 'affiant-key');
  if (keyId === undefined)
    return answered(unauthorised('key-missing', 'The header Affiant-Key with the id of the signing key is missing.'));
  const found = await keyRing.find(keyId);
  if (!found.ok) return answered(refusedAnswer(found.refusal));
  if (found.value.kind === 'unknown')
    return answered(unauthorised('key-unknown', 'This endpoint does not know the key.'));
  if (found.value.kind === 'refused') return answered(refusedAnswer(found.value));
  const { key } = found.value;
  if (!speakers.has(key.role))
    return answered(
      refusedAnswer({ code: 'role-forbidden', message: 'The key of a person attests; it sends no bundles.' }),
    );
  if (header(request, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase() !== packMediaType)
    return answered(
      problemAnswer(problem(415, 'media-type', `The body must be ${packMediaType}.`), { 'accept-post': packMediaType }),
    );
  if (header(request, 'content-encoding')?.trim().toLowerCase() !== 'zstd')
    return answered(
      problemAnswer(problem(415, 'content-encoding', 'The body must be compressed with zstd.'), {
        'accept-encoding': 'zstd',
      }),
    );
  const claimed = header(request, 'affiant-bundle');
  const claimedDigest = claimed !== undefined && /^[0-9a-f]{64}$/.test(claimed) ? claimed : undefined;
  if (Number(header(request, 'content-length') ?? 0) > limits.maxBodyBytes)
    return answered(tooLarge(claimedDigest, limits, logSigner));
  return { ok: true, value: { key, claimedDigest } };
}

/** Whose keys may send bundles. */
const speakers: ReadonlySet<string> = new Set(['agent', 'sweeper', 'auditor']);

type Answered<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly answer: Answer };

function answered(answer: Answer): { ok: false; answer: Answer } {
  return { ok: false, answer };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** RFC 9110 section 11.6.1: a 401 names a scheme. */
function unauthorised(code: string, title: string): Answer {
  return problemAnswer(
    problem(401, code, title, {
      detail: 'A person must make the key known to the endpoint (affiant enroll, or affiant serve --trust-key FILE).',
    }),
    { 'www-authenticate': 'Affiant-Key' },
  );
}
