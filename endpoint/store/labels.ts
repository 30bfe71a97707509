import type { PosturePredicate } from '../../schemas/generated/types.ts';

/**
 * What was odd about a bundle at its arrival. Nothing of it is a reason to turn evidence away.
 * clock-ahead, clock-behind: its claimed time lies after its arrival, or before the checkpoint that it quotes.
 * checkpoint-foreign: it quotes a checkpoint of this log that this log never signed.
 * sequence-gap: the bundle before it was not here yet. previous-mismatch: another bundle is here in that place.
 * chain-fork: its own place was taken. documents-dropped: it lacks documents that a later signed bundle says were let go.
 */
export type Label =
  | 'clock-ahead'
  | 'clock-behind'
  | 'checkpoint-foreign'
  | 'sequence-gap'
  | 'previous-mismatch'
  | 'chain-fork'
  | 'documents-dropped';

/** What the store knows of a bundle's surroundings. */
export type Surroundings = {
  readonly receivedAt: string;
  /** Digests kept at the place before this one. */
  readonly before: readonly string[];
  readonly placeTaken: boolean;
  readonly documentsDropped: boolean;
  readonly logOrigin: string;
  /** When the quoted checkpoint was signed; undefined where this log has none of that size and root. */
  readonly quotedAt: string | undefined;
};

/** dictionary: evidence more than five minutes off is kept and flagged. */
const toleranceMs = 5 * 60 * 1000;

/** The labels in the order of the type. */
export function labelsOf({ chain, checkpoint, run }: PosturePredicate, around: Surroundings): Label[] {
  const finished = Date.parse(run.finishedAt);
  const quotesUs = checkpoint?.origin === around.logOrigin;
  const behind = around.quotedAt !== undefined && finished + toleranceMs < Date.parse(around.quotedAt);
  const { previous } = chain;
  const odd: [Label, boolean][] = [
    ['clock-ahead', finished > Date.parse(around.receivedAt) + toleranceMs],
    ['clock-behind', quotesUs && behind],
    ['checkpoint-foreign', quotesUs && around.quotedAt === undefined],
    ['sequence-gap', previous !== undefined && around.before.length === 0],
    ['previous-mismatch', previous !== undefined && around.before.length > 0 && !around.before.includes(previous)],
    ['chain-fork', around.placeTaken],
    ['documents-dropped', around.documentsDropped],
  ];
  return odd.filter(([, applies]) => applies).map(([label]) => label);
}
