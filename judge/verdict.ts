/**
 * What a judge says. It sees signed facts only; time and catalogue come as arguments. Nothing
 * undetermined passes: `pass` needs every input that could have said otherwise.
 */

export type Verdict = {
  readonly outcome: 'pass' | 'fail' | 'undetermined';
  /** What speaks against it, each in a few words; empty where it passes or nothing is known. */
  readonly faults: readonly string[];
  /** What could not be seen or is not modelled, and could have changed the outcome. */
  readonly unknowns: readonly string[];
};

/** A known fault stays one, whatever else is unknown. */
export function verdictOf(faults: readonly string[], unknowns: readonly string[]): Verdict {
  const outcome = faults.length > 0 ? 'fail' : unknowns.length > 0 ? 'undetermined' : 'pass';
  return { outcome, faults: [...new Set(faults)], unknowns: [...new Set(unknowns)] };
}
