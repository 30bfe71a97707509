/**
 * Enrols a key with a token. In this order: the endpoint shows a pinned key (in the handshake), the log
 * key of the token, and only then the secret leaves this machine.
 */
import { type LogVerifier, logVerifierFromKey, openCheckpoint } from '../../evidence/checkpoint.ts';
import { provePossession } from '../../evidence/possession.ts';
import { logKeyDigest, type RecordOf } from '../../evidence/record.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { publicKeyBase64, type Signer, verificationKeyOf } from '../../evidence/signing-key.ts';
import type { EndpointConfig, EnrolmentRequest, TokenFile } from '../../schemas/generated/types.ts';
import { askLog } from '../post/log-contact.ts';
import { type EndpointSettings, openTransport, type Transport } from '../post/transport.ts';
import { provenRecord, replyOf } from './answer.ts';

export type Enrolling = {
  readonly token: TokenFile;
  readonly signer: Signer;
  /** The server that this is; undefined for keys that are not an agent's. */
  readonly target: string | undefined;
  /** A name for people. */
  readonly label: string | undefined;
  readonly now: Date;
  /** Proxy and patience of the configuration. */
  readonly settings?: Omit<EndpointConfig, 'url'> | undefined;
};

export type Enrolled = {
  readonly logKey: string;
  readonly record: RecordOf<'enrolment'>;
  /** What the endpoint says of this machine's clock. */
  readonly clock: 'ahead' | 'behind' | undefined;
};

/**
 * Refuses with `pin-mismatch`, `log-key-other`, the endpoint's own problems (`token-expired`, `token-used`,
 * `token-revoked`, `token-unknown`, …), `no-answer`, and as the proof of the answer does.
 */
export async function enrol(enrolling: Enrolling): Promise<Result<Enrolled>> {
  const transport = await openTransport(settingsOf(enrolling));
  if (!transport.ok) return transport;
  try {
    return await enrolOver(transport.value, enrolling);
  } finally {
    await transport.value.close();
  }
}

function settingsOf({ token, settings = {} }: Enrolling): EndpointSettings {
  return { ...settings, url: token.endpoint, ...(token.pins.length > 0 && { pins: token.pins }) };
}

async function enrolOver(transport: Transport, enrolling: Enrolling): Promise<Result<Enrolled>> {
  const { token } = enrolling;
  const log = await logOfToken(transport, token);
  if (!log.ok) return log;
  const body = Buffer.from(JSON.stringify(requestOf(enrolling)));
  const type = { 'content-type': 'application/vnd.affiant.enrolment.v1+json' };
  const reply = replyOf(await transport.post('/v1/enrolments', type, body));
  if (!reply.ok) return reply;
  const opened = provenRecord(reply.value, log.value);
  if (!opened.ok) return opened;
  const { predicate } = opened.value;
  if (predicate.kind !== 'enrolment' || predicate.key.id !== enrolling.signer.keyId || predicate.token !== token.id)
    return refuse('not-an-endpoint', 'the record in the answer is about another key or another token');
  const labels = reply.value.headers['affiant-labels'] ?? '';
  const clock = labels.includes('clock-ahead') ? 'ahead' : labels.includes('clock-behind') ? 'behind' : undefined;
  return ok({ logKey: log.value.verifierKey, record: predicate, clock });
}

/** Before the secret is sent. */
async function logOfToken(transport: Transport, token: TokenFile): Promise<Result<LogVerifier>> {
  const shown = await askLog(transport);
  if (!shown.ok) return shown;
  if (logKeyDigest(shown.value.verifierKey) !== token.logKey)
    return refuse(
      'log-key-other',
      'the endpoint shows another log key than that of the token; the secret was not sent',
      {
        remedy: "ask the endpoint's operator: either the token is of another endpoint, or somebody stands in between",
      },
    );
  const log = logVerifierFromKey(shown.value.verifierKey);
  if (!log.ok) return log;
  const checkpoint = openCheckpoint(shown.value.checkpoint, log.value);
  return checkpoint.ok ? log : checkpoint;
}

function requestOf({ token, signer, target, label, now }: Enrolling): EnrolmentRequest {
  const said = { at: now.toISOString(), endpoint: token.endpoint, ...(target !== undefined && { target }) };
  return {
    format: 'affiant-enrolment/1',
    token: { id: token.id, secret: token.secret },
    key: { id: signer.keyId, publicKey: publicKeyBase64(verificationKeyOf(signer)), protection: signer.protection },
    possession: provePossession(signer, { token: token.id, logKey: token.logKey }, said),
    ...(label !== undefined && { label }),
  };
}
