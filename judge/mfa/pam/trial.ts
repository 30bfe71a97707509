/** One subject at one stack: what its modules do, which conditions stay open, and who gets through. */
import { type Handler, resultNumber } from './handler.ts';
import type { PamType } from './load.ts';
import { asksForFactor, behaviour } from './modules.ts';
import {
  type Behaviour,
  type Category,
  categories,
  type Outcome,
  type PamFacts,
  type PamIndex,
  type PamSubject,
  rank,
} from './outcome.ts';
import { type Found, search } from './search.ts';

export type Trial = {
  readonly handlers: readonly Handler[];
  readonly type: PamType;
  readonly facts: PamFacts;
  readonly index: PamIndex;
  readonly subject: PamSubject;
  /** What each module does, by its line's text, for each set of `holders`; many lines are alike. */
  readonly known: Memory;
  /** The same for modules that ask nothing of the service: kept for all services of one account. */
  readonly shared: Memory;
};

export type Memory = Map<string, (Behaviour | undefined)[]>;

type Remembered = { readonly for: string; readonly auth: Memory; readonly account: Memory };

/** What is found of an account is used again for its other services. */
export type Memories = WeakMap<NonNullable<PamSubject['account']>, Remembered>;

export type TrialInput = Pick<Trial, 'handlers' | 'facts' | 'index' | 'subject'> & {
  readonly type: 'auth' | 'account';
  readonly memories: Memories;
};

export function trialOf({ handlers, type, facts, index, subject, memories }: TrialInput): Trial {
  const { account, caller, origin } = subject;
  const circumstances = JSON.stringify([caller?.name, caller !== undefined, origin]);
  let held = account === undefined ? undefined : memories.get(account);
  if (held?.for !== circumstances) held = { for: circumstances, auth: new Map(), account: new Map() };
  if (account !== undefined) memories.set(account, held);
  return { handlers, type, facts, index, subject, known: new Map(), shared: held[type] };
}

function dependsOnService({ name, options }: Handler): boolean {
  return name === 'rootok' || (name === 'succeed_if' && options.some(({ key }) => key.toLowerCase() === 'service'));
}

/** For each module with several cases which one is taken; lines that ask the same thing go together. */
export type Case = ReadonlyMap<string, number>;

const maxCases = 64;

/** Sets of categories as bits in the order of `categories`: cheap to compare and to count with. */
const sets: readonly (readonly Category[])[] = Array.from({ length: 2 ** categories.length }, (_, bits) =>
  categories.filter((_category, at) => ((bits >> at) & 1) === 1),
);
const everything = sets.length - 1;

/** All sets of categories, smaller ones first. */
export const holders: readonly (readonly Category[])[] = sets.toSorted((a, b) => a.length - b.length);

function bitsOf(holds: readonly Category[]): number {
  let bits = 0;
  for (const category of holds) bits |= 1 << categories.indexOf(category);
  return bits;
}

function behaviourOf(
  { facts, index, subject, type, known, shared }: Trial,
  handler: Handler,
  holds: number,
): Behaviour {
  const { key, name, module = '', options } = handler;
  const memory = dependsOnService(handler) ? known : shared;
  const held = memory.get(key) ?? [];
  const bits = asksForFactor(name) ? holds : 0;
  const before = held[bits];
  if (before !== undefined) return before;
  const found = behaviour({ module, type, options, holds: new Set(sets[bits]), subject, facts, index });
  held[bits] = found;
  memory.set(key, held);
  return found;
}

function isUnknown(trial: Trial, handler: Handler): boolean {
  return behaviourOf(trial, handler, 0)[0]?.unknown !== undefined;
}

function inCase(trial: Trial, chosen: Case, handler: Handler, bits: number): Behaviour[number] | undefined {
  const all = behaviourOf(trial, handler, bits);
  const at = chosen.get(handler.key);
  if (at !== undefined) return all[at];
  const unknown = all[0]?.unknown;
  if (unknown === undefined) return all[0];
  const outcomes = all.flatMap((each) => each.outcomes);
  return { when: '', outcomes: outcomes.map(({ result }) => ({ result, certainty: 'perhaps', because: unknown })) };
}

/** Every combination of what stays open; undefined where there are too many. */
export function casesOf(trial: Trial): Case[] | undefined {
  const lines = new Map<string, Handler[]>();
  for (const handler of trial.handlers)
    if (handler.kind === 'module') lines.set(handler.key, [...(lines.get(handler.key)?.slice(0, 64) ?? []), handler]);
  let cases: Map<string, number>[] = [new Map()];
  for (const [key, alike] of lines) {
    const distinct = distinctCases(trial, alike);
    // An unknown module may answer otherwise each time that it is asked; such lines stay open on every way.
    const [first] = alike;
    if (first === undefined || distinct.length === 0) continue;
    if (alike.length > 1 && distinct.length > 1 && isUnknown(trial, first)) continue;
    cases = cases.flatMap((each) => distinct.map((at) => new Map([...each, [key, at]])));
    if (cases.length > maxCases) return undefined;
  }
  return cases;
}

/** Answers of an unknown module that no control of its lines tells apart are one. */
function distinctCases(trial: Trial, lines: readonly Handler[]): number[] {
  const [first] = lines;
  if (first === undefined || behaviourOf(trial, first, 0).length < 2) return [];
  const seen = new Map<string, number>();
  for (const [at, { unknown, outcomes }] of behaviourOf(trial, first, 0).entries()) {
    const does = lines.map(({ actions }) =>
      outcomes.map(({ result }) => `${actions[resultNumber(result)]}${result === 'success' ? '+' : ''}`).join(),
    );
    const mark = unknown === undefined ? `case ${at}` : does.join(' ');
    if (!seen.has(mark)) seen.set(mark, at);
  }
  return [...seen.values()];
}

/** Why nobody knows whether this case is the one. */
export function unknownsOf(trial: Trial, chosen: Case): string[] {
  return [
    ...new Set(
      trial.handlers.flatMap((handler) =>
        handler.kind === 'module' ? (inCase(trial, chosen, handler, 0)?.unknown ?? []) : [],
      ),
    ),
  ];
}

/** Whether a holder of these gets through in this case, with the conditions that were met on any way. */
export function tryWith(trial: Trial, chosen: Case, holds: readonly Category[]): Found & { readonly when: string[] } {
  const when = new Set<string>();
  const bits = bitsOf(holds);
  const found = search(trial.handlers, (at): readonly Outcome[] => {
    const handler = trial.handlers[at];
    const each = handler === undefined ? undefined : inCase(trial, chosen, handler, bits);
    if (each !== undefined && each.unknown === undefined && each.when !== '') when.add(each.when);
    return each?.outcomes ?? [];
  });
  return { ...found, when: [...when] };
}

/** How surely the module of this line succeeds for a holder of these: 0 is sure, 3 never. */
function successRank(trial: Trial, chosen: Case, handler: Handler, bits: number): number {
  let best = 3;
  for (const { result, certainty } of inCase(trial, chosen, handler, bits)?.outcomes ?? [])
    if (result === 'success') best = Math.min(best, rank(certainty));
  return best;
}

/** Categories that some module of the stack takes; nobody needs others. */
export function categoriesAsked(trial: Trial, chosen: Case): Set<Category> {
  const asked = new Set<Category>();
  const seen = new Set<string>();
  for (const handler of trial.handlers) {
    if (handler.kind !== 'module' || seen.has(handler.key)) continue;
    seen.add(handler.key);
    if (!asksForFactor(handler.name)) continue;
    const ranks = sets.map((_set, bits) => successRank(trial, chosen, handler, bits));
    if (ranks[0] === ranks[everything]) continue;
    for (const [at, category] of categories.entries())
      if (ranks.some((without, bits) => (ranks[bits | (1 << at)] ?? 3) < without)) asked.add(category);
  }
  return asked;
}

/** The lines, among those that were reached, whose factor this holder lacks. */
export function stopsOf(trial: Trial, chosen: Case, { reached }: Found, holds: readonly Category[]): string[] {
  const bits = bitsOf(holds);
  const stops: string[] = [];
  for (const at of [...reached].toSorted((a, b) => a - b)) {
    const handler = trial.handlers[at];
    if (handler === undefined || handler.kind === 'unknown' || stops.length >= 16) continue;
    const lacks =
      handler.kind === 'must-fail' ||
      successRank(trial, chosen, handler, bits) > successRank(trial, chosen, handler, everything);
    if (lacks) stops.push(`${handler.file}:${handler.line} ${handler.module ?? handler.reason ?? ''}`);
  }
  return stops;
}
