/** Hands an attestation to the endpoint, and believes its answer only with a place in the log. */
import { decodeAttestation, encodeAttestation, type OpenAttestation } from '../../evidence/attestation.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import type { LogPlace } from '../../evidence/receipt.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { attestationMediaType, placeInLog, type Signed } from '../../evidence/signed-file.ts';
import { problemOf, replyOf } from '../enrol/answer.ts';
import { askLog } from '../post/log-contact.ts';
import { type EndpointSettings, openTransport } from '../post/transport.ts';

export type Posted = Signed & OpenAttestation & { readonly place: LogPlace; readonly logKey: string };

/** `logKey`: the log's verifier line where it is known; else the one that the endpoint shows now. Refuses with the endpoint's problems and as the proof does. */
export async function postAttestation(
  signed: Signed,
  settings: EndpointSettings,
  logKey: string | undefined,
): Promise<Result<Posted>> {
  const transport = await openTransport(settings);
  if (!transport.ok) return transport;
  try {
    const shown = logKey === undefined ? await askLog(transport.value) : ok({ verifierKey: logKey });
    if (!shown.ok) return shown;
    const log = logVerifierFromKey(shown.value.verifierKey);
    if (!log.ok) return log;
    const reply = replyOf(
      await transport.value.post(
        '/v1/attestations',
        { 'content-type': attestationMediaType },
        encodeAttestation(signed),
      ),
    );
    if (!reply.ok) return reply;
    if (reply.value.status !== 200 && reply.value.status !== 201) return { ok: false, refusal: problemOf(reply.value) };
    const kept = decodeAttestation(reply.value.body);
    if (!kept.ok) return kept;
    if (kept.value.bundle.dsseEnvelope.payload !== signed.bundle.dsseEnvelope.payload)
      return refuse('not-an-endpoint', 'the answer is about another attestation');
    const place = placeInLog(kept.value, log.value);
    return place.ok ? ok({ ...kept.value, place: place.value, logKey: shown.value.verifierKey }) : place;
  } finally {
    await transport.value.close();
  }
}
