/** What an endpoint answers about a key, proved: the record, its registrar, its place in the log. */
import type { LogVerifier } from '../../evidence/checkpoint.ts';
import { type OpenRecord, openRecord, recordOf, vouchedRegistrar } from '../../evidence/record.ts';
import { decodeRecords } from '../../evidence/records-file.ts';
import { ok, type Refusal, type Result, refuse } from '../../evidence/result.ts';
import { placeInLog } from '../../evidence/signed-file.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { problem as isProblem } from '../../schemas/generated/validators.js';
import type { Exchange, Reply } from '../post/transport.ts';

const limits = { maxBytes: 1024 * 1024, maxDepth: 16 };

/** The reply, or why there is none. */
export function replyOf(exchange: Exchange): Result<Reply> {
  if ('reply' in exchange) return ok(exchange.reply);
  const { code, message, remedy } = exchange.noAnswer;
  return refuse(code, message, remedy === undefined ? {} : { remedy });
}

/**
 * The last record of an answer. Refuses with the endpoint's own problem, `not-an-endpoint`, and as the
 * parts of the proof do: nothing is believed that the log's key does not vouch for.
 */
export function provenRecord({ status, headers, body }: Reply, log: LogVerifier): Result<OpenRecord> {
  if (status !== 200 && status !== 201 && status !== 202)
    return { ok: false, refusal: problemOf({ status, headers, body }) };
  const decoded = decodeRecords(body);
  if (!decoded.ok) return decoded;
  const [introduction, record] = decoded.value.records;
  if (introduction === undefined || record === undefined)
    return refuse('not-an-endpoint', 'the answer holds no record of this key');
  const registrar = recordOf(introduction.bundle);
  if (!registrar.ok) return registrar;
  const { predicate } = registrar.value;
  if (predicate.kind !== 'registrar')
    return refuse('registrar-unvouched', 'the answer does not introduce who signed it');
  const key = vouchedRegistrar(predicate, log);
  if (!key.ok) return key;
  const introduced = openRecord(introduction.bundle, key.value);
  if (!introduced.ok) return introduced;
  const opened = openRecord(record.bundle, key.value);
  if (!opened.ok) return opened;
  const place = placeInLog(record, log);
  return place.ok ? opened : place;
}

/** An endpoint's problem in its own words, else that it is no endpoint. */
export function problemOf({ status, headers, body }: Reply): Refusal {
  const parsed =
    headers['content-type']?.startsWith('application/problem+json') === true
      ? parseStrictJson(body, limits)
      : undefined;
  if (parsed?.ok !== true || !isProblem(parsed.value))
    return {
      code: 'not-an-endpoint',
      message: `what answers there is not an endpoint of affiant (status ${status})`,
      remedy: 'check the address, and that no proxy or login page answers in its place',
    };
  const { type, title, detail, pointer } = parsed.value;
  return {
    code: type.replace('urn:affiant:problem:', ''),
    message: `the endpoint says: ${title}`,
    ...(detail !== undefined && { remedy: detail }),
    ...(pointer !== undefined && { pointer }),
  };
}
