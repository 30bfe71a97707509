/** Has the newest checkpoint stamped by a time-stamping authority, and keeps the stamp once it verifies. */
import { randomBytes, type X509Certificate } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type Stamped, timestampQuery, verifyTimestamp } from '../../evidence/timestamp.ts';
import { newestStamped, putStamp } from '../store/stamp-tables.ts';
import type { Store } from '../store/store.ts';

export type StampSource = {
  /** http is as good as https: the answer is signed. */
  readonly url: string;
  readonly authorities: readonly X509Certificate[];
  readonly policy?: string;
};

const maxAnswerBytes = 64 * 1024;
const timeoutMs = 10_000;

/**
 * Stamps the newest checkpoint unless it is stamped; undefined where there was nothing to do. Refuses with
 * `timestamp-unreachable` and as `verifyTimestamp` does; nothing that does not verify is kept.
 */
export async function stampNewest(store: Store, source: StampSource): Promise<Result<Stamped | undefined>> {
  const sealed = await store.checkpoint();
  if (!sealed.ok) return sealed;
  const last = await store.read(newestStamped);
  if (!last.ok) return last;
  const { size, note } = sealed.value;
  if (size <= last.value) return ok(undefined);
  const data = Buffer.from(note, 'utf8');
  const nonce = randomBytes(8);
  const answer = await ask(source.url, timestampQuery(data, nonce));
  if (!answer.ok) return answer;
  const { authorities, policy } = source;
  const stamped = verifyTimestamp(answer.value, data, { authorities, nonce, ...(policy !== undefined && { policy }) });
  if (!stamped.ok) return stamped;
  const kept = await store.write((sql) => putStamp(sql, { size, stamp: answer.value }, stamped.value.at));
  return kept.ok ? stamped : kept;
}

/** RFC 3161 section 3.4. */
function ask(url: string, query: Uint8Array): Promise<Result<Uint8Array>> {
  return new Promise((resolve) => {
    const failed = (why: string): void =>
      resolve(
        refuse('timestamp-unreachable', `the time-stamping authority gives no stamp (${why})`, {
          remedy: 'check serve.timestamp.url',
        }),
      );
    const headers = { 'content-type': 'application/timestamp-query', 'content-length': query.length };
    const make = url.startsWith('https:') ? httpsRequest : httpRequest;
    const asked = make(url, { method: 'POST', headers, timeout: timeoutMs }, (response) =>
      readAnswer(response, resolve, failed),
    );
    asked.on('timeout', () => asked.destroy(new Error('ETIMEDOUT')));
    asked.on('error', (error) => failed('code' in error ? String(error.code) : error.message));
    asked.end(query);
  });
}

function readAnswer(
  response: IncomingMessage,
  resolve: (answer: Result<Uint8Array>) => void,
  failed: (why: string) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxAnswerBytes) response.destroy(new Error('too large'));
    else chunks.push(chunk);
  });
  response.on('error', (error) => failed(error.message));
  response.on('end', () => {
    if (response.statusCode === 200) resolve(ok(Buffer.concat(chunks)));
    else failed(`status ${String(response.statusCode)}`);
  });
}
