/**
 * Compares versions of Alpine packages as apk does (apk-package(5), version.c of apk-tools):
 *
 *     1.2.3b_rc4~f00d-r5     digits.digits letter _suffix number ~commit -r revision
 */

/** Before the release itself in this order, then after it. */
const before = ['alpha', 'beta', 'pre', 'rc'];
const after = ['cvs', 'svn', 'git', 'hg', 'p'];

/** In the order of a version; of two versions that differ in the kind of their next part, the later kind is older. */
const kinds = [
  'initial',
  'digits',
  'letter',
  'suffix',
  'suffix-number',
  'commit',
  'revision',
  'end',
  'invalid',
] as const;
type Part = { readonly kind: (typeof kinds)[number]; readonly text: string };

/** -1 where `a` is older than `b`; 0 where apk takes them for equal; 1 where it is newer. What apk does not take for a version ends there. */
export function compareApkVersions(a: string, b: string): -1 | 0 | 1 {
  const left = partsOf(a);
  const right = partsOf(b);
  for (let at = 0; ; at += 1) {
    const one = left[at] ?? end;
    const two = right[at] ?? end;
    if (one.kind !== two.kind) return compareKinds(one, two);
    if (one.kind === 'end' || one.kind === 'invalid') return 0;
    const order = comparePart(one, two);
    if (order !== 0) return order;
  }
}

const end: Part = { kind: 'end', text: '' };

function partsOf(version: string): Part[] {
  const parts: Part[] = [];
  let rest = version;
  const take = (pattern: RegExp, kind: Part['kind']): boolean => {
    const [whole, text = ''] = pattern.exec(rest) ?? [];
    if (whole === undefined) return false;
    parts.push({ kind, text });
    rest = rest.slice(whole.length);
    return true;
  };
  if (take(/^([0-9]+)/, 'initial')) while (take(/^\.([0-9]+)/, 'digits'));
  if (parts.length > 0) {
    take(/^([a-z])/, 'letter');
    while (take(/^_(alpha|beta|pre|rc|cvs|svn|git|hg|p)(?![a-z])/, 'suffix')) take(/^([0-9]+)/, 'suffix-number');
    take(/^~([0-9a-f]+)/, 'commit');
    take(/^-r([0-9]+)/, 'revision');
  }
  if (rest !== '') parts.push({ kind: 'invalid', text: '' });
  return parts;
}

function comparePart(a: Part, b: Part): -1 | 0 | 1 {
  // Like Gentoo: after the first, a leading zero makes a fraction of a number.
  const isFraction = a.kind === 'digits' && (a.text.startsWith('0') || b.text.startsWith('0'));
  if (a.kind === 'suffix') return sign(rank(a.text) - rank(b.text));
  if (isFraction || a.kind === 'commit' || a.kind === 'letter') return compareText(a.text, b.text);
  return compareNumbers(a.text, b.text);
}

function compareKinds(a: Part, b: Part): -1 | 0 | 1 {
  if (a.kind === 'suffix' && rank(a.text) < 0) return -1;
  if (b.kind === 'suffix' && rank(b.text) < 0) return 1;
  return sign(kinds.indexOf(b.kind) - kinds.indexOf(a.kind));
}

function rank(suffix: string): number {
  const early = before.indexOf(suffix);
  return early < 0 ? after.indexOf(suffix) + 1 : early - before.length;
}

function sign(difference: number): -1 | 0 | 1 {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

function compareNumbers(a: string, b: string): -1 | 0 | 1 {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return sign(left.length - right.length) || compareText(left, right);
}

function compareText(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
