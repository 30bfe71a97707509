import type { SigstoreBundle, Statement } from '../schemas/generated/types.ts';
import { statement as isStatement } from '../schemas/generated/validators.js';
import { payloadOf, signPayload, verifySignature } from './envelope.ts';
import { ok, type Result, refuse } from './result.ts';
import type { Signer, VerificationKey } from './signing-key.ts';
import { coherent } from './statement.ts';
import { validated } from './validate.ts';

export { bundleDigest, bundleSignature, payloadBytes } from './envelope.ts';

function checkedStatement(value: unknown): Result<Statement> {
  const statement = validated(isStatement, value, 'statement');
  return statement.ok ? coherent(statement.value) : statement;
}

/**
 * Signs a statement: a Sigstore bundle v0.3 with a self-managed key, and its one digest.
 * Throws TypeError on a statement that nobody would accept (schema, order, chain, another key's id),
 * because a signature cannot be taken back.
 */
export function signStatement(statement: Statement, signer: Signer): { bundle: SigstoreBundle; digest: string } {
  const checked = checkedStatement(statement);
  if (!checked.ok) throw new TypeError(`cannot sign: ${checked.refusal.message}`);
  if (statement.predicate.key.id !== signer.keyId) throw new TypeError('cannot sign: the statement names another key');
  return signPayload(statement, signer);
}

/**
 * The statement of a bundle, once it is proved to come from the key and to be in canonical form.
 * Refuses with `key-mismatch`, `signature-not-canonical`, `signature-invalid`,
 * `payload-not-canonical`, and as `parseStrictJson` and `validated` do. Nothing of the payload is
 * read before its signature is proved.
 */
export function openBundle(
  bundle: SigstoreBundle,
  key: VerificationKey,
): Result<{ statement: Statement; digest: string }> {
  const digest = verifySignature(bundle, key);
  if (!digest.ok) return digest;
  const statement = statementOf(bundle);
  if (!statement.ok) return statement;
  if (statement.value.predicate.key.id !== key.keyId)
    return refuse('key-mismatch', 'the statement names another key than the one that signed it', {
      pointer: '/predicate/key/id',
    });
  return ok({ statement: statement.value, digest: digest.value });
}

/** The statement of a bundle as it stands there, by whomever: nothing of the signature is proved. */
export function statementOf(bundle: SigstoreBundle): Result<Statement> {
  const payload = payloadOf(bundle);
  return payload.ok ? checkedStatement(payload.value) : payload;
}
