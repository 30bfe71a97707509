/** A member's name may be as long as the file; a pointer is for people and logs. */
const longestName = 200;

/** The RFC 6901 pointer to a value by the names and indexes that lead to it; very long names are cut. */
export function jsonPointer(path: readonly (string | number)[]): string {
  return path
    .map((step) => String(step))
    .map((step) => (step.length > longestName ? `${step.slice(0, longestName)}…` : step))
    .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
