/** One request of the list with all its pages. The pages stay at the origin, whatever an answer says. */
import { createHash } from 'node:crypto';
import type { Raw, RawMiss } from '../host/machine.ts';
import type { Connection, HttpReply, Sent } from './connection.ts';
import type { Listing } from './directory.ts';
import { type Pace, patiently } from './patience.ts';
import { jsonOf, member } from './reply.ts';
import type { Paging, RequestSpec } from './requests.ts';
import type { TokenSource } from './token.ts';

export type Api = { readonly connection: Connection; readonly token: TokenSource; readonly pace: Pace };

/** The raw bytes of an answer, of all its pages in order. */
export type RawProof = { readonly bytes: number; readonly sha256: string };
export type Read<T> = { readonly raw: Raw<T>; readonly proof?: RawProof };

const pageBytes = 16 * 1024 * 1024;
const allBytes = 256 * 1024 * 1024;
const defaultPages = 200;

/** One answer. `untilMs` is on the monotonic clock. */
export async function readOne(api: Api, path: string, spec: RequestSpec, untilMs: number): Promise<Read<unknown>> {
  const sent = await ask(api, path, untilMs);
  if ('miss' in sent) return { raw: sent.miss };
  const { body } = sent.reply;
  const raw = jsonOf(sent.reply, spec);
  const sha256 = createHash('sha256').update(body).digest('hex');
  return raw.outcome === 'ok' ? { raw, proof: { bytes: body.length, sha256 } } : { raw };
}

/**
 * All pages. A page that is not had makes the whole a miss: half a list would read like a whole one. Fails
 * with `next-link-foreign`, `next-link-loops`, `too-many-pages`, `answer-too-long`, `unexpected-answer`.
 */
export async function readAll(api: Api, first: string, spec: RequestSpec, untilMs: number): Promise<Read<Listing>> {
  const items: unknown[] = [];
  const digest = createHash('sha256');
  const seen = new Set<string>();
  let bytes = 0;
  const ended = (complete: boolean): Read<Listing> => ({
    raw: { outcome: 'ok', value: { items, complete } },
    proof: { bytes, sha256: digest.digest('hex') },
  });
  for (let path: string | undefined = first; path !== undefined; ) {
    if (seen.size === (spec.maxPages ?? defaultPages))
      return spec.mayBeCut === true ? ended(false) : failed('too-many-pages', `more than ${seen.size}`);
    if (seen.has(path)) return failed('next-link-loops');
    seen.add(path);
    const sent = await ask(api, path, untilMs);
    if ('miss' in sent) return { raw: sent.miss };
    const raw = jsonOf(sent.reply, spec);
    if (raw.outcome !== 'ok') return { raw };
    bytes += sent.reply.body.length;
    if (bytes > allBytes) return failed('answer-too-long', `more than ${allBytes} bytes in all pages`);
    digest.update(sent.reply.body);
    const page = spec.paging === 'link-header' ? raw.value : member(raw.value, 'value');
    if (!Array.isArray(page)) return failed('unexpected-answer', 'a list was expected');
    for (const item of page) items.push(item);
    const link = nextLink(spec.paging, raw.value, sent.reply);
    const next = link === undefined ? undefined : pathAt(api.connection.origin, first, link);
    if (link !== undefined && next === undefined)
      return failed('next-link-foreign', 'it leads away from where it began');
    path = next;
  }
  return ended(true);
}

function failed(reason: string, detail?: string): { raw: RawMiss } {
  return { raw: detail === undefined ? { outcome: 'failed', reason } : { outcome: 'failed', reason, detail } };
}

/** Sends with our token; one that the provider refuses is renewed once. */
async function ask({ connection, token, pace }: Api, path: string, untilMs: number): Promise<Sent> {
  for (let attempt = 1; ; attempt += 1) {
    const authorization = await token.authorization(untilMs);
    if (authorization.outcome !== 'ok') return { miss: authorization };
    const sent = await patiently(
      (timeoutMs) => connection.get(path, { authorization: authorization.value }, { maxBytes: pageBytes, timeoutMs }),
      untilMs,
      pace,
    );
    if ('miss' in sent || sent.reply.status !== 401 || attempt > 1) return sent;
    token.forget();
  }
}

function nextLink(paging: Paging, value: unknown, reply: HttpReply): unknown {
  if (paging === 'graph') return member(value, '@odata.nextLink');
  if (paging === 'okta-body') return member(member(member(value, '_links'), 'next'), 'href');
  if (paging === 'none') return undefined;
  const links = reply.header('link').flatMap((line) => line.split(/,(?=\s*<)/));
  return links.map((link) => /^\s*<([^>]*)>\s*;(?:.*;)?\s*rel="?next"?\s*(?:;|$)/i.exec(link)?.[1]).find(Boolean);
}

/**
 * The path and query of a link, if it leads to the same origin and into the same part of the API
 * (`/v1.0/`, `/api/`): our token goes nowhere else, and nothing is read that the list does not name.
 */
function pathAt(origin: string, first: string, link: unknown): string | undefined {
  const url = typeof link === 'string' && link.length <= 16_384 ? URL.parse(link, origin) : null;
  if (url === null || url.origin !== origin || url.username !== '' || url.password !== '') return undefined;
  const part = /^\/[^/]+\//.exec(first)?.[0];
  return part !== undefined && url.pathname.startsWith(part) ? url.pathname + url.search : undefined;
}
