/** Instants as documents hold them: RFC 3339, UTC, without an empty fraction. */
export function instantOf(epochMs: number): string {
  return withoutEmptyFraction(new Date(epochMs).toISOString());
}

export function withoutEmptyFraction(instant: string): string {
  return instant.replace(/\.0+Z$/, 'Z');
}
