/** A whole run: collect, sign at the next place of the chain, spool. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import type { Collector } from '../../collectors/collector.ts';
import { readTargetIdentity, type TargetIdentity } from '../../collectors/host/target-identity.ts';
import { collectors } from '../../collectors/list.ts';
import { signStatement } from '../../evidence/bundle.ts';
import { documentDigest, encodePack } from '../../evidence/pack.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type Signer, throwAwaySigner } from '../../evidence/signing-key.ts';
import { makeStatement } from '../../evidence/statement.ts';
import type { HostDocument, Statement } from '../../schemas/generated/types.ts';
import type { Settings } from '../config/defaults.ts';
import { openHost } from '../host/door.ts';
import type { Machine } from '../host/machine.ts';
import { notRecordedMessage } from '../host/not-recorded.ts';
import { sweepLeavings } from '../prove/leavings.ts';
import { type KeptProof, keptProofs, markTold } from '../prove/ledger.ts';
import { proofMachine } from '../prove/proof-machine.ts';
import { loadOrCreateKeys } from '../spool/keys.ts';
import { rememberRun } from '../spool/last-run.ts';
import { beginRun } from '../spool/run-marker.ts';
import { append, type SpooledPack } from '../spool/spool.ts';
import type { State } from '../spool/state.ts';
import { loadOrCreateTarget, rememberTarget } from '../spool/target-id.ts';
import { catalogueDigest, configDigest, type Link, predicateOf, type RunFacts } from './predicate.ts';
import { programDigest, version } from './program.ts';
import { type Collected, digestsWith, type RunOptions, runCollectors } from './run-collectors.ts';
import { recordedTarget, targetOf } from './target.ts';
import { startWatchdog, type WatchdogLimits } from './watchdog.ts';

export type Bundled = {
  readonly collected: Collected;
  readonly statement: Statement;
  readonly digest: string;
  readonly bytes: Uint8Array;
  /** Where it waits; undefined for a replay. */
  readonly spooled?: SpooledPack;
  readonly signer: Signer;
};

export type BundleRequest = {
  readonly machine: Machine;
  readonly settings: Settings;
  readonly only: readonly string[] | undefined;
  readonly watch?: RunOptions['watch'];
  /** Whether raw outputs are attached. */
  readonly raw?: boolean;
  /** Others than those of the product; for tests. */
  readonly collectors?: readonly Collector[];
};

/** Collects on this server and spools the signed pack. Refuses as the state folder does; nothing is signed then. */
export async function bundleHere(
  state: State,
  request: BundleRequest,
  mode: 'ad-hoc' | 'task' | 'service',
): Promise<Result<Bundled>> {
  const keys = loadOrCreateKeys(state);
  if (!keys.ok) return keys;
  const { signer, blindKey } = keys.value;
  const known = loadOrCreateTarget(state);
  if (!known.ok) return known;
  const marker = beginRun(state);
  if (!marker.ok) return marker;
  const startedAt = state.now().toISOString();
  // A marker that cannot be written costs only the culprit's name after a crash; the run goes on.
  // What an earlier proof could not remove is removed now; where that fails it stays announced.
  void sweepLeavings(state, proofMachine());
  const kept = keptProofs(state);
  const proofs = kept.ok ? kept.value : [];
  const watchdog = startWatchdog(
    (request.collectors ?? collectors).map(({ name }) => name),
    limitsOf(request),
    { file: marker.value.watchdogFile, startedAt: marker.value.startedAt },
  );
  // Told to stop, as a service is: no collector died then.
  const onStop = (signal: NodeJS.Signals): void => {
    void marker.value.abandon();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of stopSignals) process.once(signal, onStop);
  const collected = await collect(request, blindKey, proofs, {
    began: (name) => void marker.value.started(name),
    ended: (name) => void marker.value.finished(name),
    resting: marker.value.resting.keys(),
    mark: (...seen) => watchdog.mark(...seen),
  });
  for (const signal of stopSignals) process.removeListener(signal, onStop);
  watchdog.stop();
  const target = targetOf(await identityOf(collected, request.machine, blindKey), known.value.id, known.value.last);
  const remembered = rememberTarget(state, target);
  if (!remembered.ok) return remembered;
  const finishedAt = state.now().toISOString();
  const facts: RunFacts = { agent: agentOf(request.settings), mode, target, startedAt, finishedAt, collected };
  const signed = signAndSpool(state, signer, facts);
  if (signed.ok && collected.documents.has('edr'))
    void markTold(
      state,
      proofs.map(({ name }) => name),
    );
  if (signed.ok) void rememberRun(state, { startedAt, finishedAt, digest: signed.value.digest });
  // Should the marker stay, the next bundle reports an interrupted run: a false alarm, not a lost one.
  void marker.value.end();
  return signed.ok ? ok({ collected, signer, ...signed.value }) : signed;
}

/** A run may take as long as its slowest collector was given. */
function limitsOf({ settings, collectors: asked = collectors }: BundleRequest): WatchdogLimits {
  const budgets = asked.map(({ name, budgetSeconds }) => settings.collect.budgetSeconds[name] ?? budgetSeconds);
  const { watchdog } = settings.collect;
  return { ...watchdog, runSeconds: Math.max(watchdog.runSeconds, ...budgets.map((seconds) => seconds + 60)) };
}

type Signed = ReturnType<typeof sign>;

/** Signs at the next place of the state folder's chain and spools, under one lock. Refuses as the spool does. */
export function signAndSpool(
  state: State,
  signer: Signer,
  facts: RunFacts,
): Result<Signed & { readonly spooled: SpooledPack }> {
  let signed: Signed | undefined;
  const spooled = append(state, (link) => {
    signed = sign(facts, signer, link);
    return { bytes: signed.bytes, digest: signed.digest, finishedAt: facts.finishedAt };
  });
  if (!spooled.ok) return spooled;
  if (signed === undefined) throw new Error('the spool took a bundle that was never signed');
  return ok({ ...signed, spooled: spooled.value });
}

/** From the host document; where this run has none, asked for by itself: which server it is must not depend on `--only`. */
async function identityOf(
  { documents }: Collected,
  machine: Machine,
  blindKey: Uint8Array,
): Promise<TargetIdentity | undefined> {
  const host = documents.get('host') as HostDocument | undefined;
  if (host !== undefined || machine.os !== 'linux') return host;
  return await readTargetIdentity(openHost(machine).host, digestsWith(blindKey));
}

/**
 * Plays a recorded machine: signed with a key that lives for this run alone, outside every chain.
 * Refuses with `recording-incomplete` where a strict recording lacks what is asked for.
 */
export async function bundleReplay(folder: string, request: BundleRequest, now: () => Date): Promise<Result<Bundled>> {
  const signer = throwAwaySigner();
  const startedAt = now().toISOString();
  let collected: Collected;
  try {
    collected = await collect(request, randomBytes(32), []);
  } catch (error) {
    const message = notRecordedMessage(error);
    if (message === undefined) throw error;
    return refuse('recording-incomplete', message, {
      remedy: 'record the machine anew, or set "strict": false in host.json: what was not recorded is then not seen',
    });
  }
  const facts: RunFacts = {
    agent: agentOf(request.settings),
    mode: 'replay',
    target: recordedTarget(folder),
    startedAt,
    finishedAt: now().toISOString(),
    collected,
  };
  const link: Link = { chain: { id: randomBytes(16).toString('hex'), sequence: 0 }, incidents: [] };
  return ok({ collected, signer, ...sign(facts, signer, link) });
}

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Collects on this server without a state folder: nothing is read from one and nothing is written anywhere. The key
 * lives in memory for this run alone, so that nobody can sign with it later; its public half is in the answer.
 */
export async function bundleOnce(request: BundleRequest, now: () => Date): Promise<Bundled> {
  const signer = throwAwaySigner();
  const blindKey = randomBytes(32);
  const startedAt = now().toISOString();
  const collected = await collect(request, blindKey, []);
  const identity = await identityOf(collected, request.machine, blindKey);
  const facts: RunFacts = {
    agent: agentOf(request.settings),
    mode: 'ad-hoc',
    target: targetOf(identity, randomBytes(16).toString('hex')),
    startedAt,
    finishedAt: now().toISOString(),
    collected,
  };
  const link: Link = { chain: { id: randomBytes(16).toString('hex'), sequence: 0 }, incidents: [] };
  return { collected, signer, ...sign(facts, signer, link) };
}

type Marks = {
  began(name: string): void;
  ended(name: string): void;
  readonly resting: Iterable<string>;
  readonly mark: (name: string) => void;
};

async function collect(
  { machine, settings, only, watch, raw = false, collectors: asked = collectors }: BundleRequest,
  blindKey: Uint8Array,
  proofs: readonly KeptProof[],
  marks?: Marks,
): Promise<Collected> {
  return await runCollectors(machine, {
    collectors: asked,
    ...(marks === undefined ? {} : { resting: marks.resting, mark: marks.mark }),
    only,
    disabled: settings.collect.disable,
    budgetSeconds: settings.collect.budgetSeconds,
    blindKey,
    proofs,
    raw,
    watch: {
      began: (name) => {
        marks?.began(name);
        watch?.began(name);
      },
      ended: (outcome) => {
        marks?.ended(outcome.name);
        watch?.ended(outcome);
      },
    },
  });
}

/** The program that signs, and the configuration that it ran with. */
export function agentOf(settings: Settings): RunFacts['agent'] {
  return {
    name: 'affiant',
    version,
    programDigest: programDigest(),
    configDigest: configDigest(settings),
    catalogueDigest: catalogueDigest(),
  };
}

function sign(
  facts: RunFacts,
  signer: Signer,
  link: Link,
): { statement: Statement; digest: string; bytes: Uint8Array } {
  const named = new Map(
    [...facts.collected.documents].map(([name, document]) => [name, { digest: documentDigest(document), document }]),
  );
  const statement = makeStatement(named, predicateOf(facts, { id: signer.keyId, protection: signer.protection }, link));
  const { bundle, digest } = signStatement(statement, signer);
  const bytes = encodePack({
    bundle,
    documents: new Map([...named.values()].map((entry) => [entry.digest, entry.document])),
  });
  return { statement, digest, bytes };
}
