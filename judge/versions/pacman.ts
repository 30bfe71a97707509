/**
 * Compares versions of pacman packages as vercmp(8) does (libalpm, version.c): epoch, version, release. The
 * parent of this algorithm is rpm's of 2008: no `~` and no `^`, and a longer separator makes a version newer.
 */

/** -1 where `a` is older than `b`; 0 where pacman takes them for equal; 1 where it is newer. Without a release on one side, releases do not count. */
export function comparePacmanVersions(a: string, b: string): -1 | 0 | 1 {
  const left = split(a);
  const right = split(b);
  const order = compareParts(left.epoch, right.epoch) || compareParts(left.version, right.version);
  if (order !== 0 || left.release === undefined || right.release === undefined) return order;
  return compareParts(left.release, right.release);
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

function compareParts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = i + separators(a, i);
    const right = j + separators(b, j);
    const gap = left - i - (right - j);
    i = left;
    j = right;
    if (i >= a.length || j >= b.length) break;
    if (gap !== 0) return gap < 0 ? -1 : 1;
    const kind = /[0-9]/.test(a[i] ?? '') ? /^[0-9]+/ : /^[A-Za-z]+/;
    const one = kind.exec(a.slice(i))?.[0] ?? '';
    const two = kind.exec(b.slice(j))?.[0] ?? '';
    const isNumber = kind.source.includes('0');
    // Digits are newer than letters.
    if (two === '') return isNumber ? 1 : -1;
    const order = isNumber ? compareNumbers(one, two) : compareText(one, two);
    if (order !== 0) return order;
    i += one.length;
    j += two.length;
  }
  if (i >= a.length && j >= b.length) return 0;
  // Letters that are left over are older than nothing: 1.0rc1 comes before 1.0.
  const isOlder = (i >= a.length && !/[A-Za-z]/.test(b[j] ?? '')) || /[A-Za-z]/.test(a[i] ?? '');
  return isOlder ? -1 : 1;
}

function separators(text: string, from: number): number {
  return /^[^0-9A-Za-z]*/.exec(text.slice(from))?.[0].length ?? 0;
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
