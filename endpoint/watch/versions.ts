/** Semantic versions in their order (semver.org, section 11): negative where the first is older. */
export function compareVersions(one: string, other: string): number {
  const [oneCore, onePre] = split(one);
  const [otherCore, otherPre] = split(other);
  const core = compareParts(oneCore.split('.'), otherCore.split('.'));
  if (core !== 0) return core;
  if (onePre === undefined || otherPre === undefined)
    return Number(onePre === undefined) - Number(otherPre === undefined);
  return compareParts(onePre.split('.'), otherPre.split('.'));
}

function split(version: string): [string, string | undefined] {
  const plain = version.split('+', 1)[0] ?? '';
  const at = plain.indexOf('-');
  return at < 0 ? [plain, undefined] : [plain.slice(0, at), plain.slice(at + 1)];
}

/** Numbers by value and before words; the longer list is newer where it begins like the other. */
function compareParts(one: readonly string[], other: readonly string[]): number {
  for (const [index, part] of one.entries()) {
    const against = other[index];
    if (against === undefined) return 1;
    if (part === against) continue;
    const numbers = [part, against].map((text) => (/^[0-9]+$/.test(text) ? Number(text) : undefined));
    const [mine, theirs] = numbers;
    if (mine !== undefined && theirs !== undefined) return mine - theirs;
    if (mine !== undefined || theirs !== undefined) return mine === undefined ? 1 : -1;
    return part < against ? -1 : 1;
  }
  return one.length - other.length;
}
