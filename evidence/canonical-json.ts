/**
 * RFC 8785, the JSON Canonicalization Scheme. ECMAScript's own number and string forms are the ones
 * that the RFC demands, so what is left to do is order, well-formedness and refusing what JSON has
 * no word for. Our own thirty lines rather than a package: those drop undefined members and call
 * `toJSON` in silence, and what is signed must be what was meant.
 */

/** Deeper than any document may be (64); beyond it the value is circular or hostile. */
const defaultMaxDepth = 256;

/** Most strings: printable ASCII without quotation mark and backslash stands as it is. */
const plain = /^[ !#-[\]-~]*$/;

function stringText(value: string): string {
  if (plain.test(value)) return `"${value}"`;
  if (!value.isWellFormed())
    throw new TypeError('canonical JSON has no lone surrogates: text that is not UTF-8 is written as its bytes');
  return JSON.stringify(value);
}

function textOf(value: unknown, depth: number, maxDepth: number): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError('canonical JSON has no NaN or Infinity');
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value !== 'object') throw new TypeError(`canonical JSON has no ${typeof value}`);
  if (depth >= maxDepth) throw new TypeError('the value is circular or nested too deeply for canonical JSON');
  return Array.isArray(value) ? arrayText(value, depth, maxDepth) : objectText(value, depth, maxDepth);
}

function arrayText(items: readonly unknown[], depth: number, maxDepth: number): string {
  let text = '';
  // for…of visits holes too, as undefined, which is refused.
  for (const item of items) text += `${text === '' ? '' : ','}${textOf(item, depth + 1, maxDepth)}`;
  return `[${text}]`;
}

function objectText(value: object, depth: number, maxDepth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('canonical JSON has plain objects and arrays only');
  const members = value as Readonly<Record<string, unknown>>;
  let text = '';
  // toSorted() without a comparator orders by UTF-16 code units, as RFC 8785 section 3.2.3 demands.
  for (const name of Object.keys(members).toSorted())
    text += `${text === '' ? '' : ','}${stringText(name)}:${textOf(members[name], depth + 1, maxDepth)}`;
  return `{${text}}`;
}

/**
 * The canonical text of a JSON value: the same value always gives the same text.
 * Throws TypeError on lone surrogates, NaN, Infinity, undefined, bigint, functions, symbols, class
 * instances and nesting beyond `maxDepth`, 256 unless told.
 */
export function canonicalText(value: unknown, maxDepth = defaultMaxDepth): string {
  return textOf(value, 0, maxDepth);
}

/** The canonical text as UTF-8; throws as `canonicalText` does. */
export function canonicalBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalText(value), 'utf8');
}
