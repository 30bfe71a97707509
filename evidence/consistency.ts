/** Whether what several receipts say of one log goes together: a log that shows two faces is caught where they meet. */
import { decodeBase64 } from './base64.ts';
import { verifyConsistency } from './merkle.ts';
import { ok, type Result, refuse } from './result.ts';

/** A tree that a checkpoint signed. */
export type TreeSeen = { readonly size: number; readonly root: Uint8Array };

/** That the tree of `to` leaves continues that of `from` leaves (RFC 9162 section 2.1.4). */
export type ConsistencyProof = { readonly from: number; readonly to: number; readonly hashes: readonly Uint8Array[] };

/**
 * one: every checkpoint is over the same tree. proved: each tree continues the smaller one before it. unchecked: no proof
 * was given for these neighbours. contradicted: two roots of one size, or a proof that does not hold.
 */
export type Consistency =
  | { readonly kind: 'one'; readonly sizes: readonly number[] }
  | { readonly kind: 'proved'; readonly sizes: readonly number[] }
  | {
      readonly kind: 'unchecked';
      readonly sizes: readonly number[];
      readonly missing: readonly { readonly from: number; readonly to: number }[];
    }
  | { readonly kind: 'contradicted'; readonly from: number; readonly to: number };

/** Answers of `/v1/log/consistency`, one a line. Refuses with `consistency-invalid`. */
export function parseConsistencyProofs(text: string): Result<ConsistencyProof[]> {
  const proofs: ConsistencyProof[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const proof = parseProof(line);
    if (proof === undefined)
      return refuse('consistency-invalid', 'a consistency proof is {"from":…,"to":…,"hashes":[…]}, one a line', {
        remedy: 'save what the endpoint answers to /v1/log/consistency?from=3&to=10',
      });
    proofs.push(proof);
  }
  return ok(proofs);
}

function parseProof(line: string): ConsistencyProof | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { from, to, hashes }: { from?: unknown; to?: unknown; hashes?: unknown } = value;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || !Array.isArray(hashes)) return undefined;
  const decoded = hashes.map((hash: unknown) => (typeof hash === 'string' ? decodeBase64(hash) : undefined));
  return decoded.includes(undefined)
    ? undefined
    : { from: Number(from), to: Number(to), hashes: decoded.filter((hash) => hash !== undefined) };
}

/** Of one log; in any order. */
export function judgeConsistency(seen: readonly TreeSeen[], proofs: readonly ConsistencyProof[]): Consistency {
  const roots = new Map<number, Uint8Array>();
  for (const { size, root } of seen) {
    const known = roots.get(size);
    if (known !== undefined && !Buffer.from(known).equals(root)) return { kind: 'contradicted', from: size, to: size };
    roots.set(size, root);
  }
  const trees = [...roots].toSorted(([one], [other]) => one - other);
  const missing: { from: number; to: number }[] = [];
  for (const [place, [to, root]] of trees.entries()) {
    const [from, before] = trees[place - 1] ?? [];
    if (from === undefined || before === undefined) continue;
    const given = proofs.filter((proof) => proof.from === from && proof.to === to);
    if (given.length === 0) missing.push({ from, to });
    else if (!given.some(({ hashes }) => verifyConsistency(from, to, hashes, before, root)))
      return { kind: 'contradicted', from, to };
  }
  const sizes = trees.map(([size]) => size);
  if (sizes.length < 2) return { kind: 'one', sizes };
  return missing.length === 0 ? { kind: 'proved', sizes } : { kind: 'unchecked', sizes, missing };
}
