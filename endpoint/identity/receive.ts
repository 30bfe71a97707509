/** Small bodies that are no bundles: bounded, counted by address until they prove something. */
import type { Answer } from '../answer.ts';
import { problem, problemAnswer, throttledAnswer } from '../answer.ts';
import { readBody } from '../body.ts';
import type { Call } from '../call.ts';
import type { Visit } from '../gate.ts';

export type Wanted = { readonly mediaType: string; readonly maxBytes: number };

/** Reads the body and hands it on; every other end is answered here. */
export async function receive(
  call: Call,
  { mediaType, maxBytes }: Wanted,
  work: (body: Uint8Array, visit: Visit) => Promise<Answer>,
): Promise<Answer> {
  const { request, context } = call;
  const visit = context.gate.visit(request.socket.remoteAddress);
  if ('code' in visit) return throttledAnswer(visit);
  if (request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() !== mediaType)
    return problemAnswer(problem(415, 'media-type', `The body must be ${mediaType}.`), { 'accept-post': mediaType });
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    return problemAnswer(problem(415, 'content-encoding', 'The body must not be compressed.'));
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge(maxBytes);
  const place = visit.enter();
  if ('code' in place) {
    visit.spare();
    return throttledAnswer(place);
  }
  try {
    call.proceed();
    const { stallTimeoutMs } = context.limits;
    const body = await readBody(request, { maxBytes, stallTimeoutMs, take: (bytes) => place.take(bytes) });
    if (body.ok) {
      call.notes.bodyBytes = body.value.length;
      return await work(body.value, visit);
    }
    switch (body.refusal.code) {
      case 'too-large':
        return tooLarge(maxBytes);
      case 'overloaded':
        visit.spare();
        return throttledAnswer({ code: 'overloaded', seconds: 2 });
      case 'stalled':
        return problemAnswer(problem(408, 'request-timeout', 'The body stopped coming.'), { connection: 'close' });
      default:
        return problemAnswer(problem(400, 'cut-short', 'The body ended before its end.'));
    }
  } finally {
    place.leave();
  }
}

function tooLarge(maxBytes: number): Answer {
  return problemAnswer(problem(413, 'too-large', `The body is larger than ${maxBytes} bytes.`));
}
