/** What readers ask: servers, bundles, packs, and who else read. Each read stands in the trail before its answer leaves. */
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { encodePack, packMediaType, packParts } from '../../evidence/pack.ts';
import type { Refusal, Result } from '../../evidence/result.ts';
import type { BundleList, DeadLetterList, ReadList, TargetList } from '../../schemas/generated/types.ts';
import { type Answer, jsonAnswer, problem, problemAnswer, throttledAnswer } from '../answer.ts';
import type { Call, Route } from '../call.ts';
import { listReads, placeOfBundle, putRead, uploadsOf } from '../store/reader-tables.ts';
import type { BundleQuery, BundleSummary } from '../store/store.ts';
import { listDead, listKnownTargets } from '../store/watch-tables.ts';
import { authorise, maySee } from './authorise.ts';
import { checkNames, readAfter, readInstant, readLimit } from './query.ts';
import type { Reader } from './readers-file.ts';

const json = 'application/json';
const compress = promisify(zstdCompress);

export const readerRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/targets', handle: getTargets },
  { method: 'GET', path: '/v1/targets/{id}', handle: getTarget },
  { method: 'GET', path: '/v1/targets/{id}/bundles', handle: getBundles },
  { method: 'GET', path: '/v1/bundles', handle: getBundles },
  { method: 'GET', path: '/v1/bundles/{keyId}/{digest}', handle: getPack },
  { method: 'GET', path: '/v1/reads', handle: getReads },
  { method: 'GET', path: '/v1/webhooks/dead', handle: getDeadLetters },
  { method: 'GET', path: '/metrics', handle: getMetrics },
];

async function getTargets(call: Call): Promise<Answer> {
  const { query, context } = call;
  const found = authorise(call, 'states');
  if ('answer' in found) return found.answer;
  const { reader } = found;
  const names = checkNames(query, ['after', 'limit']);
  const limit = readLimit(query);
  const after = query.get('after') ?? undefined;
  if (!names.ok) return badQuery(names.refusal);
  if (!limit.ok) return badQuery(limit.refusal);
  if (after !== undefined && !isTarget(after))
    return badQuery({ message: 'after is what an earlier answer gave as next' });
  const { targets: ids } = reader;
  const listed = await context.store.read((sql) =>
    listKnownTargets(sql, {
      ...(after !== undefined && { after }),
      ...(ids !== undefined && { ids: [...ids] }),
      limit: limit.value,
    }),
  );
  if (!listed.ok) return storeFailed();
  const targets = await context.describeTargets(listed.value);
  if (!targets.ok) return storeFailed();
  const last = listed.value.length === limit.value ? listed.value.at(-1)?.id : undefined;
  const body: TargetList = { targets: [...targets.value], ...(last !== undefined && { next: last }) };
  return shown(call, reader, { count: body.targets.length }, jsonAnswer(200, json, JSON.stringify(body)));
}

async function getTarget(call: Call): Promise<Answer> {
  const found = authorise(call, 'states');
  if ('answer' in found) return found.answer;
  const { reader } = found;
  const id = call.parameters['id'] ?? '';
  if (!isTarget(id) || !maySee(reader, id)) return targetUnknown();
  const listed = await call.context.store.read((sql) => listKnownTargets(sql, { ids: [id] }));
  if (!listed.ok) return storeFailed();
  const described = await call.context.describeTargets(listed.value);
  if (!described.ok) return storeFailed();
  const [target] = described.value;
  if (target === undefined) return targetUnknown();
  return shown(call, reader, { target: id, count: 1 }, jsonAnswer(200, json, JSON.stringify(target)));
}

async function getBundles(call: Call): Promise<Answer> {
  const { query, context, parameters } = call;
  const found = authorise(call, 'evidence');
  if ('answer' in found) return found.answer;
  const { reader } = found;
  const target = parameters['id'];
  if (target !== undefined && (!isTarget(target) || !maySee(reader, target))) return targetUnknown();
  const asked = readBundleQuery(query);
  if (!asked.ok) return badQuery(asked.refusal);
  const listed = await context.store.bundles({
    ...asked.value,
    ...(target !== undefined && { target }),
    ...(reader.targets !== undefined && { targets: [...reader.targets] }),
  });
  if (!listed.ok) return storeFailed();
  const uploads = await context.store.read((sql) =>
    uploadsOf(
      sql,
      listed.value.map(({ logIndex }) => logIndex),
    ),
  );
  if (!uploads.ok) return storeFailed();
  const last = listed.value.length === asked.value.limit ? listed.value.at(-1)?.logIndex : undefined;
  const body: BundleList = {
    bundles: listed.value.map((bundle) => entryOf(bundle, uploads.value.get(bundle.logIndex))),
    ...(last !== undefined && { next: String(last) }),
  };
  return shown(call, reader, { target, count: body.bundles.length }, jsonAnswer(200, json, JSON.stringify(body)));
}

function readBundleQuery(query: URLSearchParams): Result<BundleQuery & { readonly limit: number }> {
  const names = checkNames(query, ['after', 'from', 'to', 'limit']);
  if (!names.ok) return names;
  const limit = readLimit(query);
  if (!limit.ok) return limit;
  const after = readAfter(query);
  if (!after.ok) return after;
  const from = readInstant(query, 'from');
  if (!from.ok) return from;
  const until = readInstant(query, 'to');
  if (!until.ok) return until;
  const value = {
    limit: limit.value,
    ...(after.value !== undefined && { after: after.value }),
    ...(from.value !== undefined && { from: from.value }),
    ...(until.value !== undefined && { until: until.value }),
  };
  return { ok: true, value };
}

/** A pack in whole, with its receipt, as far as its documents are kept. */
async function getPack(call: Call): Promise<Answer> {
  const { context, parameters, request } = call;
  const found = authorise(call, 'evidence');
  if ('answer' in found) return found.answer;
  const { reader } = found;
  const { keyId = '', digest = '' } = parameters;
  if (!isDigest(keyId) || !isDigest(digest)) return bundleUnknown();
  const place = await context.store.read((sql) => placeOfBundle(sql, keyId, digest));
  if (!place.ok) return storeFailed();
  if (place.value === undefined || !maySee(reader, place.value.target)) return bundleUnknown();
  const leave = context.enterPack();
  if (leave === undefined) return throttledAnswer({ code: 'overloaded', seconds: 2 });
  try {
    const pack = await context.store.pack(keyId, digest);
    if (!pack.ok) return storeFailed();
    if (pack.value === undefined) return bundleUnknown();
    const bytes = encodePack(packParts(pack.value));
    const takesZstd = /(?:^|,)\s*zstd\s*(?:,|$)/i.test(request.headers['accept-encoding'] ?? '');
    const body = takesZstd ? await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }) : bytes;
    const headers = {
      'affiant-public-key': place.value.spki,
      vary: 'accept-encoding',
      ...(takesZstd && { 'content-encoding': 'zstd' }),
    };
    const about = { target: place.value.target, bundle: digest, count: 1 };
    return await shown(call, reader, about, jsonAnswer(200, packMediaType, body, headers));
  } finally {
    leave();
  }
}

async function getReads(call: Call): Promise<Answer> {
  const { query, context } = call;
  const found = authorise(call, 'trail');
  if ('answer' in found) return found.answer;
  const names = checkNames(query, ['after', 'limit']);
  if (!names.ok) return badQuery(names.refusal);
  const limit = readLimit(query);
  if (!limit.ok) return badQuery(limit.refusal);
  const after = readAfter(query);
  if (!after.ok) return badQuery(after.refusal);
  const reads = await context.store.read((sql) => listReads(sql, after.value ?? 0, limit.value));
  if (!reads.ok) return storeFailed();
  const last = reads.value.length === limit.value ? reads.value.at(-1)?.id : undefined;
  const body: ReadList = { reads: reads.value, ...(last !== undefined && { next: String(last) }) };
  return shown(call, found.reader, { count: body.reads.length }, jsonAnswer(200, json, JSON.stringify(body)));
}

async function getDeadLetters(call: Call): Promise<Answer> {
  const { query, context } = call;
  const found = authorise(call, 'operate');
  if ('answer' in found) return found.answer;
  const names = checkNames(query, ['after', 'limit']);
  if (!names.ok) return badQuery(names.refusal);
  const limit = readLimit(query);
  if (!limit.ok) return badQuery(limit.refusal);
  const after = readAfter(query);
  if (!after.ok) return badQuery(after.refusal);
  const dead = await context.store.read((sql) => listDead(sql, after.value ?? 0, limit.value));
  if (!dead.ok) return storeFailed();
  const last = dead.value.length === limit.value ? dead.value.at(-1)?.id : undefined;
  const body: DeadLetterList = { messages: dead.value, ...(last !== undefined && { next: String(last) }) };
  return shown(call, found.reader, { count: body.messages.length }, jsonAnswer(200, json, JSON.stringify(body)));
}

/** For Prometheus, where it has no listener of its own. No evidence, so no entry in the trail. */
async function getMetrics(call: Call): Promise<Answer> {
  const found = authorise(call, 'operate');
  if ('answer' in found) return found.answer;
  const { metrics } = call.context;
  if (metrics === undefined) return problemAnswer(problem(404, 'not-found', 'This endpoint keeps no metrics.'));
  return jsonAnswer(200, metrics.contentType, await metrics.text());
}

/** The answer, once the trail has it; where the trail cannot be written, nothing is shown. */
export async function shown(
  { context, route, id, request }: Call,
  reader: Reader,
  about: { readonly target?: string | undefined; readonly bundle?: string | undefined; readonly count: number },
  answer: Answer,
): Promise<Answer> {
  const kept = await context.store.write((sql) =>
    putRead(sql, {
      at: context.now().toISOString(),
      reader: reader.name,
      role: reader.role,
      what: route,
      ...about,
      from: request.socket.remoteAddress,
      request: id,
    }),
  );
  return kept.ok ? answer : storeFailed();
}

function entryOf(
  { previous, existing, labels, ...bundle }: BundleSummary,
  uploads: NonNullable<BundleList['bundles'][number]['uploads']> | undefined,
): BundleList['bundles'][number] {
  return {
    ...bundle,
    labels: [...labels],
    ...(previous !== undefined && { previous }),
    ...(existing !== undefined && { existing }),
    ...(uploads !== undefined && { uploads }),
  };
}

function isTarget(given: string): boolean {
  return /^[0-9a-f]{32}$/.test(given);
}

function isDigest(given: string): boolean {
  return /^[0-9a-f]{64}$/.test(given);
}

/** The same for one that does not exist and one that this reader may not see. */
function targetUnknown(): Answer {
  return problemAnswer(problem(404, 'target-unknown', 'No such server is known here to this token.'));
}

function bundleUnknown(): Answer {
  return problemAnswer(problem(404, 'bundle-unknown', 'No such bundle is kept here for this token.'));
}

export function badQuery({ message }: Pick<Refusal, 'message'>): Answer {
  return problemAnswer(problem(400, 'bad-query', 'The question cannot be read.', { detail: message }));
}

function storeFailed(): Answer {
  return problemAnswer(problem(503, 'store-failed', 'The store does not answer now; nothing is shown.'), {
    'retry-after': '30',
  });
}
