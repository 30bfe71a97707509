/** Puts a new key in the place of the present one: the endpoint first, then this state folder. */
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { signRotation } from '../../evidence/rotation.ts';
import { encodeSigned, rotationMediaType } from '../../evidence/signed-file.ts';
import { type Signer, verificationKeyOf } from '../../evidence/signing-key.ts';
import type { EndpointConfig } from '../../schemas/generated/types.ts';
import { openTransport } from '../post/transport.ts';
import { adoptNextKey, loadOrCreateKeys, loadOrCreateNextKey } from '../spool/keys.ts';
import type { State } from '../spool/state.ts';
import { provenRecord, replyOf } from './answer.ts';
import { type EnrolmentNote, readEnrolment, writeEnrolment } from './enrolment-note.ts';

export type Rotated = { readonly keyId: string; readonly previousKey: string };

/**
 * Refuses with `not-enrolled`, the endpoint's own problems, `no-answer`, and as the state folder does; then the
 * present key stays, and the next try goes on with the same new one. The endpoint answers a hand-over
 * that it took already the same, so that a crash anywhere costs nothing but another call.
 */
export async function rotateKey(
  state: State,
  settings: Omit<EndpointConfig, 'url'>,
  now: Date,
): Promise<Result<Rotated>> {
  const enrolment = readEnrolment(state);
  if (!enrolment.ok) return enrolment;
  if (enrolment.value === undefined)
    return refuse('not-enrolled', 'this server is not enrolled anywhere: nobody could be told of a new key', {
      remedy: 'affiant enroll; a key that is trusted by file is replaced by the operator',
    });
  const keys = loadOrCreateKeys(state);
  if (!keys.ok) return keys;
  const next = loadOrCreateNextKey(state);
  if (!next.ok) return next;
  const { signer } = keys.value;
  // The last rotation came as far as the key itself; nobody needs to be told again.
  const told =
    signer.keyId === next.value.keyId ? ok(undefined) : await tell(enrolment.value, signer, next.value, settings, now);
  if (!told.ok) return told;
  const adopted = adoptNextKey(state, next.value);
  if (!adopted.ok) return adopted;
  const noted = writeEnrolment(state, { ...enrolment.value, keyId: next.value.keyId });
  return noted.ok ? ok({ keyId: next.value.keyId, previousKey: enrolment.value.keyId }) : noted;
}

async function tell(
  { endpoint, pins, logKey }: EnrolmentNote,
  from: Signer,
  to: Signer,
  settings: Omit<EndpointConfig, 'url'>,
  now: Date,
): Promise<Result<undefined>> {
  const log = logVerifierFromKey(logKey);
  if (!log.ok) return log;
  const transport = await openTransport({ ...settings, url: endpoint, ...(pins.length > 0 && { pins }) });
  if (!transport.ok) return transport;
  try {
    const { bundle } = signRotation(from, to, { log: log.value.origin, at: now.toISOString() });
    const body = encodeSigned(rotationMediaType, { bundle, key: verificationKeyOf(from) });
    const reply = replyOf(await transport.value.post('/v1/rotations', { 'content-type': rotationMediaType }, body));
    if (!reply.ok) return reply;
    const opened = provenRecord(reply.value, log.value);
    if (!opened.ok) return opened;
    const { predicate } = opened.value;
    return predicate.kind === 'rotation' && predicate.key.id === to.keyId && predicate.previousKey === from.keyId
      ? ok(undefined)
      : refuse('not-an-endpoint', 'the record in the answer is about other keys');
  } finally {
    await transport.value.close();
  }
}
