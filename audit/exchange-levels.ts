/** An Exchange server over time: at which build it stood on which days, and what it lacked. */
import { type ExchangeVerdict, type InstalledExchange, judgeExchange } from '../judge/exchange.ts';
import type { Catalogue } from '../schemas/generated/types.ts';
import { type AuditContext, evidenceOf } from './context.ts';
import { addDays, type Day } from './days.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { ProductLevel } from './model.ts';
import type { Place } from './observation.ts';

/** Days on which the server said the same of its Exchange. */
export type ExchangeRun = {
  readonly entry: HistoryEntry;
  readonly place: Place;
  readonly from: Day;
  /** The first day on which it said something else; undefined while it says it. */
  readonly end?: Day;
  readonly installed: InstalledExchange;
  readonly mitigations: readonly string[];
  readonly verdict: ExchangeVerdict;
};

/** Runs in order; a bundle that says nothing of Exchange leaves what was known. */
export function exchangeRuns({ entries }: History, context: AuditContext): ExchangeRun[] {
  const catalogue = context.catalogues.find(({ products }) => products.some(({ family }) => family === 'exchange'));
  if (catalogue === undefined) return [];
  const runs: {
    entry: HistoryEntry;
    place: Place;
    from: Day;
    key: string;
    installed: InstalledExchange;
    mitigations: readonly string[];
    end?: Day;
  }[] = [];
  let gone: Day | undefined;
  for (const entry of entries) {
    const { exchange, restartPending } = entry.seen;
    if (exchange === undefined) continue;
    const last = runs.at(-1);
    if (exchange.status === 'absent' || exchange.status === 'not-applicable') {
      if (last !== undefined && last.end === undefined) last.end = entry.day;
      gone = entry.day;
      continue;
    }
    if (exchange.status !== 'observed') continue;
    const pending = restartPending?.status === 'observed' ? restartPending.value : undefined;
    const { build, broken, claimedKbs, mitigations } = exchange.value;
    const key = `${build}\n${broken?.join('|') ?? '?'}\n${claimedKbs.join(' ')}\n${pending ?? '?'}\n${mitigations.join('|')}`;
    if (last?.key === key && last.end === undefined && gone === undefined) continue;
    if (last !== undefined && last.end === undefined) last.end = entry.day;
    gone = undefined;
    const installed = { build, broken, claimedKbs, restartPending: pending };
    runs.push({ entry, place: exchange, from: entry.day, key, installed, mitigations });
  }
  return runs
    .filter(({ from, end }) => end === undefined || from < end)
    .map(({ key, ...run }) => ({ ...run, verdict: verdictOf(key, run.installed, catalogue, context) }));
}

function verdictOf(
  key: string,
  installed: InstalledExchange,
  catalogue: Catalogue,
  { at, memory }: AuditContext,
): ExchangeVerdict {
  const name = `${at} ${catalogue.id} ${catalogue.asOf} ${key}`;
  const known = memory.levels.get(name) as ExchangeVerdict | undefined;
  const verdict = known ?? judgeExchange(installed, catalogue, at);
  memory.levels.set(name, verdict);
  return verdict;
}

/** As the report shows it. */
export function productLevels(runs: readonly ExchangeRun[]): ProductLevel[] {
  return runs.map(({ entry, place, from, end, installed, verdict }) => {
    const { level, catalogueGap } = verdict;
    const ended = level?.branchEndedOn;
    const support = level?.product.supportEndsOn;
    return {
      product: level?.product.name ?? 'Exchange Server',
      build: installed.build,
      ...(level !== undefined && { branch: level.branch.id }),
      ...(level?.update !== undefined && { update: level.update }),
      from,
      ...(end !== undefined && { to: addDays(end, -1) }),
      ...(ended !== undefined && { branchEndedOn: ended }),
      ...(support !== undefined && { supportEndedOn: support }),
      health: installed.broken === undefined ? 'unknown' : installed.broken.length === 0 ? 'sound' : 'broken',
      healthWhy: installed.broken ?? [],
      ...(catalogueGap !== undefined && { catalogueGap }),
      evidence: evidenceOf(entry, place, `the version of ExSetup.exe is ${installed.build}`),
    };
  });
}
