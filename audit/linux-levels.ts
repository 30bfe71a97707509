/**
 * A Linux server over time: which release it was on which days, for the end of its support. What it lacks its own
 * package system says, as long as somebody mends what that offers.
 */
import { isRolling, type PaidFixes, productOf } from '../judge/linux-support.ts';
import type { Catalogue, OperatingSystem } from '../schemas/generated/types.ts';
import type { BuildRun } from './build-runs.ts';
import type { AuditContext } from './context.ts';
import type { Day } from './days.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { Place } from './observation.ts';

type Run = {
  readonly entry: HistoryEntry;
  readonly place: Place;
  readonly os: OperatingSystem;
  readonly paid: PaidFixes | undefined;
  end?: Day;
};

export function linuxRuns({ entries }: History, { catalogues }: AuditContext): BuildRun[] {
  const catalogue = catalogues.find(({ id }) => id === 'linux');
  const runs: Run[] = [];
  for (const entry of entries) {
    const { linux } = entry.seen;
    if (linux?.status !== 'observed') continue;
    const last = runs.at(-1);
    const isSame = last !== undefined && nameOf(last.os) === nameOf(linux.value);
    // A bundle that did not ask for updates leaves what was known of the archives.
    const paid = entry.seen.paidFixes ?? (isSame ? last.paid : undefined);
    if (isSame && JSON.stringify(paid) === JSON.stringify(last.paid)) continue;
    if (last !== undefined) last.end = entry.day;
    runs.push({ entry, place: linux, os: linux.value, paid });
  }
  return runs.map((run) => buildRun(run, catalogue));
}

function nameOf({ id, versionId }: OperatingSystem): string {
  return `${id}${versionId === undefined ? '' : ` ${versionId}`}`;
}

function buildRun({ entry, place, os, paid, end }: Run, catalogue: Catalogue | undefined): BuildRun {
  const build = nameOf(os);
  const product = catalogue === undefined ? undefined : productOf(os, catalogue);
  const isKnown = isRolling(os) || product?.supportEndsOn !== undefined;
  return {
    entry,
    place,
    from: entry.day,
    ...(end !== undefined && { end }),
    what: 'Linux',
    family: 'linux',
    build,
    missing: [],
    ...(product !== undefined && { product }),
    ...(isKnown ? {} : { gap: `until when ${build} is supported: the catalogue does not have it` }),
    ...(typeof paid?.vendor === 'boolean' && { extendedSecurity: paid.vendor }),
    ...(typeof paid?.others === 'string' && { mayBeMended: paid.others }),
  };
}
