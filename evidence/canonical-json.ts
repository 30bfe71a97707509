/**
 * RFC 8785, the JSON Canonicalization Scheme. ECMAScript's own number and string forms are the ones
 * that the RFC demands, so what is left to do is order, well-formedness and refusing what JSON has
 * no word for. Our own lines rather than a package: those drop undefined members and call
 * `toJSON` in silence, and what is signed must be what was meant.
 *
 * The engine writes several times as fast as code that joins strings, so a value is first put in order and then
 * written by `JSON.stringify` at one go. What that would write otherwise is written piece by piece.
 */

/** Deeper than any document may be (64); beyond it the value is circular or hostile. */
const defaultMaxDepth = 256;

type Members = Readonly<Record<string, unknown>>;

function refused(value: unknown): TypeError {
  return new TypeError(
    typeof value === 'number' ? 'canonical JSON has no NaN or Infinity' : `canonical JSON has no ${typeof value}`,
  );
}

/** Whether it is an array or a plain object; throws on what JSON has no word for. */
function isNested(value: unknown): value is object {
  if (typeof value === 'object') return value !== null;
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return false;
  throw refused(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function checkNested(value: object, depth: number, maxDepth: number): void {
  if (depth >= maxDepth) throw new TypeError('the value is circular or nested too deeply for canonical JSON');
  if (!Array.isArray(value) && !isPlain(value)) throw new TypeError('canonical JSON has plain objects and arrays only');
}

/** Thrown and caught here alone: the value has members that an object of the engine cannot hold in that order. */
class WrittenByPieces extends Error {}

/** An array index stands before all other names in an object, by its number. */
const arrayIndex = /^\d+$/;

/** The same value with its members in order: itself, where it is so already. */
function ordered(value: object, depth: number, maxDepth: number): object {
  checkNested(value, depth, maxDepth);
  return Array.isArray(value) ? orderedArray(value, depth, maxDepth) : orderedObject(value as Members, depth, maxDepth);
}

function orderedArray(items: readonly unknown[], depth: number, maxDepth: number): readonly unknown[] {
  if ('toJSON' in items) throw new WrittenByPieces();
  let copy: unknown[] | undefined;
  // By index, so that holes are visited too, as undefined, which is refused.
  for (let at = 0; at < items.length; at += 1) {
    const item = items[at];
    if (!isNested(item)) continue;
    const inOrder = ordered(item, depth + 1, maxDepth);
    if (inOrder !== item) (copy ??= [...items])[at] = inOrder;
  }
  return copy ?? items;
}

function orderedObject(members: Members, depth: number, maxDepth: number): Members {
  let names = Object.keys(members);
  // Indices stand first among an object's names.
  if (names[0] !== undefined && arrayIndex.test(names[0])) throw new WrittenByPieces();
  let same = true;
  for (let at = 1; at < names.length && same; at += 1) same = (names[at - 1] ?? '') < (names[at] ?? '');
  // toSorted() without a comparator orders by UTF-16 code units, as RFC 8785 section 3.2.3 demands.
  if (!same) names = names.toSorted();
  const copy: Record<string, unknown> = {};
  for (const name of names) {
    // It would become the prototype, and no member.
    if (name === '__proto__') throw new WrittenByPieces();
    const member = members[name];
    const inOrder = isNested(member) ? ordered(member, depth + 1, maxDepth) : member;
    copy[name] = inOrder;
    if (inOrder !== member) same = false;
  }
  return same ? members : copy;
}

/** The canonical text of a part of a value. Throws as `canonicalText` does. */
function pieces(value: unknown, depth: number, maxDepth: number): string {
  if (typeof value === 'string' && !value.isWellFormed())
    throw new TypeError('canonical JSON has no lone surrogates: text that is not UTF-8 is written as its bytes');
  if (!isNested(value)) return JSON.stringify(value);
  checkNested(value, depth, maxDepth);
  if (Array.isArray(value))
    return `[${Array.from(value, (item: unknown) => pieces(item, depth + 1, maxDepth)).join(',')}]`;
  const members = value as Members;
  const texts = Object.keys(members)
    .toSorted()
    .map((name) => `${pieces(name, depth, maxDepth)}:${pieces(members[name], depth + 1, maxDepth)}`);
  return `{${texts.join(',')}}`;
}

/**
 * The canonical text of a JSON value: the same value always gives the same text.
 * Throws TypeError on lone surrogates, NaN, Infinity, undefined, bigint, functions, symbols, class
 * instances and nesting beyond `maxDepth`, 256 unless told.
 */
export function canonicalText(value: unknown, maxDepth = defaultMaxDepth): string {
  if (!isNested(value)) return pieces(value, 0, maxDepth);
  try {
    const text = JSON.stringify(ordered(value, 0, maxDepth));
    // The engine writes lone surrogates as escapes; text about escapes looks like one, too.
    return text.includes('\\ud') ? pieces(value, 0, maxDepth) : text;
  } catch (error) {
    if (error instanceof WrittenByPieces) return pieces(value, 0, maxDepth);
    throw error;
  }
}

/** The canonical text as UTF-8; throws as `canonicalText` does. */
export function canonicalBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalText(value), 'utf8');
}
