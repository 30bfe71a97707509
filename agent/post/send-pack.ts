/** One pack on its way: the tries, and what each answer does to the outbox. */
import { bundleDigest } from '../../evidence/bundle.ts';
import type { LogVerifier } from '../../evidence/checkpoint.ts';
import { decodePack, packMediaType, packParts } from '../../evidence/pack.ts';
import type { LogPlace } from '../../evidence/receipt.ts';
import type { Refusal, Result } from '../../evidence/result.ts';
import { encodeWirePack } from '../../evidence/wire.ts';
import type { Pack, Receipt } from '../../schemas/generated/types.ts';
import { nextDelay, retryAfterMs } from './backoff.ts';
import { standingOf } from './log-contact.ts';
import type { Outbox, OutboxPack } from './outbox.ts';
import type { Fate, PackReport } from './report.ts';
import type { Exchange, Reply, Transport } from './transport.ts';
import { judgeReply, type Verdict } from './verdict.ts';

/**
 * How to go on. later: the endpoint could not take it now. strange: what answered is not the endpoint.
 * deferred: it lacks documents that only a later bundle can account for. stop: nothing else would fare better.
 */
export type Next = 'go-on' | 'later' | 'strange' | 'deferred' | 'stop';
export type Sent = { readonly report: PackReport; readonly next: Next };

export type Delivery<P extends OutboxPack> = { send(pack: P, attempts: number): Promise<Sent> };

export type Clockwork = {
  readonly now: () => Date;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly maxDelayMs: number;
};

type End = { readonly end: Fate; readonly next: Next };
/** The tries go on: after `waitMs`, or at once with other documents. */
type Again = { readonly waitMs: number; readonly why: Refusal } | { readonly leaveOut: ReadonlySet<string> };

export function makeDelivery<P extends OutboxPack>(
  outbox: Outbox<P>,
  transport: Transport,
  log: LogVerifier,
  clockwork: Clockwork,
): Delivery<P> {
  async function send(pack: P, attempts: number): Promise<Sent> {
    const before = transport.traffic().sentBodies;
    const { end, next } = await tryAll(pack, attempts);
    return { report: { ...end, pack, sentBytes: transport.traffic().sentBodies - before }, next };
  }

  async function tryAll(entry: P, attempts: number): Promise<End> {
    const bytes = outbox.read(entry);
    // Another poster may have sent it meanwhile.
    if (!bytes.ok) return kept(bytes.refusal, bytes.refusal.code === 'pack-gone' ? 'go-on' : 'stop');
    const pack = decodePack(bytes.value);
    if (!pack.ok) return kept(pack.refusal, 'go-on');
    const keyId = pack.value.bundle.verificationMaterial.publicKey.hint;
    const known = outbox.acknowledged(keyId);
    if (!known.ok) return kept(known.refusal, 'stop');
    let leaveOut: ReadonlySet<string> = known.value;
    let resends = 0;
    for (let failures = 0; ; ) {
      const exchange = await post(pack.value, keyId, leaveOut);
      const outcome = await settle(entry, pack.value, keyId, exchange, leaveOut);
      if ('end' in outcome) return outcome;
      if ('leaveOut' in outcome) {
        // Nothing is left out the second time, so a third request for documents cannot be met.
        resends += 1;
        if (resends > 2) return kept(documentsUnmet, 'strange');
        leaveOut = outcome.leaveOut;
        continue;
      }
      failures += 1;
      const delay = nextDelay(failures, clockwork.random, outcome.waitMs);
      if (failures >= attempts || delay > clockwork.maxDelayMs) return kept(outcome.why, 'later');
      await clockwork.sleep(delay);
    }
  }

  function post(pack: Pack, keyId: string, leaveOut: ReadonlySet<string>): Promise<Exchange> {
    const headers = {
      'affiant-key': keyId,
      'affiant-bundle': bundleDigest(pack.bundle),
      'content-type': packMediaType,
      'content-encoding': 'zstd',
    };
    return transport.post('/v1/bundles', headers, encodeWirePack(packParts(pack), leaveOut));
  }

  async function settle(
    entry: P,
    pack: Pack,
    keyId: string,
    exchange: Exchange,
    leaveOut: ReadonlySet<string>,
  ): Promise<End | Again> {
    if ('noAnswer' in exchange) {
      const { lasting, unconnected: _unconnected, ...why } = exchange.noAnswer;
      return lasting ? kept(why, 'stop') : { waitMs: 0, why };
    }
    const { reply } = exchange;
    const expected = { digest: entry.digest, bundle: pack.bundle, keyId, key: outbox.key(keyId), log };
    const verdict = judgeReply(reply, expected);
    switch (verdict.kind) {
      case 'receipt':
      case 'forked':
        return accept(entry, pack, keyId, verdict);
      case 'documents-missing':
        return documents(pack, keyId, verdict.missing, leaveOut);
      case 'rejected': {
        const { reason, detail } = verdict;
        return done(outbox.quarantine(entry, reason, reply.body), { fate: 'quarantined', reason, detail });
      }
      case 'key-refused':
        if (verdict.code.startsWith('token-') || verdict.code === 'not-permitted')
          return kept(
            { code: verdict.code, message: `the endpoint says: ${verdict.message}`, remedy: tokenRemedy },
            'stop',
          );
        return kept(
          {
            code: verdict.code,
            message: `the endpoint does not take the key ${keyId}: ${verdict.message}`,
            remedy: 'have a person make the key known to the endpoint: affiant key show',
          },
          'stop',
        );
      case 'receipt-refused':
        return kept(
          {
            code: 'receipt-refused',
            message: `the receipt proves nothing: ${verdict.message}`,
            remedy: "ask the endpoint's operator whether its log key was replaced",
          },
          'stop',
        );
      case 'later':
        return { waitMs: waitOf(reply), why: { code: 'endpoint-busy', message: verdict.message } };
      case 'not-understood':
        return kept(
          {
            code: 'not-an-endpoint',
            message: verdict.message,
            remedy: 'check endpoint.url, and that no proxy or login page answers in its place',
          },
          'strange',
        );
    }
  }

  function waitOf(reply: Reply): number {
    return retryAfterMs(reply.headers['retry-after'], clockwork.now()) ?? 0;
  }

  /** Remember first, let go last: a crash between costs a repeated post, which gets the same receipt. */
  async function accept(
    entry: P,
    pack: Pack,
    keyId: string,
    verdict: Extract<Verdict, { kind: 'receipt' | 'forked' }>,
  ): Promise<End | Again> {
    const { place, receipt } = verdict;
    const last = outbox.lastCheckpoint(place.origin);
    if (!last.ok) return kept(last.refusal, 'stop');
    const standing = await standingOf(place, last.value, log, transport);
    if (standing.kind === 'unknown') return { waitMs: 0, why: standing.refusal };
    if (standing.kind === 'diverged') {
      const reported = outbox.reportDivergence(place.origin);
      return kept(reported.ok ? diverged(standing.message) : reported.refusal, 'stop');
    }
    const remembered = outbox.rememberCheckpoint(seen(place, receipt));
    if (!remembered.ok) return kept(remembered.refusal, 'stop');
    const acknowledged = outbox.acknowledge(keyId, Object.keys(pack.documents));
    if (!acknowledged.ok) return kept(acknowledged.refusal, 'stop');
    const { index: logIndex, size: treeSize } = place;
    if (verdict.kind === 'receipt')
      return done(outbox.release(entry, receipt), {
        fate: 'receipted',
        repeated: verdict.repeated,
        logIndex,
        treeSize,
      });
    const forked = outbox.fork(entry);
    if (!forked.ok) return kept(forked.refusal, 'stop');
    return done(outbox.release(entry, receipt), { fate: 'forked', existing: verdict.existing, logIndex, treeSize });
  }

  function documents(
    pack: Pack,
    keyId: string,
    missing: readonly string[],
    leaveOut: ReadonlySet<string>,
  ): End | Again {
    const forgotten = outbox.forgetAcknowledged(keyId, missing);
    if (!forgotten.ok) return kept(forgotten.refusal, 'stop');
    const held = missing.filter((digest) => Object.hasOwn(pack.documents, digest));
    if (held.length < missing.length) return kept(documentsGone, 'deferred');
    const wanted = new Set(missing);
    const rest = new Set([...leaveOut].filter((digest) => !wanted.has(digest)));
    // It was sent them and asks again: send everything.
    return { leaveOut: rest.size === leaveOut.size ? new Set() : rest };
  }

  return { send };
}

const tokenRemedy = 'ask its operator for a token with the role uploader: affiant reader create';

const documentsGone: Refusal = {
  code: 'documents-dropped',
  message:
    'the endpoint lacks documents that the spool let go at its cap; it takes the bundle once a later one has told of it',
};

const documentsUnmet: Refusal = {
  code: 'not-an-endpoint',
  message: 'the endpoint asks again for documents that it was sent',
  remedy: 'check that no proxy changes what is sent',
};

function diverged(message: string): Refusal {
  return {
    code: 'log-diverged',
    message: `the endpoint's log contradicts itself: ${message}`,
    remedy: "ask the endpoint's operator; nothing is let go to it until a person has decided",
  };
}

function seen({ origin, size, root }: LogPlace, receipt: Receipt): Parameters<Outbox['rememberCheckpoint']>[0] {
  return { origin, size, root: Buffer.from(root).toString('base64'), note: receipt.checkpoint };
}

function kept(why: Refusal, next: Next): End {
  return { end: { fate: 'kept', why }, next };
}

/** A pack whose fate the disk did not take waits on; the endpoint answers the same again. */
function done(stored: Result<unknown>, end: Fate): End {
  return stored.ok ? { end, next: 'go-on' } : kept(stored.refusal, 'stop');
}
