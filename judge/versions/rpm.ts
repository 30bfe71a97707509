/**
 * Compares versions of rpm packages as rpm does (rpm-version(7), rpmvercmp.c): epoch, version, release, each
 * in stretches of digits and of letters. `~` sorts before everything, even the end; `^` after the end and
 * before everything else. Never compare them as text: `1.10` is newer than `1.9`.
 */

/** -1 where `a` is older than `b`; 0 where rpm takes them for equal; 1 where it is newer. A version without a release is older than the same with one. */
export function compareRpmVersions(a: string, b: string): -1 | 0 | 1 {
  const left = split(a);
  const right = split(b);
  const order = compareRpmParts(left.epoch, right.epoch) || compareRpmParts(left.version, right.version);
  if (order !== 0 || left.release === right.release) return order;
  if (left.release === undefined) return -1;
  return right.release === undefined ? 1 : compareRpmParts(left.release, right.release);
}

function split(evr: string): { epoch: string; version: string; release: string | undefined } {
  const colon = /^[0-9]*:/.exec(evr)?.[0].length ?? 0;
  const rest = evr.slice(colon);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: evr.slice(0, Math.max(0, colon - 1)) || '0',
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? undefined : rest.slice(dash + 1),
  };
}

/** rpmvercmp itself, on a version or a release alone. */
export function compareRpmParts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    i = skipSeparators(a, i);
    j = skipSeparators(b, j);
    const mark = compareMarks(a[i], b[j]);
    if (mark === 'both') {
      i += 1;
      j += 1;
      continue;
    }
    if (mark !== undefined) return mark;
    if (i >= a.length || j >= b.length) break;
    const kind = digits.test(a[i] ?? '') ? digits : letters;
    const left = stretch(a, i, kind);
    const right = stretch(b, j, kind);
    // Digits are newer than letters.
    if (right === '') return kind === digits ? 1 : -1;
    const order = kind === digits ? compareNumbers(left, right) : compareText(left, right);
    if (order !== 0) return order;
    i += left.length;
    j += right.length;
  }
  if (i >= a.length && j >= b.length) return 0;
  return i < a.length ? 1 : -1;
}

const digits = /[0-9]/;
const letters = /[A-Za-z]/;

function skipSeparators(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[0-9A-Za-z~^]/.test(text[at] ?? '')) at += 1;
  return at;
}

/** What `~` and `^` decide; `both` where the same mark stands on both sides, undefined where there is none. */
function compareMarks(a: string | undefined, b: string | undefined): -1 | 1 | 'both' | undefined {
  if (a === '~' || b === '~') return a === b ? 'both' : a === '~' ? -1 : 1;
  if (a !== '^' && b !== '^') return undefined;
  if (a === b) return 'both';
  // The end is older than a caret, everything else newer.
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return a === '^' ? -1 : 1;
}

function stretch(text: string, from: number, kind: RegExp): string {
  let end = from;
  while (end < text.length && kind.test(text[end] ?? '')) end += 1;
  return text.slice(from, end);
}

function compareNumbers(a: string, b: string): -1 | 0 | 1 {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return compareText(left, right);
}

function compareText(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
