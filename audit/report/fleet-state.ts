/** How a server of a fleet stands, and the order of the fleet: the worst first. */
import type { FleetAudit, HostAudit } from '../model.ts';
import { answersOf } from './answers.ts';
import { type LateClock, lateClocks } from './answers-late.ts';

export type FleetState = 'wrong' | 'silent' | 'not-known' | 'in-order';

/** The last day from which the server has been silent, if it is. */
export function silentSince({ history, bundles, at }: HostAudit): string | undefined {
  return bundles === 0 ? at : history.stale.find(({ to }) => to === undefined)?.from;
}

export function fleetState(audit: HostAudit): FleetState {
  const answers = answersOf(audit);
  if (answers.some(({ tone }) => tone === 'bad')) return 'wrong';
  if (silentSince(audit) !== undefined) return 'silent';
  return answers.every(({ tone }) => tone === 'good') ? 'in-order' : 'not-known';
}

export type RankedHost = {
  readonly audit: HostAudit;
  readonly state: FleetState;
  readonly late: LateClock | undefined;
};

const order: readonly FleetState[] = ['wrong', 'silent', 'not-known', 'in-order'];

/** By state, then by the day on which the first clock broke. */
export function rankedHosts({ hosts }: FleetAudit): readonly RankedHost[] {
  return hosts
    .map((audit) => ({ audit, state: fleetState(audit), late: lateClocks(audit)[0] }))
    .toSorted(
      (one, other) =>
        order.indexOf(one.state) - order.indexOf(other.state) ||
        ((one.late?.breachDay ?? '9999') < (other.late?.breachDay ?? '9999') ? -1 : 1),
    );
}
