import { ok, type Result, refuse } from '../../evidence/result.ts';

export type Page<After> = { readonly after: After | undefined; readonly limit: number };

const maxLimit = 1000;
const defaultLimit = 100;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** Refuses with `bad-query` what is not asked as the contract says; a misspelt parameter is never passed over. */
export function checkNames(query: URLSearchParams, names: readonly string[]): Result<undefined> {
  for (const name of new Set(query.keys())) {
    if (!names.includes(name)) return bad(`the parameter ${/^[a-z]{1,32}$/.test(name) ? name : '?'} is not known here`);
    if (query.getAll(name).length > 1) return bad(`the parameter ${name} stands twice`);
  }
  return ok(undefined);
}

export function readLimit(query: URLSearchParams): Result<number> {
  const given = query.get('limit');
  if (given === null) return ok(defaultLimit);
  const limit = Number(given);
  return /^[0-9]{1,4}$/.test(given) && limit >= 1 && limit <= maxLimit
    ? ok(limit)
    : bad(`limit is a whole number from 1 to ${maxLimit}`);
}

/** A place in a list that is counted. */
export function readAfter(query: URLSearchParams): Result<number | undefined> {
  const given = query.get('after');
  if (given === null) return ok(undefined);
  return /^[0-9]{1,15}$/.test(given) ? ok(Number(given)) : bad('after is what an earlier answer gave as next');
}

/** An instant in the form that the store compares. */
export function readInstant(query: URLSearchParams, name: string): Result<string | undefined> {
  const given = query.get(name);
  if (given === null) return ok(undefined);
  const at = new Date(given);
  return instant.test(given) && !Number.isNaN(at.getTime())
    ? ok(at.toISOString())
    : bad(`${name} is an instant such as 2026-01-02T03:04:05Z`);
}

function bad(message: string): Result<never> {
  return refuse('bad-query', message);
}
