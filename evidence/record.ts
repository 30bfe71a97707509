/**
 * Records of the log: what changes the standing of a key, or what is kept. All are signed by the
 * registrar's key of the endpoint, each names the one before, and the first is vouched for by the
 * log's key, so that a reader who trusts the log needs to trust nothing else.
 */
import type { RecordPlace, RecordPredicate, RecordStatement, SigstoreBundle } from '../schemas/generated/types.ts';
import { record as isRecord } from '../schemas/generated/validators.js';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { canonicalText } from './canonical-json.ts';
import type { LogSigner, LogVerifier } from './checkpoint.ts';
import { sha256Hex } from './digest.ts';
import { payloadOf, signPayload, verifySignature } from './envelope.ts';
import { isPossession } from './possession.ts';
import { ok, type Result, refuse } from './result.ts';
import { openRotation } from './rotation.ts';
import {
  publicKeyBase64,
  type Signer,
  type VerificationKey,
  verificationKeyFromDer,
  verificationKeyOf,
} from './signing-key.ts';
import { validated } from './validate.ts';

export type RecordKind = RecordPredicate['kind'];
export type RecordOf<Kind extends RecordKind> = Extract<RecordPredicate, { kind: Kind }>;

/** What a record says beside its place, log and time. */
export type RecordDraft = RecordPredicate extends infer Predicate
  ? Predicate extends RecordPredicate
    ? Omit<Predicate, 'place' | 'log' | 'at'>
    : never
  : never;

/** A record that was proved to be by the registrar. */
export type OpenRecord = {
  readonly predicate: RecordPredicate;
  readonly statement: RecordStatement;
  readonly digest: string;
};

/** SHA-256 of a target's id: what a subject names it by. */
export function targetDigest(target: string): string {
  return sha256Hex(Buffer.from(target, 'utf8'));
}

/** SHA-256 of a log's verifier line. */
export function logKeyDigest(verifierKey: string): string {
  return sha256Hex(Buffer.from(verifierKey, 'utf8'));
}

/** What a draft is signed with. `documents`: for an erasure, the digests of what went, at most 1,999. */
export type RecordFrame = {
  readonly log: string;
  readonly place: RecordPlace;
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly documents?: readonly string[];
};

/** Signs a record. Throws TypeError on one that nobody would accept, because a signature cannot be taken back. */
export function signRecord(
  draft: RecordDraft,
  { log, place, at, documents = [] }: RecordFrame,
  registrar: Signer,
): { bundle: SigstoreBundle; digest: string; statement: RecordStatement } {
  const predicate: RecordPredicate = { ...draft, log, place, at };
  const statement: RecordStatement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjectsOf(predicate, documents),
    predicateType: 'urn:affiant:predicate:record:1',
    predicate,
  };
  const checked = checkedRecord(statement, verificationKeyOf(registrar));
  if (!checked.ok) throw new TypeError(`cannot sign: ${checked.refusal.message}`);
  return { ...signPayload(statement, registrar), statement };
}

/** The registrar's own record: the log's key vouches for the key that signs all others. */
export function registrarDraft(registrar: Signer, log: LogSigner): RecordDraft {
  return {
    kind: 'registrar',
    key: {
      id: registrar.keyId,
      publicKey: publicKeyBase64(verificationKeyOf(registrar)),
      protection: registrar.protection,
    },
    logKey: log.verifierKey,
    voucher: encodeBase64(log.signText(voucherText(registrar.keyId))),
  };
}

/** No checkpoint begins so: an origin has no spaces. */
function voucherText(keyId: string): string {
  return `affiant registrar 1\n${keyId}`;
}

/** The key that a registrar's record introduces, once the trusted log's key is proved to vouch for it. Refuses with `registrar-unvouched`. */
export function vouchedRegistrar(predicate: RecordOf<'registrar'>, log: LogVerifier): Result<VerificationKey> {
  const { key, logKey, voucher } = predicate;
  const signature = decodeBase64(voucher);
  const isVouched =
    logKey === log.verifierKey && signature?.length === 64 && log.isSigned(voucherText(key.id), signature);
  return isVouched
    ? verificationKeyFromDer(key.publicKey)
    : refuse('registrar-unvouched', `the log ${log.origin} does not vouch for the key that signed the records`, {
        pointer: '/predicate/voucher',
      });
}

/**
 * What a record says, once it is proved to be by that registrar and to be coherent, with the signatures
 * inside it: of the enrolled key, of the old key. Refuses as `verifySignature`, `validated` and
 * `openRotation` do, and with `record-incoherent`, `proof-invalid`.
 */
export function openRecord(bundle: SigstoreBundle, registrar: VerificationKey): Result<OpenRecord> {
  const digest = verifySignature(bundle, registrar);
  if (!digest.ok) return digest;
  const payload = payloadOf(bundle);
  if (!payload.ok) return payload;
  const statement = checkedRecord(payload.value, registrar);
  return statement.ok
    ? ok({ statement: statement.value, predicate: statement.value.predicate, digest: digest.value })
    : statement;
}

/** What a record says, by whomever: nothing of the signature is proved. */
export function recordOf(bundle: SigstoreBundle): Result<RecordStatement> {
  const payload = payloadOf(bundle);
  return payload.ok ? validated(isRecord, payload.value, 'record') : payload;
}

function checkedRecord(value: unknown, registrar: VerificationKey): Result<RecordStatement> {
  const statement = validated(isRecord, value, 'record');
  if (!statement.ok) return statement;
  const { predicate, subject } = statement.value;
  const { sequence, previous } = predicate.place;
  if ((sequence === 0) === (previous !== undefined))
    return incoherent('a record names the one before it, except at 0', '/predicate/place/previous');
  if (sequence === 0 && predicate.kind !== 'registrar')
    return incoherent("the first record is the registrar's own", '/predicate/kind');
  const documents = subject.filter(({ name }) => name.startsWith('document/')).map(({ digest }) => digest.sha256);
  if (canonicalText(subject) !== canonicalText(subjectsOf(predicate, documents)))
    return incoherent('the subjects are not what the record is about', '/subject');
  const inner = innerProof(predicate, registrar);
  return inner.ok ? statement : inner;
}

function incoherent(message: string, pointer: string): Result<never> {
  return refuse('record-incoherent', message, { pointer });
}

/** The keys inside a record are what they are called, and what they signed is inside holds. */
function innerProof(predicate: RecordPredicate, registrar: VerificationKey): Result<unknown> {
  if (predicate.kind !== 'registrar' && predicate.kind !== 'enrolment' && predicate.kind !== 'rotation')
    return ok(undefined);
  const key = verificationKeyFromDer(predicate.key.publicKey);
  if (!key.ok || key.value.keyId !== predicate.key.id)
    return incoherent('the key does not have the id that it is given', '/predicate/key');
  if (predicate.kind === 'registrar')
    return key.value.keyId === registrar.keyId
      ? ok(undefined)
      : incoherent('a registrar introduces itself', '/predicate/key');
  if (predicate.kind === 'enrolment') return enrolmentProof(predicate, key.value);
  const hint = predicate.request.verificationMaterial.publicKey.hint;
  if (hint !== predicate.previousKey)
    return incoherent('the hand-over is not signed by the old key', '/predicate/request');
  return ok(undefined);
}

function enrolmentProof(predicate: RecordOf<'enrolment'>, key: VerificationKey): Result<undefined> {
  const { by, token, possession, standing, successorOf, role, person, targets, logKey } = predicate;
  if ((by === 'token') !== (token !== undefined && possession !== undefined && logKey !== undefined))
    return incoherent('an enrolment with a token names it and proves possession', '/predicate/token');
  if ((standing === 'pending') !== (successorOf !== undefined))
    return incoherent('who is pending waits to succeed another key', '/predicate/successorOf');
  const isPerson = role === 'reviewer' || role === 'owner' || role === 'officer';
  if (isPerson !== (person !== undefined)) return incoherent('a person has the role of one', '/predicate/person');
  if (isPerson && targets.length > 0) return incoherent('a person speaks for no target', '/predicate/targets');
  if (token === undefined || possession === undefined || logKey === undefined) return ok(undefined);
  return isPossession(key, { token, logKey }, possession)
    ? ok(undefined)
    : refuse('proof-invalid', 'the enrolled key did not sign for this enrolment', { pointer: '/predicate/possession' });
}

/** The signature of the old key inside a rotation's record; the old key comes from the record that introduced it. */
export function isHandedOver(predicate: RecordOf<'rotation'>, old: VerificationKey): boolean {
  const opened = openRotation(predicate.request, old);
  return opened.ok && opened.value.next.keyId === predicate.key.id;
}

type Subject = RecordStatement['subject'][number];

/** What a record is about follows from what it says, so that it has one form. */
function subjectsOf(predicate: RecordPredicate, documents: readonly string[]): RecordStatement['subject'] {
  const [first, ...rest] = [
    ...keysOf(predicate),
    ...('targets' in predicate && predicate.kind !== 'enrolment'
      ? predicate.targets.map((target, index) => named(`target/${index}`, targetDigest(target)))
      : []),
    ...documents.map((digest, index) => named(`document/${index}`, digest)),
  ];
  return first === undefined ? [named('log', sha256Hex(Buffer.from(predicate.log, 'utf8')))] : [first, ...rest];
}

function keysOf(predicate: RecordPredicate): Subject[] {
  switch (predicate.kind) {
    case 'registrar':
    case 'enrolment':
      return [named('key', predicate.key.id)];
    case 'rotation':
      return [named('key', predicate.key.id), named('previous-key', predicate.previousKey)];
    case 'approval':
      return [
        named('key', predicate.key),
        ...(predicate.successorOf === undefined ? [] : [named('previous-key', predicate.successorOf)]),
      ];
    case 'revocation':
      return [named('key', predicate.key)];
    case 'pruning':
    case 'erasure':
    case 'legal-hold':
    case 'legal-hold-release':
      return [];
  }
}

function named(name: string, sha256: string): Subject {
  return { name, digest: { sha256 } };
}
