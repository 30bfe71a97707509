/** What the evidence says of one item of a plan, day by day. */
import type { DocumentsOf } from '../context.ts';
import { addDays, type Day } from '../days.ts';
import type { EvidenceRef } from '../finding.ts';
import type { History, HistoryEntry, HostAudit } from '../model.ts';
import { documentVariables } from '../policy/document-variables.ts';
import { notJudged } from './judged.ts';
import type { CompiledItem } from './plan-file.ts';

export type DayOutcome = {
  readonly day: Day;
  readonly outcome: 'held' | 'not-held' | 'undetermined';
  /** Why not, with the server's name; empty where it held. */
  readonly why: readonly string[];
  /** Bundles that decided. */
  readonly evidence: readonly EvidenceRef[];
};

/** A server as a plan looks at it. */
export type PlanServer = {
  readonly audit: HostAudit;
  readonly history: History;
  readonly documents: DocumentsOf;
};

/** Servers that the item is about: by target id, by host name, by host name without its domain. */
export function serversOf(item: CompiledItem, servers: readonly PlanServer[]): readonly PlanServer[] {
  const { targets } = item;
  if (targets === undefined) return servers;
  const wanted = new Set(targets.map((each) => each.toLowerCase()));
  return servers.filter(
    ({ audit: { host } }) =>
      host.targetIds.some((id) => wanted.has(id)) ||
      host.names.some(
        (name) => wanted.has(name.toLowerCase()) || wanted.has(name.toLowerCase().split('.', 1)[0] ?? ''),
      ),
  );
}

/**
 * One outcome a day from `from` to `to`. A day counts as held only where every server that the item is about
 * has evidence of that very day and the condition holds on it: silence proves nothing and breaks the row.
 */
export function dayOutcomes(
  item: CompiledItem,
  all: readonly PlanServer[],
  from: Day,
  to: Day,
  unseen: readonly string[] = [],
): readonly DayOutcome[] {
  const servers = serversOf(item, all);
  const newest = servers.map(newestByDay);
  const memory = new Map<string, Verdict>();
  const days: DayOutcome[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const verdicts = servers.map((server, at) => verdictOn(item, server, newest[at]?.get(day), day, memory));
    const not = verdicts.filter(({ outcome }) => outcome === 'not-held');
    const unknown = verdicts.filter(({ outcome }) => outcome === 'undetermined');
    const named = missingTargets(item, servers, unseen);
    const decided = not.length > 0 ? not : unknown.length > 0 ? unknown : verdicts;
    days.push({
      day,
      outcome:
        not.length > 0
          ? 'not-held'
          : unknown.length > 0 || named.length > 0 || verdicts.length === 0
            ? 'undetermined'
            : 'held',
      why: [...decided.flatMap(({ why }) => why), ...named],
      evidence: decided.flatMap(({ evidence }) => evidence),
    });
  }
  return days;
}

/** Servers that the item names, or where it is of all any that is there, and of which nothing is known. */
function missingTargets(
  { targets }: CompiledItem,
  servers: readonly PlanServer[],
  unseen: readonly string[],
): string[] {
  const known = new Set(
    servers.flatMap(({ audit: { host } }) => [
      ...host.targetIds,
      ...host.names.flatMap((name) => [name.toLowerCase(), name.toLowerCase().split('.', 1)[0] ?? '']),
    ]),
  );
  return (targets?.filter((each) => !known.has(each.toLowerCase())) ?? unseen).map(
    (each) => `${each}: no evidence of this server`,
  );
}

function newestByDay({ history }: PlanServer): ReadonlyMap<Day, HistoryEntry> {
  return new Map(history.entries.map((entry) => [entry.day, entry]));
}

type Verdict = Omit<DayOutcome, 'day'>;

function verdictOn(
  item: CompiledItem,
  server: PlanServer,
  entry: HistoryEntry | undefined,
  day: Day,
  memory: Map<string, Verdict>,
): Verdict {
  const name = server.audit.host.names[0] ?? server.audit.host.id;
  if (entry === undefined) return { outcome: 'undetermined', why: [`${name}: no evidence of that day`], evidence: [] };
  const parts = [
    ...(item.proof.rules === undefined ? [] : [byRules(item, server.audit, entry, day, name)]),
    ...(item.condition === undefined ? [] : [byCondition(item, server, entry, name, memory)]),
  ];
  const not = parts.filter(({ outcome }) => outcome === 'not-held');
  const unknown = parts.filter(({ outcome }) => outcome === 'undetermined');
  const decided = not.length > 0 ? not : unknown.length > 0 ? unknown : parts;
  return {
    outcome: not.length > 0 ? 'not-held' : unknown.length > 0 ? 'undetermined' : 'held',
    why: decided.flatMap(({ why }) => why),
    evidence: decided.flatMap(({ evidence }) => evidence),
  };
}

/** A finding that a person suspended counts as well: its item is not proved by evidence. */
function byRules(
  { proof: { rules = [] }, measures }: CompiledItem,
  audit: HostAudit,
  entry: HistoryEntry,
  day: Day,
  name: string,
): Verdict {
  const wanted = new Set(rules);
  const unjudged = measures.flatMap((each) => notJudged(each, entry));
  const found = audit.findings.filter(
    ({ rule, level, verdict, interval }) =>
      wanted.has(rule) &&
      (level === 'breach' || verdict === 'undetermined') &&
      interval.from <= day &&
      (interval.to === undefined || day <= interval.to),
  );
  // Bad, and its clock has time left: no finding, and not held either.
  const early = audit.withinTime.filter(({ rule, from, to }) => wanted.has(rule) && from <= day && day <= to);
  const failed = found.filter(({ verdict }) => verdict === 'fail');
  const decided = failed.length > 0 ? failed : found;
  const isBad = failed.length > 0 || early.some(({ verdict }) => verdict === 'fail');
  return {
    outcome: isBad ? 'not-held' : found.length > 0 || early.length > 0 || unjudged.length > 0 ? 'undetermined' : 'held',
    why: [
      ...decided.map(({ title }) => title),
      ...early.filter(({ verdict }) => !isBad || verdict === 'fail').map(({ reason }) => reason),
      ...(isBad ? [] : unjudged),
    ].map((each) => `${name}: ${each}`),
    evidence: [
      bundleOf(
        entry,
        decided.length === 0 ? `no finding of ${rules.join(', ')}` : decided.map(({ id }) => id).join(', '),
      ),
    ],
  };
}

function byCondition(
  item: CompiledItem,
  server: PlanServer,
  entry: HistoryEntry,
  name: string,
  memory: Map<string, Verdict>,
): Verdict {
  const { condition } = item;
  if (condition === undefined) return { outcome: 'undetermined', why: [], evidence: [] };
  const key = `${item.id}\n${Object.values(entry.documents).join()}`;
  const known = memory.get(key);
  if (known !== undefined) return { ...known, evidence: [bundleOf(entry, known.evidence[0]?.says ?? '')] };
  const documents = server.documents(entry);
  const run = (): Verdict => {
    if (documents === undefined)
      return { outcome: 'undetermined', why: [`${name}: the pack of that day cannot be read again`], evidence: [] };
    const outcome = condition.run(documentVariables(documents, name, entry, server.audit.inventory));
    if (outcome.kind === 'undetermined')
      return { outcome: 'undetermined', why: [`${name}: ${outcome.why}`], evidence: [bundleOf(entry, outcome.why)] };
    if (outcome.value === true)
      return { outcome: 'held', why: [], evidence: [bundleOf(entry, `${condition.text} is true`)] };
    return {
      outcome: 'not-held',
      why: [`${name}: the condition is not true`],
      evidence: [bundleOf(entry, `${condition.text} is not true`)],
    };
  };
  const verdict = run();
  memory.set(key, verdict);
  return verdict;
}

function bundleOf(entry: HistoryEntry, says: string): EvidenceRef {
  return {
    bundle: entry.bundle,
    file: entry.file,
    claimedAt: entry.claimedAt,
    ...(entry.logIndex !== undefined && { logIndex: entry.logIndex }),
    document: 'statement',
    pointer: '',
    sources: [],
    says,
  };
}
