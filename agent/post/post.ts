/** Sends what waits, oldest first, and lets a pack go only for a receipt that verifies. */
import { setTimeout as wait } from 'node:timers/promises';
import { ok, type Refusal, type Result } from '../../evidence/result.ts';
import { type FileOutboxOptions, fileOutbox } from './file-outbox.ts';
import { findLog } from './log-contact.ts';
import type { Outbox, OutboxPack } from './outbox.ts';
import type { PackReport, PostReport } from './report.ts';
import { type Delivery, makeDelivery } from './send-pack.ts';
import { type EndpointSettings, openTransport, type Transport } from './transport.ts';

export type PostOptions = {
  readonly now: () => Date;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Tries for a pack before it waits for the next run; one that is asked to wait longer than `maxDelayMs` waits for it at once. */
  readonly attempts?: number;
  readonly maxDelayMs?: number;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called before each pack. */
  readonly onProgress?: (done: number, of: number) => void;
};

/** Strange answers in a row after which it is the way that is broken, not a pack. */
const maxStrange = 3;
/** The same for packs that the endpoint could not take now. */
const maxLater = 2;

/**
 * Posts the packs of an outbox to the configured endpoint. Refuses where the settings cannot be used;
 * what happened on the way stands in the report.
 */
export async function postPending<Pack extends OutboxPack>(
  outbox: Outbox<Pack>,
  settings: EndpointSettings,
  options: PostOptions,
): Promise<Result<PostReport>> {
  const transport = await openTransport(settings, options.headers);
  if (!transport.ok) return transport;
  try {
    return await postOver(outbox, transport.value, settings.logKeyFile, options);
  } finally {
    await transport.value.close();
  }
}

/** Posts packs carried by hand; the files stay as they are. Refuses, and sends nothing, where one cannot be read. */
export async function postPacks(
  files: readonly string[],
  settings: EndpointSettings,
  options: PostOptions & FileOutboxOptions,
): Promise<Result<PostReport>> {
  const outbox = fileOutbox(files, options);
  return outbox.ok ? postPending(outbox.value, settings, options) : outbox;
}

async function postOver<Pack extends OutboxPack>(
  outbox: Outbox<Pack>,
  transport: Transport,
  logKeyFile: string | undefined,
  options: PostOptions,
): Promise<Result<PostReport>> {
  const pending = outbox.pending();
  if (!pending.ok) return pending;
  if (pending.value.length === 0) return ok({ packs: [], traffic: transport.traffic() });
  const log = await findLog(outbox, transport, logKeyFile);
  if (!log.ok)
    return ok(
      stoppedReport(
        pending.value.map((pack) => untried(pack)),
        log.refusal,
        transport,
      ),
    );
  const delivery = makeDelivery(outbox, transport, log.value.verifier, {
    now: options.now,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((ms) => wait(ms)),
    maxDelayMs: options.maxDelayMs ?? 60_000,
  });
  const run = await sendAll(pending.value, delivery, options);
  return ok({
    packs: run.packs,
    ...(run.stopped && { stopped: run.stopped }),
    ...(log.value.isNew && { newLogKey: log.value.verifier.verifierKey, keptLogKey: outbox.remembers }),
    traffic: transport.traffic(),
  });
}

type Run = { readonly packs: PackReport[]; readonly stopped?: Refusal };

async function sendAll<Pack extends OutboxPack>(
  all: readonly Pack[],
  delivery: Delivery<Pack>,
  options: PostOptions,
): Promise<Run> {
  const reports = new Map<Pack, PackReport>();
  let stopped: Refusal | undefined;

  async function pass(packs: readonly Pack[]): Promise<Pack[]> {
    const deferred: Pack[] = [];
    let later = 0;
    let strange = 0;
    for (const pack of packs) {
      options.onProgress?.(reports.size, all.length);
      // A pack after one that could not be taken shows whether it was the pack: one try is enough.
      const sent = await delivery.send(pack, later === 0 ? (options.attempts ?? 3) : 1);
      reports.set(pack, sent.report);
      if (sent.next === 'deferred') deferred.push(pack);
      later = sent.next === 'later' ? later + 1 : 0;
      strange = sent.next === 'strange' ? strange + 1 : 0;
      if (sent.next === 'stop' || later === maxLater || strange === maxStrange) {
        stopped = sent.report.fate === 'kept' ? sent.report.why : undefined;
        return deferred;
      }
    }
    // The last one had nothing after it to show more.
    if (later > 0) stopped = lastReason(reports);
    return deferred;
  }

  const deferred = await pass(all);
  // Packs that lost documents at the spool's cap are taken once a later bundle has told of it.
  if (deferred.length > 0 && stopped === undefined && deferred.length < all.length) await pass(deferred);
  return { packs: all.map((pack) => reports.get(pack) ?? untried(pack)), ...(stopped && { stopped }) };
}

function lastReason(reports: ReadonlyMap<unknown, PackReport>): Refusal | undefined {
  const last = [...reports.values()].findLast(({ fate }) => fate === 'kept');
  return last?.fate === 'kept' ? last.why : undefined;
}

function untried(pack: OutboxPack): PackReport {
  return { pack, sentBytes: 0, fate: 'kept', why: { code: 'not-tried', message: 'not sent in this run' } };
}

function stoppedReport(packs: PackReport[], stopped: Refusal, transport: Transport): PostReport {
  return { packs, stopped, traffic: transport.traffic() };
}
