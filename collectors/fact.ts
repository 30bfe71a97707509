/** How facts are made. A parser's failure and a missing answer end as a fact too, never as a value. */
import type { Answer, Miss } from '../agent/host/host.ts';
import type { Fact, Unseen } from '../schemas/generated/types.ts';

/** What a pure parser returns: a value, or why the text cannot be used (`reason` in kebab-case). */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string; readonly detail?: string };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** `detail` must not quote the input where that could carry a secret. */
export function unparsed(reason: string, detail?: string): Parsed<never> {
  return detail === undefined
    ? { ok: false, reason }
    : { ok: false, reason, detail: detail.slice(0, 400).toWellFormed() };
}

export function observed<T>(value: T, ...sources: readonly string[]): Fact<T> {
  return { status: 'observed', value, sources: [...new Set(sources)] };
}

export function unseen(status: Unseen['status'], reason: string, sources: readonly string[], detail?: string): Unseen {
  const fact: Unseen = { status, reason, sources: [...new Set(sources)] };
  return detail === undefined ? fact : { ...fact, detail: detail.slice(0, 400).toWellFormed() };
}

/** The fact that an access gave nothing; further sources were consulted too, without help. */
export function missed(miss: Miss, ...others: readonly string[]): Unseen {
  return unseen(miss.status, miss.reason, [miss.source, ...others], miss.detail);
}

/** Reads an answer through a parser. A truncated text is refused by the parser's caller, not here. */
export function fromAnswer<A, T>(answer: Answer<A>, parse: (value: A) => Parsed<T>): Fact<T> {
  if (answer.status !== 'observed') return missed(answer);
  const result = parse(answer.value);
  return result.ok
    ? observed(result.value, answer.source)
    : unseen('failed', result.reason, [answer.source], result.detail);
}

/** The value of an observed fact, through a function; every other fact as it is. */
export function mapFact<A, B>(fact: Fact<A>, map: (value: A) => B): Fact<B> {
  if (fact.status !== 'observed') return fact;
  const { answers: _answers, ...rest } = fact;
  return { ...rest, value: map(fact.value) };
}
