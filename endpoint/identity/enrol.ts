/** An enrolment: from the request to the record that makes the key known. */
import { isPossession } from '../../evidence/possession.ts';
import type { RecordDraft } from '../../evidence/record.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type VerificationKey, verificationKeyFromDer } from '../../evidence/signing-key.ts';
import type { EnrolmentRequest, Person, RecordedKey, Role } from '../../schemas/generated/types.ts';
import type { Sql } from '../store/sql.ts';
import { findKey, type KnownKey, letSpeak, putKey, speakerOf } from './known-keys.ts';
import type { Decide, Decision, Recorded, Registrar } from './registrar.ts';
import { presentedToken, type Token, useToken } from './tokens.ts';

/** What the endpoint is, for a proof that is bound to it. */
export type EnrolmentPlace = {
  /** SHA-256 of the log's verifier line. */
  readonly logKey: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
};

/** Log index of the key's enrolment record. */
type Enrolled = { readonly index: number; readonly standing: 'active' | 'pending' };

/**
 * Refuses with `token-unknown`, `token-revoked`, `token-expired`, `token-used`, `proof-invalid`,
 * `endpoint-mismatch`, `target-missing`, `target-mismatch`, `key-enrolled`, `key-unreadable`, and as the store
 * does. Asked again by the same key with the same token, it answers the same, whatever became of the token since.
 */
export async function enrolWithToken(
  registrar: Registrar,
  request: EnrolmentRequest,
  place: EnrolmentPlace,
): Promise<Result<Recorded<Enrolled>>> {
  const key = verificationKeyFromDer(request.key.publicKey);
  if (!key.ok) return { ok: false, refusal: { ...key.refusal, pointer: '/key/publicKey' } };
  if (key.value.keyId !== request.key.id)
    return refuse('key-mismatch', 'The key has another id than the one that it is given.', { pointer: '/key/id' });
  return registrar.record((sql) => decide(sql, request, key.value, place));
}

async function decide(
  sql: Sql,
  request: EnrolmentRequest,
  key: VerificationKey,
  { logKey, at }: EnrolmentPlace,
): Promise<Result<Decision<Enrolled>>> {
  const { id, secret } = request.token;
  const token = await presentedToken(sql, id, secret);
  if (token === undefined) return refuse('token-unknown', 'There is no such token, or its secret is another.');
  if (!isPossession(key, { token: id, logKey }, request.possession))
    return refuse('proof-invalid', 'The key did not sign for this token, this log and this endpoint.', {
      pointer: '/possession',
    });
  if (request.possession.endpoint !== token.endpoint)
    return refuse('endpoint-mismatch', 'The proof was made for another address than that of the token.', {
      pointer: '/possession/endpoint',
    });
  const known = await findKey(sql, key.keyId);
  if (known !== undefined && known.token === id)
    return ok({
      kind: 'answer',
      value: { index: known.enrolled, standing: known.standing === 'pending' ? 'pending' : 'active' },
    });
  const usable = isUsable(token, at);
  if (!usable.ok) return usable;
  if (known !== undefined)
    return refuse('key-enrolled', 'The key is enrolled already, with another token.', { pointer: '/key/id' });
  const targets = targetsOf(token, request);
  if (!targets.ok) return targets;
  const { key: recorded, possession, label } = request;
  return enrolment(sql, {
    key: recorded,
    role: token.role,
    targets: targets.value,
    person: token.person,
    // What the operator called it goes before what the server calls itself.
    label: token.label ?? label,
    proof: { by: 'token', token: id, logKey, possession },
    at,
    alsoWrite: (inside) => useToken(inside, id, key.keyId, at),
  });
}

/** A lost answer is asked for again later: the expiry of a token that was used in time does not matter any more. */
function isUsable({ revokedAt, usedAt, expiresAt }: Token, at: string): Result<undefined> {
  if (usedAt !== undefined) return refuse('token-used', 'The token was used already, by another key.');
  if (revokedAt !== undefined) return refuse('token-revoked', 'The token was revoked.');
  if (Date.parse(at) >= Date.parse(expiresAt)) return refuse('token-expired', 'The token has expired.');
  return ok(undefined);
}

/** An agent speaks for the one server that it is; the others for those that the token names. */
function targetsOf({ role, targets }: Token, { possession: { target } }: EnrolmentRequest): Result<readonly string[]> {
  if (role !== 'agent') return ok(targets);
  if (target === undefined)
    return refuse('target-missing', 'An agent enrols for one server, and the proof names none.', {
      pointer: '/possession/target',
    });
  if (targets.length > 0 && !targets.includes('*') && !targets.includes(target))
    return refuse('target-mismatch', 'The token is for another server than the one that enrols.', {
      pointer: '/possession/target',
    });
  return ok([target]);
}

export type NewKey = {
  readonly key: RecordedKey;
  readonly role: Role;
  readonly targets: readonly string[];
  readonly person?: Person | undefined;
  readonly label?: string | undefined;
  readonly proof: Pick<Extract<RecordDraft, { kind: 'enrolment' }>, 'by' | 'token' | 'logKey' | 'possession'>;
  readonly at: string;
  /** What else is written with it. */
  readonly alsoWrite?: (sql: Sql) => Promise<void>;
};

/** The record of a new key: pending where another agent's key speaks for its server. */
async function enrolment(
  sql: Sql,
  { key, role, targets, person, label, proof, at, alsoWrite }: NewKey,
): Promise<Result<Decision<Enrolled>>> {
  const [target = ''] = targets;
  const speaker = role === 'agent' ? await speakerOf(sql, target) : undefined;
  const standing = speaker === undefined ? 'active' : 'pending';
  const draft: RecordDraft = {
    kind: 'enrolment',
    key,
    role,
    targets: [...targets],
    standing,
    ...(speaker !== undefined && { successorOf: speaker }),
    ...(person && { person }),
    ...(label !== undefined && { label }),
    ...proof,
  };
  return ok({
    kind: 'record',
    draft,
    async changes(inside, index) {
      const row: KnownKey = {
        keyId: key.id,
        spki: Buffer.from(key.publicKey, 'base64'),
        protection: key.protection,
        role,
        targets,
        standing,
        since: index,
        sinceAt: at,
        root: key.id,
        enrolled: index,
        ...(speaker !== undefined && { waitsFor: speaker }),
        ...(person && { person }),
        ...(label !== undefined && { label }),
        ...(proof.token !== undefined && { token: proof.token }),
      };
      await putKey(inside, row, index);
      if (standing === 'active') await letSpeak(inside, row);
      await alsoWrite?.(inside);
      return { index, standing };
    },
  });
}

/** A key that the operator enters: its holder brought the public half by hand. Refuses with `key-enrolled`. */
export function enrolByOperator(
  registrar: Registrar,
  key: Omit<NewKey, 'proof' | 'alsoWrite'>,
): Promise<Result<Recorded<Enrolled>>> {
  const decideEntry: Decide<Enrolled> = async (sql) =>
    (await findKey(sql, key.key.id)) === undefined
      ? enrolment(sql, { ...key, proof: { by: 'operator' } })
      : refuse('key-enrolled', `the key ${key.key.id} is known already`, { remedy: `affiant key list` });
  return registrar.record(decideEntry);
}
