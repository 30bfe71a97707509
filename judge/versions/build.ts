/** Builds of four numbers, as Exchange, Windows and SQL Server write them. Never compared as texts or as semver. */

/** The numbers of a build without leading zeros: `15.01.2308.020` is 15.1.2308.20. Undefined where it is no build. */
export function parseBuild(text: string): readonly number[] | undefined {
  const parts = text.trim().split('.');
  if (parts.length < 2 || parts.length > 4 || !parts.every((part) => /^\d{1,9}$/.test(part))) return undefined;
  return parts.map(Number);
}

/** Negative where the first is older; a number that is left out counts as 0. */
export function compareBuilds(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < 4; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
