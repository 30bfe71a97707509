/** Errors as values at the edges of the house. */

/** Why something was refused: a stable code in kebab-case, a sentence that names the thing, the remedy, where in it. */
export type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  /** RFC 6901 pointer to the part that is wrong. */
  readonly pointer?: string;
};

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(code: string, message: string, more: { remedy?: string; pointer?: string } = {}): Result<never> {
  return { ok: false, refusal: { code, message, ...more } };
}
