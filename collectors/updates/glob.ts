/** Shell patterns of package names, as locks and exclusions use them (glob(7)): `*`, `?`, `[…]` and `{a,b}` alternatives are not there. */
export function matchesGlob(pattern: string, text: string): boolean {
  // Without backtracking: positions in the pattern that the text read so far may have reached.
  const parts = [...pattern.matchAll(/\[[!^]?\]?[^\]]*\]|[\s\S]/g)].map(([part]) => part);
  let reached = starsFrom(parts, new Set([0]));
  for (const char of text) {
    const next = new Set<number>();
    for (const at of reached) {
      const part = parts[at];
      if (part === '*') next.add(at);
      else if (part !== undefined && matchesOne(part, char)) next.add(at + 1);
    }
    reached = starsFrom(parts, next);
    if (reached.size === 0) return false;
  }
  return reached.has(parts.length);
}

function starsFrom(parts: readonly string[], positions: Set<number>): Set<number> {
  for (const at of positions) if (parts[at] === '*') positions.add(at + 1);
  return positions;
}

function matchesOne(part: string, char: string): boolean {
  if (part === '?') return true;
  const [, negated = '', set] = /^\[([!^]?)([\s\S]+)\]$/.exec(part) ?? [];
  if (set === undefined) return part === char;
  const inside = [...set.matchAll(/([\s\S])-([\s\S])|([\s\S])/g)].some(([, from, to, single]) =>
    single === undefined ? char >= (from ?? '') && char <= (to ?? '') : char === single,
  );
  return inside !== (negated !== '');
}
