/**
 * What is remembered of a server's reporting, and how one more bundle changes it. Pure: the same
 * bundles in the order of the log give the same facts, however often the endpoint was restarted.
 */
import { compareVersions } from './versions.ts';

/** One kept bundle, as far as reporting goes. */
export type Arrival = {
  readonly logIndex: number;
  readonly target: string;
  readonly keyId: string;
  readonly mode: string;
  readonly chain: string;
  readonly sequence: number;
  readonly finishedAt: string;
  readonly receivedAt: string;
  readonly labels: readonly string[];
  readonly clockSetBack: boolean;
  /** Somebody brought it. */
  readonly carried: boolean;
  readonly version: string;
  readonly collectors: readonly { readonly name: string; readonly outcome: string }[];
};

export type Gap = { readonly from: number; readonly to: number; readonly since: string };

export type ChainFacts = {
  /** The sequence that is expected next. */
  readonly next: number;
  readonly gaps: readonly Gap[];
  readonly lastAt: string;
};

type Version = { readonly now: string; readonly best: string; readonly lowerSince?: string };

export type TargetFacts = {
  /** Of the newest scheduled report; absent while there were runs by hand alone. */
  readonly lastHeardAt?: string;
  /** How long after it was finished, by its server's clock, the newest scheduled report came that its server sent itself. */
  readonly delayMs?: number;
  /** When the newest scheduled reports were finished, oldest first, as their servers say. */
  readonly finished: readonly string[];
  /** By key id and chain id. */
  readonly chains: Readonly<Record<string, ChainFacts>>;
  readonly clockSince?: string;
  readonly fork?: { readonly since: string; readonly lastAt: string };
  readonly version?: Version;
  /** Collectors that ran or failed at some time, each with when it saw something no longer. */
  readonly collectors: Readonly<Record<string, string | null>>;
};

export const noFacts: TargetFacts = { finished: [], chains: {}, collectors: {} };

const maxFinished = 21;
const maxChains = 16;
const maxGaps = 16;
const scheduledModes: ReadonlySet<string> = new Set(['service', 'task', 'sweep']);
const looking: ReadonlySet<string> = new Set(['complete', 'partial']);
/** A bundle that comes later after it was made waited in a spool, or its server's clock is behind. */
const waitedMs = 60 * 60 * 1000;
/** A clock that is behind is so by the same from one report to the next; what waited is not. */
const sameDelayMs = 10 * 60 * 1000;
/** Tried, and saw nothing; the others were told not to look. */
const failing: ReadonlySet<string> = new Set(['failed', 'timed-out']);

export function fold(facts: TargetFacts, arrival: Arrival): TargetFacts {
  if (arrival.mode === 'replay') return facts;
  const scheduled = scheduledModes.has(arrival.mode) ? foldSchedule(facts, arrival) : facts;
  return { ...scheduled, chains: foldChains(facts.chains, arrival), ...foldFork(facts, arrival) };
}

function foldSchedule(facts: TargetFacts, arrival: Arrival): TargetFacts {
  const { finishedAt, receivedAt, carried, labels } = arrival;
  const isOff = arrival.clockSetBack || labels.includes('clock-ahead') || labels.includes('clock-behind');
  const { clockSince: _clock, ...rest } = facts;
  const delayMs = Date.parse(receivedAt) - Date.parse(finishedAt);
  // A spool that is emptied does not show that anything was collected since.
  const hasWaited =
    delayMs > waitedMs && !isOff && facts.delayMs !== undefined && Math.abs(delayMs - facts.delayMs) > sameDelayMs;
  // What was carried or waited says nothing of the time since: only its own time counts.
  const isOld = carried ? delayMs > 0 : hasWaited;
  const heard = isOld ? new Date(finishedAt).toISOString() : receivedAt;
  return {
    ...rest,
    ...(!carried && { delayMs }),
    lastHeardAt: facts.lastHeardAt !== undefined && facts.lastHeardAt > heard ? facts.lastHeardAt : heard,
    finished: [...facts.finished, finishedAt].toSorted().slice(-maxFinished),
    ...(isOff && { clockSince: facts.clockSince ?? receivedAt }),
    version: foldVersion(facts.version, arrival),
    collectors: foldCollectors(facts.collectors, arrival),
  };
}

function foldVersion(known: Version | undefined, { version, receivedAt }: Arrival): Version {
  if (known === undefined || compareVersions(version, known.best) >= 0) return { now: version, best: version };
  return { now: version, best: known.best, lowerSince: known.lowerSince ?? receivedAt };
}

function foldCollectors(
  known: TargetFacts['collectors'],
  { collectors, receivedAt }: Arrival,
): TargetFacts['collectors'] {
  // A run of some collectors by name says nothing of the others.
  if (collectors.some(({ outcome }) => outcome === 'not-asked')) return known;
  const now = new Set(collectors.filter(({ outcome }) => looking.has(outcome)).map(({ name }) => name));
  const tried = collectors.filter(({ outcome }) => failing.has(outcome)).map(({ name }) => name);
  const names = new Set([...Object.keys(known), ...now, ...tried]);
  return Object.fromEntries(Array.from(names, (name) => [name, now.has(name) ? null : (known[name] ?? receivedAt)]));
}

function foldFork({ fork }: TargetFacts, { labels, receivedAt }: Arrival): Pick<TargetFacts, 'fork'> {
  if (!labels.includes('chain-fork')) return {};
  return { fork: { since: fork?.since ?? receivedAt, lastAt: receivedAt } };
}

function foldChains(chains: TargetFacts['chains'], arrival: Arrival): TargetFacts['chains'] {
  const name = `${arrival.keyId}/${arrival.chain}`;
  const all = { ...chains, [name]: foldChain(chains[name], arrival) };
  const ordered = Object.entries(all).toSorted(([, one], [, other]) => (one.lastAt < other.lastAt ? 1 : -1));
  return Object.fromEntries(ordered.slice(0, maxChains));
}

function foldChain(chain: ChainFacts | undefined, { sequence, receivedAt }: Arrival): ChainFacts {
  const { next, gaps } = chain ?? { next: 0, gaps: [] };
  if (sequence < next) return { next, gaps: gaps.flatMap((gap) => filled(gap, sequence)), lastAt: receivedAt };
  const opened = sequence > next ? [...gaps, { from: next, to: sequence - 1, since: receivedAt }] : gaps;
  return { next: sequence + 1, gaps: bounded(opened), lastAt: receivedAt };
}

/** What is left of a gap once that place came. */
function filled(gap: Gap, sequence: number): Gap[] {
  if (sequence < gap.from || sequence > gap.to) return [gap];
  const parts = [
    { ...gap, to: sequence - 1 },
    { ...gap, from: sequence + 1 },
  ];
  return parts.filter(({ from, to }) => from <= to);
}

/** Too many gaps become fewer and wider ones: never none. */
function bounded(gaps: readonly Gap[]): readonly Gap[] {
  if (gaps.length <= maxGaps) return gaps;
  const [first, second, ...rest] = gaps;
  return first === undefined || second === undefined ? gaps : [{ ...first, to: second.to }, ...rest];
}
