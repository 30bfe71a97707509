/** Statements of persons: made by hand, signed by a person's key, judged against the evidence later. */

import schema from '../schemas/attestation.schema.json' with { type: 'json' };
import type { AttestationPredicate, AttestationStatement, SigstoreBundle } from '../schemas/generated/types.ts';
import { attestation as isAttestation } from '../schemas/generated/validators.js';
import { canonicalText } from './canonical-json.ts';
import { sha256Hex } from './digest.ts';
import { payloadOf, signPayload, verifySignature } from './envelope.ts';
import { targetDigest } from './record.ts';
import { ok, type Result, refuse } from './result.ts';
import { attestationMediaType, decodeSigned, encodeSigned, type Signed } from './signed-file.ts';
import { type Signer, type VerificationKey, verificationKeyOf } from './signing-key.ts';
import { validated } from './validate.ts';

export type AttestationKind = AttestationPredicate['kind'];
export type AttestationOf<Kind extends AttestationKind> = Extract<AttestationPredicate, { kind: Kind }>;

/** Every kind, in the order of the schema. */
export const attestationKinds = [
  'detection-acknowledged',
  'admins-reviewed',
  'exception',
  'break-glass',
  'incident-aware',
  'plan',
  'claim',
  'withdrawal',
] as const satisfies readonly AttestationKind[];

/** An attestation that was proved to be by its key. */
export type OpenAttestation = {
  readonly predicate: AttestationPredicate;
  readonly statement: AttestationStatement;
  /** The bundle digest. */
  readonly digest: string;
};

const frame = {
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'urn:affiant:predicate:attestation:1',
} as const;

/**
 * Signs an attestation; the key's id is filled in. Refuses, before anything is signed, as `validated` does
 * and with `attestation-incoherent`; pointers lead into the statement.
 */
export function signAttestation(predicate: unknown, signer: Signer): Result<Signed & { readonly digest: string }> {
  const given = typeof predicate === 'object' && predicate !== null ? predicate : {};
  const value = { ...given, key: { id: signer.keyId } };
  const checked = checkedPredicate(value);
  if (!checked.ok) return checked;
  const key = verificationKeyOf(signer);
  return ok({
    ...signPayload({ ...frame, subject: subjectsOf(checked.value), predicate: checked.value }, signer),
    key,
  });
}

type Shape = { readonly required: readonly string[]; readonly properties: Readonly<Record<string, unknown>> };

/** Said by name, since an error of a union speaks of whichever kind it likes. */
function ofItsKind(value: object): Result<undefined> {
  const kind = 'kind' in value ? value.kind : undefined;
  const shape = schema.$defs.attestationPredicate.oneOf.find(({ properties }) => properties.kind.const === kind) as
    | Shape
    | undefined;
  if (shape === undefined)
    return refuse('schema-violation', 'there is no attestation of that kind', { pointer: '/predicate/kind' });
  const missing = shape.required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined)
    return refuse('schema-violation', `this kind of attestation must say ${missing}`, {
      pointer: `/predicate/${missing}`,
    });
  const stranger = Object.keys(value).find((name) => !Object.hasOwn(shape.properties, name));
  return stranger === undefined
    ? ok(undefined)
    : refuse('schema-violation', `this kind of attestation knows no ${stranger}`, {
        pointer: `/predicate/${stranger}`,
      });
}

/** A predicate by itself has no schema of its own: it is judged inside the statement that it would make. */
function checkedPredicate(value: object): Result<AttestationPredicate> {
  const shaped = ofItsKind(value);
  if (!shaped.ok) return shaped;
  const subject = [{ name: 'author', digest: { sha256: '0'.repeat(64) } }];
  const statement = validated(isAttestation, { ...frame, subject, predicate: value }, 'attestation');
  if (!statement.ok) return statement;
  const coherent = coherentPredicate(statement.value.predicate);
  return coherent.ok ? ok(statement.value.predicate) : coherent;
}

/**
 * What an attestation says, once it is proved to be by the key and to be in canonical form. Refuses as
 * `verifySignature`, `payloadOf` and `validated` do, and with `attestation-incoherent`. Whether the key is
 * that of the person, and may sign this kind, is judged by records (standing.ts).
 */
export function openAttestation(bundle: SigstoreBundle, key: VerificationKey): Result<OpenAttestation> {
  const digest = verifySignature(bundle, key);
  if (!digest.ok) return digest;
  const payload = payloadOf(bundle);
  const statement = payload.ok ? validated(isAttestation, payload.value, 'attestation') : payload;
  if (!statement.ok) return statement;
  const { predicate, subject } = statement.value;
  const coherent = coherentPredicate(predicate);
  if (!coherent.ok) return coherent;
  if (canonicalText(subject) !== canonicalText(subjectsOf(predicate)))
    return incoherent('the subjects are not what the attestation is about', '/subject');
  if (predicate.key.id !== key.keyId)
    return refuse('key-mismatch', 'the attestation names another key than the one that signed it', {
      pointer: '/predicate/key/id',
    });
  return ok({ statement: statement.value, predicate, digest: digest.value });
}

/** The bytes of the file of an attestation. */
export function encodeAttestation(signed: Signed): Uint8Array {
  return encodeSigned(attestationMediaType, signed);
}

/** Reads the file and opens what is in it, with the key that it brings along. */
export function decodeAttestation(bytes: Uint8Array): Result<Signed & OpenAttestation> {
  const file = decodeSigned(bytes, attestationMediaType);
  if (!file.ok) return file;
  const opened = openAttestation(file.value.bundle, file.value.key);
  return opened.ok ? ok({ ...file.value, ...opened.value }) : opened;
}

/** What the schema cannot say. */
function coherentPredicate(predicate: AttestationPredicate): Result<undefined> {
  const { madeAt } = predicate;
  if (
    'expiresAt' in predicate &&
    predicate.expiresAt !== undefined &&
    Date.parse(predicate.expiresAt) <= Date.parse(madeAt)
  )
    return incoherent('it expires before it is made', '/predicate/expiresAt');
  switch (predicate.kind) {
    case 'plan':
      return sha256Hex(Buffer.from(predicate.text, 'utf8')) === predicate.digest
        ? ok(undefined)
        : incoherent('the digest is not that of the text', '/predicate/digest');
    case 'incident-aware':
      return Date.parse(predicate.awareAt) <= Date.parse(madeAt)
        ? ok(undefined)
        : incoherent('nobody is aware of anything before it is so', '/predicate/awareAt');
    case 'claim':
      return Date.parse(predicate.asOf) <= Date.parse(madeAt)
        ? ok(undefined)
        : incoherent('a claim of how things are to be is a plan', '/predicate/asOf');
    case 'detection-acknowledged':
      return !('upTo' in predicate.detections) || Date.parse(predicate.detections.upTo) <= Date.parse(madeAt)
        ? ok(undefined)
        : incoherent('what is not yet detected cannot be acknowledged', '/predicate/detections/upTo');
    case 'admins-reviewed':
    case 'exception':
    case 'break-glass':
    case 'withdrawal':
      return ok(undefined);
  }
}

function incoherent(message: string, pointer: string): Result<never> {
  return refuse('attestation-incoherent', message, { pointer });
}

type Subject = AttestationStatement['subject'][number];

function named(name: string, sha256: string): Subject {
  return { name, digest: { sha256 } };
}

/** What an attestation is about follows from what it says, so that it has one form. */
function subjectsOf(predicate: AttestationPredicate): AttestationStatement['subject'] {
  const targets = 'targets' in predicate && Array.isArray(predicate.targets) ? predicate.targets : [];
  const [first, ...rest] = [
    ...thingsOf(predicate),
    ...targets.map((target, index) => named(`target/${index}`, targetDigest(target))),
  ];
  return first === undefined ? [named('author', predicate.key.id)] : [first, ...rest];
}

function thingsOf(predicate: AttestationPredicate): Subject[] {
  switch (predicate.kind) {
    case 'admins-reviewed':
      return predicate.reviewed.map((thing, index) =>
        'bundle' in thing ? named(`bundle/${index}`, thing.bundle) : named(`document/${index}`, thing.document),
      );
    case 'plan':
      return [named('plan', predicate.digest)];
    case 'withdrawal':
      return [named('attestation', predicate.attestation)];
    case 'detection-acknowledged':
    case 'exception':
    case 'break-glass':
    case 'incident-aware':
    case 'claim':
      return [];
  }
}
