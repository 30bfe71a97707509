/** POST /v1/attestations. */
import { decodeAttestation } from '../../evidence/attestation.ts';
import { attestationMediaType, encodeSigned, signedLimits } from '../../evidence/signed-file.ts';
import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { attest } from './attest.ts';
import { enrolsNobody } from './enrolments.ts';
import { receive } from './receive.ts';
import { refusedAnswer } from './refused.ts';

/** The answer is the attestation with its receipt. */
export function postAttestation(call: Call): Promise<Answer> {
  return receive(call, { mediaType: attestationMediaType, maxBytes: signedLimits.maxBytes }, async (body, visit) => {
    const { store, registrar, now } = call.context;
    if (registrar === undefined) return enrolsNobody();
    const opened = decodeAttestation(body);
    if (!opened.ok) return refusedAnswer(opened.refusal);
    call.notes.keyId = opened.value.key.keyId;
    const attested = await attest(store, opened.value, now().toISOString());
    if (!attested.ok) return refusedAnswer(attested.refusal);
    visit.verified(opened.value.key.keyId, body.length);
    const { signed, repeated } = attested.value;
    return jsonAnswer(repeated ? 200 : 201, attestationMediaType, encodeSigned(attestationMediaType, signed));
  });
}
