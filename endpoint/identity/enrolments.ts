/** POST /v1/enrolments and POST /v1/rotations. */
import { logKeyDigest } from '../../evidence/record.ts';
import { encodeRecords } from '../../evidence/records-file.ts';
import { ok, type Result } from '../../evidence/result.ts';
import { decodeSigned, recordMediaType, rotationMediaType, type Signed } from '../../evidence/signed-file.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { validated } from '../../evidence/validate.ts';
import { enrolment as isRequest } from '../../schemas/generated/validators.js';
import { type Answer, jsonAnswer, problem, problemAnswer } from '../answer.ts';
import type { Call, EndpointContext } from '../call.ts';
import { enrolWithToken } from './enrol.ts';
import { rotate } from './key-acts.ts';
import { recordAt, registrarRecord } from './read-records.ts';
import { receive } from './receive.ts';
import { refusedAnswer } from './refused.ts';
import type { Recorded } from './registrar.ts';

export const enrolmentMediaType = 'application/vnd.affiant.enrolment.v1+json';
export const recordsMediaType = 'application/vnd.affiant.records.v1+json';
const maxBytes = 64 * 1024;

/** As for evidence: more than five minutes off is taken and said. */
const toleranceMs = 5 * 60 * 1000;

/** The answer is the record of the enrolment, with that which introduces the registrar; nothing of it is secret. */
export function postEnrolment(call: Call): Promise<Answer> {
  return receive(call, { mediaType: enrolmentMediaType, maxBytes }, async (body, visit) => {
    const { context } = call;
    if (context.registrar === undefined) return enrolsNobody();
    const parsed = parseStrictJson(body, { maxBytes, maxDepth: 8 });
    const request = parsed.ok ? validated(isRequest, parsed.value, 'enrolment') : parsed;
    if (!request.ok) return refusedAnswer(request.refusal);
    const at = context.now().toISOString();
    const logKey = logKeyDigest(context.logSigner.verifierKey);
    const enrolled = await enrolWithToken(context.registrar, request.value, { logKey, at });
    if (!enrolled.ok) return refusedAnswer(enrolled.refusal);
    visit.verified(request.value.key.id, body.length);
    call.notes.keyId = request.value.key.id;
    const isPending = enrolled.value.value.standing === 'pending';
    const headers = skewLabel(request.value.possession.at, at);
    return recordAnswer(context, enrolled.value, enrolled.value.value.index, isPending ? 202 : 201, headers);
  });
}

/** The answer is the record of the rotation, as for an enrolment. */
export function postRotation(call: Call): Promise<Answer> {
  return receive(call, { mediaType: rotationMediaType, maxBytes }, async (body, visit) => {
    const { context } = call;
    if (context.registrar === undefined) return enrolsNobody();
    const signed = decodeSigned(body, rotationMediaType);
    if (!signed.ok) return refusedAnswer(signed.refusal);
    const at = context.now().toISOString();
    const rotated = await rotate(context.registrar, signed.value.bundle, { origin: context.logSigner.origin, at });
    if (!rotated.ok) return refusedAnswer(rotated.refusal);
    call.notes.keyId = signed.value.key.keyId;
    visit.verified(signed.value.key.keyId, body.length);
    context.keyRing.forget(signed.value.key.keyId);
    return recordAnswer(context, rotated.value, rotated.value.value.index, 201);
  });
}

function skewLabel(claimed: string, at: string): Record<string, string> {
  const ahead = Date.parse(claimed) - Date.parse(at);
  if (Math.abs(ahead) <= toleranceMs) return {};
  return { 'affiant-labels': ahead > 0 ? 'clock-ahead' : 'clock-behind' };
}

/** 200 where it was recorded before. */
async function recordAnswer(
  { store, logSigner }: EndpointContext,
  recorded: Recorded<unknown>,
  index: number,
  status: 201 | 202,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const record: Result<Signed | undefined> =
    recorded.kind === 'record' ? ok(recorded.record) : await recordAt(store, index, recordMediaType);
  if (!record.ok) return refusedAnswer(record.refusal);
  const registrar = await registrarRecord(store, index);
  if (!registrar.ok) return refusedAnswer(registrar.refusal);
  const records = [registrar.value, record.value].filter((signed) => signed !== undefined);
  const body = encodeRecords(records, logSigner.verifierKey);
  return jsonAnswer(recorded.kind === 'record' || status === 202 ? status : 200, recordsMediaType, body, headers);
}

export function enrolsNobody(): Answer {
  return problemAnswer(problem(404, 'not-found', 'This endpoint keeps no records of keys.'));
}
