/** Runs the collectors over one machine, each with its budget, and says how each ended. */
import { createHash, createHmac } from 'node:crypto';
import type { Collector, Digests, Drafts } from '../../collectors/collector.ts';
import { encodeText } from '../../collectors/text.ts';
import type { CollectorOutcome, SourceRecord, SourcesDocument } from '../../schemas/generated/types.ts';
import { openHost, type ScopedDoor } from '../host/door.ts';
import type { Host } from '../host/host.ts';
import type { Machine } from '../host/machine.ts';
import { notRecordedMessage } from '../host/not-recorded.ts';
import { createRawKeeper } from '../host/raw-keeper.ts';
import type { KeptProof } from '../prove/ledger.ts';
import { proofSource, withProofs } from '../prove/tell.ts';
import { type AnyDocument, countFacts, finishDrafts, rawDocuments, sourcesDocument } from './documents.ts';
import { markedHost } from './watchdog.ts';

export type RunOptions = {
  readonly collectors: readonly Collector[];
  /** Names to run alone; all where undefined. */
  readonly only: readonly string[] | undefined;
  /** Names that the configuration switches off. */
  readonly disabled: readonly string[];
  /** Names that rest, as runs died under them (collector-health.ts). */
  readonly resting?: Iterable<string>;
  /** Told before a collector goes on with its work. */
  readonly mark?: (name: string) => void;
  /** Seconds by collector, over the collector's own. */
  readonly budgetSeconds: Readonly<Record<string, number>>;
  readonly blindKey: Uint8Array;
  /** Told before a collector begins and after it ended: for a progress line, and for the marker that names it after a crash. */
  readonly watch?: { began(name: string): void; ended(outcome: CollectorOutcome): void };
  readonly monotonicMs?: () => number;
  /** Proofs of detection that the document `edr` is to tell. */
  readonly proofs?: readonly KeptProof[];
  /** Whether raw outputs are attached as documents `raw/<n>`. */
  readonly raw?: boolean;
  /** Whether whoever asks closes the machine. */
  readonly keepOpen?: boolean;
};

export type Collected = {
  /** Documents by subject name, source records among them. */
  readonly documents: ReadonlyMap<string, AnyDocument>;
  /** Ordered by name. */
  readonly outcomes: readonly CollectorOutcome[];
};

/** The digests of one run. Texts get a key of their own, made from the one that blinds documents. */
export function digestsWith(blindKey: Uint8Array): Digests {
  const textKey = createHmac('sha256', blindKey).update('affiant keyed text/1').digest();
  return {
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    derive: (secret, label) => createHmac('sha256', secret).update(label).digest('hex'),
    keyed: (text) => createHmac('sha256', textKey).update(encodeText(text)).digest('hex'),
  };
}

/**
 * Never throws for what a collector or a live machine does; a strict recording throws where something is
 * asked that it does not have (not-recorded.ts). A collector that throws has `failed` with the
 * reason `collector-broke`. What it asked until then stays in its source records.
 */
export async function runCollectors(machine: Machine, options: RunOptions): Promise<Collected> {
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const keeper = options.raw === true ? createRawKeeper() : undefined;
  const door = openHost(machine, { monotonicMs, ...(keeper === undefined ? {} : { raw: keeper }) });
  const documents = new Map<string, AnyDocument>();
  const outcomes = await Promise.all(
    options.collectors.map(async (collector): Promise<CollectorOutcome> => {
      const refused = leftOut(collector.name, options);
      if (refused !== undefined) return refused;
      options.watch?.began(collector.name);
      const began = monotonicMs();
      const seconds = options.budgetSeconds[collector.name] ?? collector.budgetSeconds;
      const ending = new AbortController();
      const scoped = door.forCollector(collector.name, { milliseconds: seconds * 1000, signal: ending.signal });
      const { documents: made, ...outcome } = await runOne(collector, scoped, ending, seconds, options);
      for (const [name, document] of made) documents.set(name, document);
      const ended = { name: collector.name, ...outcome, elapsedMs: Math.round(monotonicMs() - began) };
      options.watch?.ended(ended);
      return ended;
    }),
  );
  if (options.keepOpen !== true) machine.close?.();
  if (keeper !== undefined)
    for (const [name, document] of rawDocuments(keeper.outputs(), options.blindKey)) documents.set(name, document);
  return { documents, outcomes: outcomes.toSorted((left, right) => (left.name < right.name ? -1 : 1)) };
}

function leftOut(name: string, { only, disabled, resting = [] }: RunOptions): CollectorOutcome | undefined {
  if (disabled.includes(name)) return { name, outcome: 'disabled', reason: 'disabled-by-configuration', facts: {} };
  if (only !== undefined && !only.includes(name)) return { name, outcome: 'not-asked', facts: {} };
  // Whoever names it wants it to be tried.
  if (only === undefined && [...resting].includes(name))
    return { name, outcome: 'disabled', reason: 'rests-after-interruption', facts: {} };
  return undefined;
}

type One = Omit<CollectorOutcome, 'name' | 'elapsedMs'> & { documents: ReadonlyMap<string, AnyDocument> };

async function runOne(
  collector: Collector,
  scoped: ScopedDoor,
  ending: AbortController,
  seconds: number,
  { blindKey, proofs = [], mark }: RunOptions,
): Promise<One> {
  // The door answers `budget-spent` once the time is up; the grace lets a collector end with what it has.
  const grace = afterGrace(seconds, ending);
  const collected = await Promise.race([
    outcomeOf(
      collector,
      mark === undefined ? scoped.host : markedHost(scoped.host, () => mark(collector.name)),
      digestsWith(blindKey),
    ),
    grace.over,
  ]).finally(grace.cancel);
  const result = typeof collected === 'string' ? collected : withProofs(collected, proofs);
  // A fact of ours gets its source record beside those of the door.
  const own = result === collected ? [] : [proofSource(proofs)];
  const records = [...scoped.records(), ...own].toSorted((left, right) => (left.locator < right.locator ? -1 : 1));
  const sources = sourcesOf(collector.name, records, blindKey);
  if (typeof result === 'string')
    return {
      outcome: result === 'budget-spent' ? 'timed-out' : 'failed',
      reason: result,
      facts: {},
      documents: sources,
    };
  const finished = finishDrafts(result, collector.documents, blindKey);
  if (!finished.ok) return { outcome: 'failed', reason: finished.refusal.code, facts: {}, documents: sources };
  const facts = countFacts(result);
  const unseen = (facts.denied ?? 0) + (facts.unsupported ?? 0) + (facts['timed-out'] ?? 0) + (facts.failed ?? 0);
  return { outcome: unseen === 0 ? 'complete' : 'partial', facts, documents: new Map([...finished.value, ...sources]) };
}

async function outcomeOf(collector: Collector, host: Host, digests: Digests): Promise<Drafts | 'collector-broke'> {
  try {
    return await collector.collect(host, digests);
  } catch (error) {
    // A strict recording throws on purpose where something was asked that it does not have.
    if (notRecordedMessage(error) !== undefined) throw error;
    return 'collector-broke';
  }
}

const graceMs = 2000;

/** A timer that still ran after the collector ended would keep all that it found in memory: in a sweep, that of every server of the last minutes. */
function afterGrace(
  seconds: number,
  ending: AbortController,
): { readonly over: Promise<'budget-spent'>; readonly cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<'budget-spent'>();
  const timer = setTimeout(
    () => {
      ending.abort();
      resolve('budget-spent');
    },
    seconds * 1000 + graceMs,
  ).unref();
  return { over: promise, cancel: () => clearTimeout(timer) };
}

function sourcesOf(
  name: string,
  records: readonly SourceRecord[],
  blindKey: Uint8Array,
): ReadonlyMap<string, SourcesDocument> {
  return new Map([[`sources/${name}`, sourcesDocument(name, records, blindKey)]]);
}
