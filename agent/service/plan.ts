/** What installing or removing the service does to a server, as a list that can be printed before it is done. */

/**
 * A file is written only where it differs; one that is begun only with its folder, which is made for root (on Windows:
 * SYSTEM and administrators) alone, and not where that is there already. A program may end with one of `codes`, 0 where
 * nothing is said.
 */
export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly text: string; readonly encoding?: 'utf16le' }
  | { readonly kind: 'begin'; readonly path: string; readonly text: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'run'; readonly argv: readonly string[]; readonly codes?: readonly number[] };

/** What a plan is made for. Paths are as this system writes them. */
export type ServiceOptions = {
  /** Program and first arguments, absolute. */
  readonly command: readonly string[];
  readonly everyHours: number;
  /** Milliseconds into the interval (schedule.ts). */
  readonly offsetMs: number;
};

/** A step in one line, as a person would type it. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case 'write':
      return `write ${step.path} (${step.text.split('\n').length - 1} lines)`;
    case 'begin':
      return `write ${step.path} unless its folder is there (${step.text.split('\n').length - 1} lines)`;
    case 'remove':
      return `remove ${step.path}`;
    case 'run':
      return `run ${step.argv.map((each) => (/^[\w@%+=:,./\\-]+$/.test(each) ? each : JSON.stringify(each))).join(' ')}`;
  }
}
