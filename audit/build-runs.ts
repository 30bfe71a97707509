/**
 * Something on a server that is judged by its build, over the days on which it stood at one: Windows itself
 * (windows-levels.ts), a Linux (linux-levels.ts) and instances of SQL Server (sql-levels.ts). Exchange has more to it (exchange-levels.ts).
 */
import type { CatalogueProduct, CatalogueUpdate } from '../schemas/generated/types.ts';
import { type AuditContext, evidenceOf } from './context.ts';
import { addDays, type Day, dueOf } from './days.ts';
import type { Finding } from './finding.ts';
import type { History, HistoryEntry } from './history-model.ts';
import { makeFinding } from './make-finding.ts';
import type { Place } from './observation.ts';

export type BuildRun = {
  readonly entry: HistoryEntry;
  readonly place: Place;
  readonly from: Day;
  /** The first day on which it said something else; undefined while it says it. */
  readonly end?: Day;
  /** `Windows`, `SQL Server MSSQLSERVER`. */
  readonly what: string;
  readonly family: 'windows' | 'sql-server' | 'linux';
  readonly build: string;
  readonly product?: CatalogueProduct;
  readonly missing: readonly { readonly update: CatalogueUpdate; readonly why: string }[];
  /** Why the catalogue cannot say what the build lacks. */
  readonly gap?: string;
  /** Whether fixes beyond the end of support are paid for; undefined where that is not known. */
  readonly extendedSecurity?: boolean;
  /** What may bring fixes beside the vendor, after the end of all of its support. */
  readonly mayBeMended?: string;
};

/** Builds of which the catalogue cannot say what they lack: undetermined, never in order. */
export function buildGapFindings(history: History, runs: readonly BuildRun[], context: AuditContext): Finding[] {
  return runs.flatMap(({ entry, place, from, end, what, build, gap }): Finding[] => {
    if (gap === undefined || end !== undefined) return [];
    return [
      makeFinding(history.host, context, {
        rule: 'catalogue-gap',
        subject: what === 'Windows' || what === 'Linux' ? build : `${what} ${build}`.trim(),
        verdict: 'undetermined',
        title: `what ${what}${build === '' ? '' : ` of build ${build}`} lacks is not known`,
        reason: `${gap}. Nothing that is not known counts as installed.`,
        start: { kind: 'first-seen', at: from, text: 'the first bundle that shows the build' },
        from,
        evidence: [evidenceOf(entry, place, `the build of ${what} is ${build === '' ? 'not known' : build}`)],
      }),
    ];
  });
}

/** What goes on to run after its support ended: broken by each clock of that, undetermined where it may be paid for. */
export function buildSupportFindings(history: History, runs: readonly BuildRun[], context: AuditContext): Finding[] {
  const clocks = context.policies.clocks.filter(({ clock }) => clock.measures === 'unsupported');
  // Runs at one build follow each other: the product counts, from its first to its last day.
  const stretches = new Map<string, { readonly first: BuildRun; last: BuildRun }>();
  for (const run of runs) {
    const key = `${run.what} ${run.product?.id} ${run.extendedSecurity} ${run.mayBeMended}`;
    const stretch = stretches.get(key);
    if (stretch === undefined) stretches.set(key, { first: run, last: run });
    else stretch.last = run;
  }
  return [...stretches.values()].flatMap(({ first, last }) =>
    clocks.flatMap((compiled): Finding[] => {
      const { product, extendedSecurity, mayBeMended, what } = first;
      const until = product?.supportEndsOn;
      if (product === undefined || until === undefined) return [];
      const extended = product.extendedSupportEndsOn;
      const isPaid = extended !== undefined && extendedSecurity === true;
      const supportEnd = isPaid ? extended : until;
      const { dueDay, breachDay } = dueOf(supportEnd, compiled.clock.limit ?? { days: 0 });
      const from = breachDay > first.from ? breachDay : first.from;
      if (from > context.at || (last.end !== undefined && from >= last.end)) return [];
      const isOpen = extended !== undefined && extendedSecurity === undefined && from <= extended;
      const mayBePaid = isOpen || mayBeMended !== undefined;
      const doubt = isOpen
        ? 'Whether extended security updates are licensed could not be seen.'
        : `It may still be mended: ${mayBeMended}.`;
      return [
        makeFinding(history.host, context, {
          rule: compiled.clock.id,
          clock: compiled,
          subject: what === 'Windows' || what === 'Linux' ? product.id : `${product.id} ${what}`,
          verdict: mayBePaid ? 'undetermined' : 'fail',
          title: mayBePaid
            ? `whether ${product.name} still gets fixes is not known`
            : `${product.name} is out of support`,
          reason: `${product.name} got fixes until ${supportEnd}; build ${last.build} still runs.${mayBePaid ? ` ${doubt}` : ' What is found in it since is not mended.'}`,
          start: { kind: 'support-ended', at: supportEnd, text: `${product.name} got fixes for the last time` },
          dueDay,
          breachDay,
          from,
          ...(last.end !== undefined && { to: addDays(last.end, -1) }),
          evidence: [evidenceOf(last.entry, last.place, `the build of ${what} is ${last.build}`)],
        }),
      ];
    }),
  );
}
