/** What an answer means. Nothing that is not proved to come from the endpoint moves a pack out of the spool. */
import { createPublicKey } from 'node:crypto';
import { decodeBase64 } from '../../evidence/base64.ts';
import type { LogVerifier } from '../../evidence/checkpoint.ts';
import { type LogPlace, verifyReceipt } from '../../evidence/receipt.ts';
import { isSignedRejection } from '../../evidence/rejection.ts';
import type { Result } from '../../evidence/result.ts';
import { type VerificationKey, verificationKeyFromPem } from '../../evidence/signing-key.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { validated } from '../../evidence/validate.ts';
import type { Problem, Receipt, SigstoreBundle } from '../../schemas/generated/types.ts';
import { problem as isProblem, receipt as isReceipt } from '../../schemas/generated/validators.js';
import type { Reply } from './transport.ts';

/** What was sent, and whose signatures count. */
export type Expected = {
  readonly digest: string;
  readonly bundle: SigstoreBundle;
  readonly keyId: string;
  readonly key: VerificationKey | undefined;
  readonly log: LogVerifier;
};

export type Verdict =
  | { readonly kind: 'receipt'; readonly receipt: Receipt; readonly place: LogPlace; readonly repeated: boolean }
  /** Another bundle has the place; this one is kept too, here is its receipt. */
  | { readonly kind: 'forked'; readonly existing: string; readonly receipt: Receipt; readonly place: LogPlace }
  | { readonly kind: 'documents-missing'; readonly missing: readonly string[] }
  /** Refused for good, signed by the log's key. `reason` is a code in kebab-case. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly detail: string }
  /** The endpoint does not take this key: a person must act. */
  | { readonly kind: 'key-refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'later'; readonly message: string }
  /** A receipt that proves nothing. */
  | { readonly kind: 'receipt-refused'; readonly message: string }
  /** Not an answer of the contract: something in between, or another program. */
  | { readonly kind: 'not-understood'; readonly message: string };

const receiptType = 'application/vnd.affiant.receipt.v1+json';
const problemType = 'application/problem+json';
const limits = { maxBytes: 1024 * 1024, maxDepth: 16 };

export function judgeReply(reply: Reply, expected: Expected): Verdict {
  const { status } = reply;
  if (status === 200 || status === 201) return judgeReceipt(reply, expected);
  if (status >= 300 && status < 400)
    return notUnderstood(`the address leads elsewhere (status ${status}), and redirects are not followed`);
  if (status === 429 || status === 408 || status === 425 || status >= 500)
    return { kind: 'later', message: `the endpoint asks to come back later (status ${status})` };
  const problem = problemOf(reply);
  if (problem === undefined)
    return notUnderstood(`status ${status} with ${typeName(reply)}, which is not how the endpoint answers`);
  const code = problem.type.replace(/^urn:affiant:problem:/, '');
  if (status === 401 || status === 403) return { kind: 'key-refused', code, message: problem.title };
  if (status === 424 && problem.missing !== undefined && problem.missing.length > 0)
    return { kind: 'documents-missing', missing: problem.missing };
  if (status !== 409 && status !== 413 && status !== 422)
    return notUnderstood(`the endpoint says: ${problem.title} (status ${status})`);
  // Only the log's key, and only about this very bundle: a recorded or forged rejection moves nothing.
  if (problem.status !== status || problem.bundle !== expected.digest || !isSignedRejection(problem, expected.log))
    return notUnderstood(
      `status ${status} without a rejection of this bundle that the endpoint signed: ${problem.title}`,
    );
  if (status === 409) return judgeFork(problem, reply, expected);
  return { kind: 'rejected', reason: code, detail: problem.detail ?? problem.title };
}

function judgeReceipt(reply: Reply, expected: Expected): Verdict {
  if (!hasType(reply, receiptType))
    return notUnderstood(
      `status ${reply.status} with ${typeName(reply)} instead of a receipt: something else answers at this address`,
    );
  const parsed = parseStrictJson(reply.body, limits);
  const receipt = parsed.ok ? validated(isReceipt, parsed.value, 'receipt') : parsed;
  if (!receipt.ok) return notUnderstood(`the receipt cannot be read: ${receipt.refusal.message}`);
  const place = placeOf(receipt.value, reply, expected);
  if (!place.ok) return { kind: 'receipt-refused', message: place.refusal.message };
  return { kind: 'receipt', receipt: receipt.value, place: place.value, repeated: reply.status === 200 };
}

function judgeFork(problem: Problem, reply: Reply, expected: Expected): Verdict {
  const { existing, receipt } = problem;
  if (existing === undefined || receipt === undefined)
    return notUnderstood('a fork without the receipt of this bundle');
  const place = placeOf(receipt, reply, expected);
  if (!place.ok) return { kind: 'receipt-refused', message: place.refusal.message };
  return { kind: 'forked', existing, receipt, place: place.value };
}

function placeOf(receipt: Receipt, reply: Reply, { bundle, key, keyId, log }: Expected): Result<LogPlace> {
  const known = key ?? keyOfHeader(reply, keyId);
  if (known === undefined)
    return {
      ok: false,
      refusal: { code: 'key-unknown', message: `the receipt cannot be checked without the public key ${keyId}` },
    };
  return verifyReceipt(receipt, bundle, known, log);
}

/** A key may come from anybody: its id is the digest of its bytes. */
function keyOfHeader({ headers }: Reply, keyId: string): VerificationKey | undefined {
  const der = decodeBase64(headers['affiant-public-key'] ?? '');
  if (der === undefined || der.length === 0) return undefined;
  try {
    const pem = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }).export({
      type: 'spki',
      format: 'pem',
    });
    const key = verificationKeyFromPem(pem.toString());
    return key.ok && key.value.keyId === keyId ? key.value : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(reply: Reply): Problem | undefined {
  if (!hasType(reply, problemType)) return undefined;
  const parsed = parseStrictJson(reply.body, limits);
  return parsed.ok && isProblem(parsed.value) ? parsed.value : undefined;
}

function hasType({ headers }: Reply, type: string): boolean {
  return (
    headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === type &&
    (headers['content-encoding'] ?? 'identity') === 'identity'
  );
}

function typeName({ headers }: Reply): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'content of no type';
}

function notUnderstood(message: string): Verdict {
  return { kind: 'not-understood', message };
}
