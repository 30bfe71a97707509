/** What the judged requirement of a way in means for who has one factor. */

/** Requirements under which one factor, or none, lets somebody in at least sometimes. */
export const oneFactorWays: ReadonlySet<string> = new Set([
  'notRequired',
  'optional',
  'conditional',
  'requiredWithBypass',
]);

/** Under these nobody gets in with one; what is neither is not known. */
export const closedWays: ReadonlySet<string> = new Set(['required', 'pathDisabled']);
