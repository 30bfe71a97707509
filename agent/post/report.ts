import type { Refusal } from '../../evidence/result.ts';
import type { OutboxPack } from './outbox.ts';
import type { Traffic } from './transport.ts';

/** What became of one pack. */
export type Fate =
  /** The receipt was verified, and the pack let go. `repeated`: the endpoint had it already. */
  | { readonly fate: 'receipted'; readonly repeated: boolean; readonly logIndex: number; readonly treeSize: number }
  /** The same, and its place in the chain was taken by the bundle `existing`: a clone or a restored snapshot. */
  | { readonly fate: 'forked'; readonly existing: string; readonly logIndex: number; readonly treeSize: number }
  /** Refused for good with the endpoint's signature. */
  | { readonly fate: 'quarantined'; readonly reason: string; readonly detail: string }
  /** It waits on. */
  | { readonly fate: 'kept'; readonly why: Refusal };

export type PackReport = Fate & {
  readonly pack: OutboxPack;
  /** Bytes of bodies that were sent for it, over all tries. */
  readonly sentBytes: number;
};

export type PostReport = {
  readonly packs: readonly PackReport[];
  /** Why it ended before every pack was tried: no answer, a refused key, a log that contradicts itself. */
  readonly stopped?: Refusal;
  /** The log key that was seen for the first time; a person may compare it. */
  readonly newLogKey?: string;
  /** Whether that key is kept, so that any other is refused from now on: not for packs carried by hand. */
  readonly keptLogKey?: boolean;
  readonly traffic: Traffic;
};

/** Whether everything left the outbox, or what remains is refused for good. */
export function isDone(report: PostReport): boolean {
  return report.stopped === undefined && report.packs.every(({ fate }) => fate !== 'kept');
}
