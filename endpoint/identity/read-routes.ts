/** What readers ask of keys, records and attestations. */
import { attestationKinds } from '../../evidence/attestation.ts';
import { encodeAttestations } from '../../evidence/attestation-list.ts';
import { encodeRecords } from '../../evidence/records-file.ts';
import type { Result } from '../../evidence/result.ts';
import {
  attestationMediaType,
  encodeSigned,
  recordMediaType,
  type Signed,
  signedFile,
} from '../../evidence/signed-file.ts';
import type { KeyState } from '../../schemas/generated/types.ts';
import { type Answer, jsonAnswer, problem, problemAnswer } from '../answer.ts';
import type { Call, Route } from '../call.ts';
import { authorise, maySee } from '../readers/authorise.ts';
import { checkNames, readAfter, readLimit } from '../readers/query.ts';
import { badQuery, shown } from '../readers/reader-routes.ts';
import type { Reader } from '../readers/readers-file.ts';
import { hexOf, numberOf, type Sql, textOf } from '../store/sql.ts';
import { attestationIndex, attestationsLike } from './attest.ts';
import { recordsMediaType } from './enrolments.ts';
import { findKey, type KnownKey, lineOf, recordsOfKey } from './known-keys.ts';
import { otherTargetsOf } from './other-targets.ts';
import { recordAt, recordsFrom, registrarRecord } from './read-records.ts';
import { refusedAnswer } from './refused.ts';

export const identityReadRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/records', handle: getRecords },
  { method: 'GET', path: '/v1/keys/{id}', handle: getKey },
  { method: 'GET', path: '/v1/attestations', handle: getAttestations },
  { method: 'GET', path: '/v1/attestations/{digest}', handle: getAttestation },
];

const isDigest = /^[0-9a-f]{64}$/;

/** All records from a number on. They speak of every server: a reader of some is not shown them. */
async function getRecords(call: Call): Promise<Answer> {
  const { query, context } = call;
  const found = authorise(call, 'evidence');
  if ('answer' in found) return found.answer;
  if (found.reader.targets !== undefined) return notForSome();
  const names = checkNames(query, ['from', 'limit']);
  if (!names.ok) return badQuery(names.refusal);
  const limit = readLimit(query);
  if (!limit.ok) return badQuery(limit.refusal);
  const from = query.get('from') ?? '0';
  if (!/^[0-9]{1,15}$/.test(from)) return badQuery({ message: 'from is the number of a record' });
  const page = await recordsFrom(context.store, Number(from), limit.value);
  if (!page.ok) return refusedAnswer(page.refusal);
  const { records, next } = page.value;
  const body = encodeRecords(records, context.logSigner.verifierKey, next);
  return shown(call, found.reader, { count: records.length }, jsonAnswer(200, recordsMediaType, body));
}

function notForSome(): Answer {
  return problemAnswer(problem(403, 'not-permitted', 'The token sees some servers, and this speaks of all.'));
}

async function getKey(call: Call): Promise<Answer> {
  const { context, parameters } = call;
  const found = authorise(call, 'evidence');
  if ('answer' in found) return found.answer;
  const id = parameters['id'] ?? '';
  const state = await context.store.read(async (sql) => {
    const key = isDigest.test(id) ? await findKey(sql, id) : undefined;
    if (key === undefined) return undefined;
    const line = await lineOf(sql, key.root);
    const [findings, otherTargets] = [await forksOf(sql, line), await otherTargetsOf(sql, line)];
    return { key, records: await recordsOfKey(sql, id), findings, otherTargets };
  });
  if (!state.ok) return refusedAnswer(state.refusal);
  if (state.value === undefined || !seesAll(found.reader, state.value.key)) return keyUnknown();
  const proof = await signedRecords(call, state.value.records);
  if (!proof.ok) return refusedAnswer(proof.refusal);
  const body: KeyState = {
    ...plain(state.value.key),
    findings: state.value.findings,
    ...(state.value.otherTargets.length > 0 && { otherTargets: state.value.otherTargets }),
    records: proof.value.map((signed) => signedFile(recordMediaType, signed)),
  };
  return shown(call, found.reader, { count: 1 }, jsonAnswer(200, 'application/json', JSON.stringify(body)));
}

function seesAll(reader: Reader, { targets }: KnownKey): boolean {
  return reader.targets === undefined || (targets.length > 0 && targets.every((target) => maySee(reader, target)));
}

function keyUnknown(): Answer {
  return problemAnswer(problem(404, 'key-unknown', 'No record speaks of this key.'));
}

async function signedRecords({ context: { store } }: Call, indexes: readonly number[]): Promise<Result<Signed[]>> {
  const registrar = await registrarRecord(store, indexes[0] ?? 0);
  if (!registrar.ok) return registrar;
  const records: Signed[] = registrar.value === undefined ? [] : [registrar.value];
  for (const index of indexes) {
    const record = await recordAt(store, index, recordMediaType);
    if (!record.ok) return record;
    if (record.value !== undefined) records.push(record.value);
  }
  return { ok: true, value: records };
}

function plain({
  spki: _spki,
  since,
  sinceAt,
  enrolled: _enrolled,
  token: _token,
  targets,
  ...key
}: KnownKey): Omit<KeyState, 'findings' | 'otherTargets' | 'records'> {
  return { ...key, targets: [...targets], since: { index: since, at: sinceAt } };
}

type Finding = NonNullable<KeyState['findings']>[number];

/** Places of the line's chains that were taken twice: a clone, or a restored snapshot. */
async function forksOf(sql: Sql, line: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const keyId of line) {
    const rows = await sql.all(
      `SELECT chain, sequence, digest, existing, log_index, received_at FROM bundle
       JOIN signing_key ON signing_key.id = bundle.key WHERE key_id = $1 AND existing IS NOT NULL ORDER BY log_index LIMIT 1000`,
      [keyId],
    );
    for (const row of rows)
      findings.push({
        kind: 'fork',
        chain: textOf(row, 'chain'),
        sequence: numberOf(row, 'sequence'),
        digest: hexOf(row, 'digest'),
        existing: hexOf(row, 'existing'),
        logIndex: numberOf(row, 'log_index'),
        at: textOf(row, 'received_at'),
      });
  }
  return findings.slice(0, 1000);
}

async function getAttestations(call: Call): Promise<Answer> {
  const { query, context } = call;
  const found = authorise(call, 'evidence');
  if ('answer' in found) return found.answer;
  const names = checkNames(query, ['target', 'kind', 'after', 'limit']);
  const limit = readLimit(query);
  const after = readAfter(query);
  if (!names.ok) return badQuery(names.refusal);
  if (!limit.ok) return badQuery(limit.refusal);
  if (!after.ok) return badQuery(after.refusal);
  const [target, kind] = [query.get('target'), query.get('kind')];
  // A misspelt kind would be answered by an empty list, which reads as "nobody said so".
  if (kind !== null && !attestationKinds.some((known) => known === kind))
    return badQuery({ message: `kind is one of ${attestationKinds.join(', ')}` });
  if (target === null && found.reader.targets !== undefined) return notForSome();
  if (target !== null && !maySee(found.reader, target)) return notForSome();
  const indexes = await attestationsLike(context.store, {
    ...(target !== null && { target }),
    ...(kind !== null && { kind }),
    ...(after.value !== undefined && { after: after.value }),
    limit: limit.value,
  });
  if (!indexes.ok) return refusedAnswer(indexes.refusal);
  const attestations: Signed[] = [];
  for (const index of indexes.value) {
    const one = await recordAt(context.store, index, attestationMediaType);
    if (!one.ok) return refusedAnswer(one.refusal);
    if (one.value !== undefined) attestations.push(one.value);
  }
  const next = indexes.value.length === limit.value ? indexes.value.at(-1) : undefined;
  const body = encodeAttestations(attestations, context.logSigner.verifierKey, next);
  const about = { target: target ?? undefined, count: attestations.length };
  return shown(call, found.reader, about, jsonAnswer(200, 'application/json', body));
}

async function getAttestation(call: Call): Promise<Answer> {
  const { context, parameters } = call;
  const found = authorise(call, 'evidence');
  if ('answer' in found) return found.answer;
  if (found.reader.targets !== undefined) return notForSome();
  const digest = parameters['digest'] ?? '';
  const index = isDigest.test(digest)
    ? await attestationIndex(context.store, digest)
    : { ok: true as const, value: undefined };
  if (!index.ok) return refusedAnswer(index.refusal);
  const one = index.value === undefined ? undefined : await recordAt(context.store, index.value, attestationMediaType);
  if (one?.ok === false) return refusedAnswer(one.refusal);
  if (one?.value === undefined)
    return problemAnswer(problem(404, 'attestation-unknown', 'There is no such attestation.'));
  const body = encodeSigned(attestationMediaType, one.value);
  return shown(call, found.reader, { count: 1 }, jsonAnswer(200, attestationMediaType, body));
}
