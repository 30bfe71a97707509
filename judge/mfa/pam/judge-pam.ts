/**
 * Whether PAM asks for a second factor: for each set of factor categories whether somebody who holds just
 * those gets through, and how. The verdict is the worst of it.
 */
import { type Loaded, loadService, type PamFiles, type PamType, textOf } from './load.ts';
import {
  type Category,
  type Certainty,
  categories,
  indexOf,
  type PamFacts,
  type PamIndex,
  type PamSubject,
  rank,
} from './outcome.ts';
import type { WitnessStep } from './search.ts';
import {
  type Case,
  casesOf,
  categoriesAsked,
  holders,
  type Memories,
  stopsOf,
  type Trial,
  trialOf,
  tryWith,
  unknownsOf,
} from './trial.ts';

export type Requirement =
  | 'required'
  | 'requiredWithBypass'
  | 'conditional'
  | 'optional'
  | 'notRequired'
  | 'pathDisabled'
  | 'undetermined';

/** A smallest set of categories that is enough, how sure that is, and the modules by which it is. */
export type PamWay = {
  readonly factors: readonly Category[];
  readonly certainty: Certainty;
  /** What has to be so for this way; empty where it always is. */
  readonly when: readonly string[];
  readonly witness: readonly WitnessStep[];
};

export type PamVerdict = {
  readonly requirement: Requirement;
  readonly ways: readonly PamWay[];
  /** Where each holder of one category is stopped; the proof, where a second factor is required. */
  readonly stops: readonly {
    readonly holds: readonly Category[];
    readonly at: readonly string[];
    readonly states: number;
  }[];
  readonly reasons: readonly string[];
};

/** A document made ready for many subjects: files by name, indexes, and what was worked out already. */
export type PreparedPam = {
  readonly files: PamFiles;
  readonly index: PamIndex;
  readonly loaded: Map<string, Loaded>;
  readonly memories: Memories;
};

/** Of the very facts that `judgePam` is given; undefined where the files were not read. */
export function pamFiles(facts: PamFacts): PreparedPam | undefined {
  if (facts.pamStacks.status !== 'observed' || facts.pamLookup.status !== 'observed') return undefined;
  const stacks = new Map(facts.pamStacks.value.map((stack) => [textOf(stack.service), stack]));
  const files = { stacks, lookup: facts.pamLookup.value };
  return { files, index: indexOf(facts), loaded: new Map(), memories: new WeakMap() };
}

/**
 * What `auth` of the service asks of the subject. `prepared` is `pamFiles(facts)`, made once for many subjects; the
 * same account object for all services of an account spares most of the work.
 */
export function judgePam(facts: PamFacts, prepared: PreparedPam | undefined, subject: PamSubject): PamVerdict {
  if (prepared === undefined) return undetermined('pam-not-read');
  const auth = load(prepared, subject.service, 'auth');
  if (auth.state === 'unknown') return undetermined(auth.reason);
  if (auth.state === 'closed') return { requirement: 'pathDisabled', ways: [], stops: [], reasons: [auth.reason] };
  const account = load(prepared, subject.service, 'account');
  if (account.state === 'closed')
    return { requirement: 'pathDisabled', ways: [], stops: [], reasons: [account.reason] };
  const trial = trialOf({ ...prepared, handlers: auth.handlers, type: 'auth', facts, subject });
  const cases = casesOf(trial);
  if (cases === undefined) return undetermined('too-many-conditions');
  const judged = cases.map((chosen) => judgeCase(trial, chosen));
  const verdict = combined(judged);
  if (account.state === 'loaded' && verdict.requirement !== 'pathDisabled') {
    const denied = deniedByAccount(
      trialOf({ ...prepared, handlers: account.handlers, type: 'account', facts, subject }),
    );
    if (denied) return { ...verdict, requirement: 'pathDisabled', ways: [], reasons: ['denied-by-account-stack'] };
  }
  return verdict;
}

function load({ files, loaded }: PreparedPam, service: string, type: PamType): Loaded {
  const key = `${type} ${service}`;
  const found = loaded.get(key) ?? loadService(files, service, type);
  loaded.set(key, found);
  return found;
}

function undetermined(reason: string): PamVerdict {
  return { requirement: 'undetermined', ways: [], stops: [], reasons: [reason] };
}

type Judged = {
  readonly requirement: Exclude<Requirement, 'conditional'>;
  readonly ways: readonly PamWay[];
  readonly stops: PamVerdict['stops'];
  readonly reasons: readonly string[];
  /** Set where nobody knows whether this is the case. */
  readonly unknowns: readonly string[];
};

function judgeCase(trial: Trial, chosen: Case): Judged {
  const ways: PamWay[] = [];
  const stops: PamVerdict['stops'][number][] = [];
  const reasons = new Set<string>();
  const asked = categoriesAsked(trial, chosen);
  for (const holds of holders) {
    if (holds.some((category) => !asked.has(category))) continue;
    const found = tryWith(trial, chosen, holds);
    if (found.bounded) reasons.add('too-many-states');
    const { way, when, states } = found;
    if (way === undefined) {
      if (holds.length < 2) stops.push({ holds, at: stopsOf(trial, chosen, found, holds), states });
      continue;
    }
    for (const { because, outcome } of way.certainty === 'perhaps' ? way.witness : [])
      if (because !== undefined || outcome === 'unknown') reasons.add(because ?? outcome);
    const better = ways.some(
      (other) =>
        other.factors.every((category) => holds.includes(category)) && rank(other.certainty) <= rank(way.certainty),
    );
    if (!better) ways.push({ factors: holds, ...way, when });
  }
  return {
    requirement: requirementOf(ways, asked),
    ways,
    stops,
    reasons: [...reasons],
    unknowns: unknownsOf(trial, chosen),
  };
}

/** The worst way with one category or none decides, unless only an unknown outcome opens anything at all. */
function requirementOf(ways: readonly PamWay[], asked: ReadonlySet<Category>): Judged['requirement'] {
  const best = Math.min(...ways.map(({ certainty }) => rank(certainty)));
  const weak = Math.min(...ways.filter(({ factors }) => factors.length < 2).map(({ certainty }) => rank(certainty)));
  if (ways.length === 0) return 'pathDisabled';
  if (weak === Number.POSITIVE_INFINITY) return 'required';
  if (weak === 2) return 'undetermined';
  if (weak === 0 || weak === best) return asked.size > 1 ? 'optional' : 'notRequired';
  return 'requiredWithBypass';
}

/** Cases that nobody gets through do not count beside others that somebody does. */
function combined(judged: readonly Judged[]): PamVerdict {
  const open = judged.filter(({ requirement }) => requirement !== 'pathDisabled');
  const kinds = new Set((open.length === 0 ? judged : open).map(({ requirement }) => requirement));
  const unknowns = judged.flatMap((each) => each.unknowns);
  const weak = kinds.has('optional') || kinds.has('notRequired');
  const strong = kinds.has('required') || kinds.has('requiredWithBypass');
  // Where nobody knows which case it is, a weak one says something only if all are weak.
  const unclear = unknowns.length > 0 && weak && (strong || open.length < judged.length);
  const rest = {
    ways: uniqueWays(
      judged.flatMap((each) => (unclear && each.unknowns.length > 0 ? each.ways.map(doubted) : each.ways)),
    ),
    stops: judged.flatMap(({ stops }) => stops).slice(0, 16),
    reasons: [...new Set([...judged.flatMap(({ reasons }) => reasons), ...(unclear ? unknowns : [])])].slice(0, 16),
  };
  const [only] = kinds;
  if (unclear) return { requirement: 'undetermined', ...rest };
  if (kinds.size === 1 && only !== undefined) return { requirement: only, ...rest };
  if (weak && strong) return { requirement: 'conditional', ...rest };
  if (kinds.has('undetermined')) return { requirement: 'undetermined', ...rest };
  if (weak) return { requirement: 'optional', ...rest };
  return { requirement: 'requiredWithBypass', ...rest };
}

function doubted(way: PamWay): PamWay {
  return { ...way, certainty: 'perhaps' };
}

function uniqueWays(ways: readonly PamWay[]): PamWay[] {
  const kept = new Map<string, PamWay>();
  for (const way of ways) {
    const key = [...way.factors, way.certainty, ...way.when].join(' ');
    if (!kept.has(key)) kept.set(key, way);
  }
  return [...kept.values()].toSorted(
    (a, b) => a.factors.length - b.factors.length || rank(a.certainty) - rank(b.certainty),
  );
}

/** Whether the account stack lets nobody of this kind in, whatever the case. */
function deniedByAccount(trial: Trial): boolean {
  const cases = casesOf(trial);
  return cases?.every((chosen) => tryWith(trial, chosen, categories).way === undefined) === true;
}
