/**
 * The words in which the judge answers whether a second factor is needed, and how single ways in are
 * weighed into one answer. Registered is not required, and what is not known never counts as required.
 */

import type { Requirement } from './pam/judge-pam.ts';
import type { Category } from './pam/outcome.ts';

export type { Requirement } from './pam/judge-pam.ts';

/** What a person proves with: something known, held, or of the body (NIST SP 800-63B section 4). */
export type Factor = Category;

/** One way by which someone gets in: what it takes, and the steps in order. */
export type Success = {
  /** Categories that must be proved; none means that anybody gets in. */
  readonly factors: readonly Factor[];
  /** The steps, in the words of the configuration: the witness. */
  readonly steps: readonly string[];
  /** Set where it only succeeds through a weakness that can be closed without changing the design. */
  readonly bypass?: string;
  /** With `bypass`: not open yet; somebody who is in already can open it. Alone it is no way in. */
  readonly latent?: true;
  /** The circumstance in which it succeeds, where it does not always: who, from where, at what time. */
  readonly when?: string;
  /** Why it is not known whether this way succeeds, or with how little. */
  readonly unknown?: string;
  /** True where every factor in it is bound to the server that asks: FIDO2 with verification, a smart card. */
  readonly phishingResistant?: true;
};

/** The answer for one way in and one account. */
export type Judged = {
  readonly requirement: Requirement;
  /** The steps by which someone gets in with the least, or what shows that every success needs two. */
  readonly witness: readonly string[];
  /** Categories of the weakest success; missing where there is none or it is not known. */
  readonly factors?: readonly Factor[];
  readonly bypasses: readonly string[];
  readonly unknowns: readonly string[];
  /** Whether every success resists phishing. */
  readonly phishingResistant: boolean;
};

/** Worst first: what opens most stands before what is not known, and that before what closes. */
const order: readonly Requirement[] = [
  'notRequired',
  'optional',
  'conditional',
  'undetermined',
  'requiredWithBypass',
  'required',
  'pathDisabled',
];

/** The worse of several; `pathDisabled` where there are none. */
export function worstOf(requirements: readonly Requirement[]): Requirement {
  return order.find((each) => requirements.includes(each)) ?? 'pathDisabled';
}

/** Whether the answer may be counted as a second factor that is really required. */
export function countsAsRequired(requirement: Requirement): boolean {
  return requirement === 'required' || requirement === 'pathDisabled';
}

export function categories(success: Pick<Success, 'factors'>): number {
  return new Set(success.factors).size;
}

/** Weighs all successes of one way. `closed` says why there are none. */
export function weigh(successes: readonly Success[], closed: string): Judged {
  const known = successes.filter(({ unknown }) => unknown === undefined);
  const unknowns = unique(successes.map(({ unknown }) => unknown));
  const bypasses = unique(known.map(({ bypass }) => bypass));
  const plain = known.filter(({ bypass }) => bypass === undefined);
  const weak = plain.filter((success) => categories(success) < 2);
  const strong = plain.filter((success) => categories(success) >= 2);
  const detoured = known.filter((success) => success.bypass !== undefined && categories(success) < 2);
  const facts = { bypasses, unknowns, phishingResistant: resists(successes) };
  const [weakest] = weak.toSorted(fewerFirst);
  if (weakest !== undefined) {
    const always = weak.some(({ when }) => when === undefined);
    const requirement = strong.length === 0 ? 'notRequired' : always ? 'optional' : 'conditional';
    return { requirement, ...shown(weakest), ...facts };
  }
  const [doubtful] = successes
    .filter((success) => success.unknown !== undefined && categories(success) < 2)
    .toSorted(fewerFirst);
  if (doubtful !== undefined) return { requirement: 'undetermined', witness: doubtful.steps, ...facts };
  const [detour] = detoured.filter(({ latent }) => latent !== true || strong.length > 0).toSorted(fewerFirst);
  if (detour !== undefined)
    return { requirement: strong.length > 0 ? 'requiredWithBypass' : 'notRequired', ...shown(detour), ...facts };
  const [best] = strong.toSorted(fewerFirst);
  if (best !== undefined) return { requirement: 'required', ...shown(best), ...facts };
  const [open] = successes.filter(({ latent }) => latent !== true);
  if (open !== undefined) return { requirement: 'undetermined', witness: open.steps, ...facts };
  return { requirement: 'pathDisabled', witness: [closed], ...facts, phishingResistant: false };
}

/** One answer for the same way over several circumstances, such as addresses; each says which it is. */
export function acrossCircumstances(parts: readonly { readonly of: string; readonly judged: Judged }[]): Judged {
  const [first, ...others] = parts;
  if (first === undefined) return undetermined('no circumstance of this way was seen');
  const open = parts.filter(({ judged }) => judged.requirement !== 'pathDisabled');
  const kinds = new Set(open.map(({ judged }) => judged.requirement));
  const worst =
    parts.find(({ judged }) => judged.requirement === worstOf(parts.map((part) => part.judged.requirement))) ?? first;
  if (others.length === 0 || kinds.size <= 1) return { ...worst.judged, ...together(parts) };
  const weak = worst.judged.requirement === 'notRequired' || worst.judged.requirement === 'optional';
  const asked = open.some(({ judged }) => /^(?:required|requiredWithBypass|conditional)$/.test(judged.requirement));
  const requirement = weak && asked ? 'conditional' : worst.judged.requirement;
  return { ...worst.judged, ...together(parts), requirement, witness: [worst.of, ...worst.judged.witness] };
}

function together(
  parts: readonly { readonly judged: Judged }[],
): Pick<Judged, 'bypasses' | 'unknowns' | 'phishingResistant'> {
  const open = parts.filter(({ judged }) => judged.requirement !== 'pathDisabled');
  return {
    bypasses: unique(parts.flatMap(({ judged }) => judged.bypasses)),
    unknowns: unique(parts.flatMap(({ judged }) => judged.unknowns)),
    phishingResistant: open.length > 0 && open.every(({ judged }) => judged.phishingResistant),
  };
}

/** Nothing can be said, and why. */
export function undetermined(why: string): Judged {
  return { requirement: 'undetermined', witness: [why], bypasses: [], unknowns: [why], phishingResistant: false };
}

/** Nobody gets in, and why. */
export function disabled(why: string): Judged {
  return { requirement: 'pathDisabled', witness: [why], bypasses: [], unknowns: [], phishingResistant: false };
}

function shown({ steps, factors, when }: Success): Pick<Judged, 'witness' | 'factors'> {
  return {
    witness: when === undefined ? steps : [`where ${when}`, ...steps],
    factors: [...new Set(factors)].toSorted(),
  };
}

function resists(successes: readonly Success[]): boolean {
  return successes.length > 0 && successes.every((success) => success.phishingResistant === true);
}

function fewerFirst(left: Success, right: Success): number {
  return categories(left) - categories(right) || left.steps.length - right.steps.length;
}

function unique(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}
