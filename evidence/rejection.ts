import type { Problem } from '../schemas/generated/types.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { canonicalText } from './canonical-json.ts';
import type { LogSigner, LogVerifier } from './checkpoint.ts';

/** What is signed begins with a line that no checkpoint can begin with: an origin has no spaces. */
function signedText(problem: Problem): string {
  const { signature: _, ...content } = problem;
  return `affiant rejection 1\n${canonicalText(content)}`;
}

/** The problem with the log key's Ed25519 signature over its canonical bytes (schemas/problem.schema.json). */
export function signRejection(problem: Problem, signer: LogSigner): Problem {
  return { ...problem, signature: encodeBase64(signer.signText(signedText(problem))) };
}

/** Whether the log key signed the problem exactly as it stands; false without a signature. */
export function isSignedRejection(problem: Problem, log: LogVerifier): boolean {
  const signature = decodeBase64(problem.signature ?? '');
  return signature?.length === 64 && log.isSigned(signedText(problem), signature);
}
