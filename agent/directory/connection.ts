/** HTTPS to one origin: verified, through the proxy where one is given, no redirect followed, bounded. */
import type { Dispatcher } from 'undici';
import type { RawMiss } from '../host/machine.ts';
import { noAnswerOf } from '../post/connection-error.ts';
import { dispatcherFor, type Way } from '../post/transport.ts';

export type HttpReply = {
  readonly status: number;
  /** The values of a header by its name in lower case; several where it came several times. */
  header(name: string): readonly string[];
  readonly body: Uint8Array;
};
export type Sent = { readonly reply: HttpReply } | { readonly miss: RawMiss };

export type Connection = {
  readonly origin: string;
  get(path: string, headers: Readonly<Record<string, string>>, limits: HttpLimits): Promise<Sent>;
  /** The body is a form (application/x-www-form-urlencoded); only token endpoints are posted to. */
  post(path: string, form: Readonly<Record<string, string>>, limits: HttpLimits): Promise<Sent>;
  close(): Promise<void>;
};

export type HttpLimits = { readonly maxBytes: number; readonly timeoutMs: number };

/** Opens nothing yet. `origin` is https; what it was made from is the caller's to check. */
export async function openConnection(origin: string, way: Way): Promise<Connection> {
  const dispatcher = await dispatcherFor(way);
  const { host } = new URL(origin);

  async function exchange(
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string>,
    body: string | null,
    { maxBytes, timeoutMs }: HttpLimits,
  ): Promise<Sent> {
    try {
      const answer = await dispatcher.request({
        origin,
        path,
        method,
        headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'affiant', ...headers },
        body,
        signal: AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs))),
      });
      return await read(answer, maxBytes);
    } catch (error) {
      return { miss: missOf(error, host) };
    }
  }

  return {
    origin,
    get: (path, headers, limits) => exchange('GET', path, { ...headers }, null, limits),
    post: (path, form, limits) =>
      exchange(
        'POST',
        path,
        { 'content-type': 'application/x-www-form-urlencoded' },
        new URLSearchParams(form).toString(),
        limits,
      ),
    close: () => dispatcher.destroy(),
  };
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<Sent> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      body.destroy();
      return { miss: { outcome: 'failed', reason: 'answer-too-long', detail: `more than ${maxBytes} bytes` } };
    }
    chunks.push(chunk);
  }
  const header = (name: string): readonly string[] => [headers[name] ?? []].flat();
  return { reply: { status: statusCode, header, body: Buffer.concat(chunks, length) } };
}

/** Codes and names of undici, Node and the platform that say that time ran out. */
const late = /^(?:TimeoutError|ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)$/;

/** Quotes nothing that came over the network, nor what was sent. */
function missOf(error: unknown, host: string): RawMiss {
  if (ranOut(error)) return { outcome: 'timed-out', reason: 'no-answer-in-time', detail: `${host} did not answer` };
  const { code, message } = noAnswerOf(error, host);
  return { outcome: 'failed', reason: code, detail: message };
}

function ranOut(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 4) return false;
  if (late.test(error.name) || ('code' in error && late.test(String(error.code)))) return true;
  return ranOut(error.cause, depth + 1);
}
