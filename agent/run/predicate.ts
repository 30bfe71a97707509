/** What the statement says of a run beside the documents. */

import { catalogues } from '../../catalogue/list.ts';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import type { HostDocument, PosturePredicate } from '../../schemas/generated/types.ts';
import type { Collected } from './run-collectors.ts';

export type RunFacts = {
  readonly agent: PosturePredicate['agent'];
  readonly mode: PosturePredicate['mode'];
  readonly target: PosturePredicate['target'];
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly collected: Collected;
  /** With mode `sweep`: how the server was reached. */
  readonly transport?: NonNullable<PosturePredicate['transport']>;
};

/** What the state folder adds under its lock. */
export type Link = Pick<PosturePredicate, 'chain' | 'checkpoint'> & {
  readonly incidents: NonNullable<PosturePredicate['incidents']>;
  /** The end that the bundle before claimed: a clock that shows less was set back. */
  readonly clockFloor?: string;
};

export function predicateOf(facts: RunFacts, key: PosturePredicate['key'], link: Link): PosturePredicate {
  return {
    agent: facts.agent,
    key,
    mode: facts.mode,
    target: facts.target,
    run: { startedAt: facts.startedAt, finishedAt: facts.finishedAt },
    clock: clockOf(facts, link.clockFloor),
    collectors: [...facts.collected.outcomes],
    chain: link.chain,
    ...(facts.transport === undefined ? {} : { transport: facts.transport }),
    ...(link.checkpoint === undefined ? {} : { checkpoint: link.checkpoint }),
    ...(link.incidents.length === 0 ? {} : { incidents: [...link.incidents] }),
  };
}

function clockOf({ collected, startedAt }: RunFacts, floor: string | undefined): PosturePredicate['clock'] {
  if (floor !== undefined && Date.parse(startedAt) < Date.parse(floor))
    return { state: 'set-back', previousFinishedAt: floor };
  const host = collected.documents.get('host') as HostDocument | undefined;
  if (host?.clock.status !== 'observed') return { state: 'unknown' };
  return { state: host.clock.value.synchronised ? 'synchronised' : 'unsynchronised' };
}

/** SHA-256 over the canonical form of the catalogues that came with the program. */
export function catalogueDigest(): string {
  return sha256Hex(canonicalBytes(catalogues));
}

/** SHA-256 over the canonical form of the configuration in force. */
export function configDigest(settings: object): string {
  return sha256Hex(canonicalBytes(settings));
}
