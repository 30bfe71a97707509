import type { ServerResponse } from 'node:http';
import type { LogSigner } from '../evidence/checkpoint.ts';
import { signRejection } from '../evidence/rejection.ts';
import type { Problem } from '../schemas/generated/types.ts';

/** What the endpoint says to one request. */
export type Answer = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** The code of a problem, for log and metrics. */
  readonly code?: string;
};

export const problemMediaType = 'application/problem+json';

/** The members of a problem beside its kind, title and status. */
export type ProblemMore = Omit<Problem, 'type' | 'title' | 'status' | 'signature'>;

/** A problem of RFC 9457. `code` becomes the stable `type`; no text quotes what the client sent. */
export function problem(status: number, code: string, title: string, more: ProblemMore = {}): Problem {
  return { type: `urn:affiant:problem:${code}`, title, status, ...more };
}

/** The answer that carries a problem. */
export function problemAnswer(value: Problem, headers: Readonly<Record<string, string>> = {}): Answer {
  const code = value.type.replace('urn:affiant:problem:', '');
  return { status: value.status, contentType: problemMediaType, body: JSON.stringify(value), headers, code };
}

/**
 * The answer that carries a rejection signed by the log key. The agent gives a bundle up on nothing
 * less, so only what names a bundle digest is signed.
 */
export function rejectionAnswer(
  value: Problem & { bundle: string },
  signer: LogSigner,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return problemAnswer(signRejection(value, signer), headers);
}

const throttledTitles = {
  overloaded: 'The endpoint is busy; nothing was kept.',
  'rate-limited': 'Too many requests of this address proved nothing.',
  'quota-exceeded': 'This key has sent as much as it may for now; nothing of the bundle was kept.',
} as const;

/** The answer that asks to come back later (RFC 6585 section 4). */
export function throttledAnswer({ code, seconds }: { code: keyof typeof throttledTitles; seconds: number }): Answer {
  return problemAnswer(problem(429, code, throttledTitles[code]), { 'retry-after': String(seconds) });
}

export function jsonAnswer(
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers?: Readonly<Record<string, string>>,
): Answer {
  return { status, contentType, body, ...(headers && { headers }) };
}

/** Sends an answer. A response that was begun or whose client is gone stays as it is. */
export function send(response: ServerResponse, answer: Answer, more: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(answer.status, { ...headersOf(answer), ...more, 'content-length': lengthOf(answer) });
  response.end(answer.body);
}

/** The answer as bytes for a socket whose request could not even be read. */
export function rawAnswer(answer: Answer, reason: string): string {
  const headers = {
    ...headersOf(answer),
    'content-length': String(lengthOf(answer)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.status} ${reason}\r\n${lines.join('')}\r\n${String(answer.body)}`;
}

/** Bytes of the body. */
export function lengthOf({ body }: Answer): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

function headersOf(answer: Answer): Record<string, string> {
  return {
    'content-type': answer.contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...answer.headers,
  };
}
