/** The summary of a sweep: which servers were collected, with the digest of each bundle, and which were not, and why. */
import type { SigstoreBundle, SweepPredicate, SweepStatement } from '../schemas/generated/types.ts';
import { sweep as isSweep } from '../schemas/generated/validators.js';
import { canonicalBytes } from './canonical-json.ts';
import { sha256Hex } from './digest.ts';
import { payloadOf, signPayload, verifySignature } from './envelope.ts';
import { ok, type Result, refuse } from './result.ts';
import { decodeSigned, encodeSigned, type Signed, sweepMediaType } from './signed-file.ts';
import { type Signer, type VerificationKey, verificationKeyOf } from './signing-key.ts';
import { validated } from './validate.ts';

/** The file of the signed summary. Throws TypeError on one that nobody would accept. */
export function encodeSweep(predicate: SweepPredicate, signer: Signer): Uint8Array {
  const statement = checked({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subjectOf(predicate)],
    predicateType: 'urn:affiant:predicate:sweep:1',
    predicate,
  });
  if (!statement.ok)
    throw new TypeError(`cannot sign: ${statement.refusal.message} ${statement.refusal.pointer ?? ''}`);
  if (predicate.key.id !== signer.keyId) throw new TypeError('cannot sign: the summary names another key');
  const { bundle } = signPayload(statement.value, signer);
  return encodeSigned(sweepMediaType, { bundle, key: verificationKeyOf(signer) });
}

/** Reads the file, and proves it by the key that it brings along: whose that is, the caller must know. */
export function decodeSweep(bytes: Uint8Array): Result<Signed & { readonly predicate: SweepPredicate }> {
  const file = decodeSigned(bytes, sweepMediaType);
  if (!file.ok) return file;
  const opened = openSweep(file.value.bundle, file.value.key);
  return opened.ok ? ok({ ...file.value, predicate: opened.value }) : opened;
}

function openSweep(bundle: SigstoreBundle, key: VerificationKey): Result<SweepPredicate> {
  const proved = verifySignature(bundle, key);
  if (!proved.ok) return proved;
  const payload = payloadOf(bundle);
  const statement = payload.ok ? checked(payload.value) : payload;
  if (!statement.ok) return statement;
  const { predicate } = statement.value;
  return predicate.key.id === key.keyId
    ? ok(predicate)
    : refuse('key-mismatch', 'the summary names another key than the one that signed it', {
        pointer: '/predicate/key/id',
      });
}

function checked(value: unknown): Result<SweepStatement> {
  const statement = validated(isSweep, value, 'sweep');
  if (!statement.ok) return statement;
  const { predicate, subject } = statement.value;
  if (subject[0]?.digest.sha256 !== subjectOf(predicate).digest.sha256)
    return refuse('sweep-incoherent', 'the subject is not the list of servers', { pointer: '/subject' });
  const names = predicate.hosts.map(({ name }) => name);
  if (names.some((name, index) => index > 0 && !((names[index - 1] ?? '') < name)))
    return refuse('sweep-incoherent', 'the servers are not in order of name, each once', {
      pointer: '/predicate/hosts',
    });
  const whole = predicate.hosts.every(
    ({ outcome, bundle, pack, target }) =>
      (outcome === 'collected') === (bundle !== undefined && pack !== undefined && target !== undefined),
  );
  return whole
    ? statement
    : refuse('sweep-incoherent', 'a server was collected just where it has a bundle', { pointer: '/predicate/hosts' });
}

function subjectOf({ hosts }: SweepPredicate): { name: 'hosts'; digest: { sha256: string } } {
  return { name: 'hosts', digest: { sha256: sha256Hex(canonicalBytes(hosts)) } };
}
