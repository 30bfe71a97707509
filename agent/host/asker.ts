/** One access: budget, what was read before, the answer, and its source record. */
import type { SourceRecord } from '../../schemas/generated/types.ts';
import type { Budget } from './door.ts';
import type { Answer } from './host.ts';
import { locatorOf } from './locator.ts';
import type { Accessor, Limits, Machine, Raw, RawMiss } from './machine.ts';

/** What a source record says of an answer; of secret and volatile ones it keeps neither `bytes` nor `sha256`. */
export type Proof = Partial<
  Pick<SourceRecord, 'bytes' | 'sha256' | 'truncated' | 'entries' | 'exitCode' | 'signal' | 'privilege'>
>;
export type Outcome<T> = { readonly raw: Raw<T>; readonly proof?: Proof };

export type Access = {
  readonly kind: SourceRecord['kind'];
  /** What is read; with the kind and the cap it is the key under which the answer is remembered. */
  readonly subject: string;
  /** Where it is not the subject's own. */
  readonly locator?: string;
  readonly limits: Limits;
  readonly secret?: boolean;
  readonly volatile?: boolean;
  readonly by?: Accessor;
};

export type Asked = <T>(access: Access, perform: (limits: Limits) => Promise<Outcome<T>>) => Promise<Answer<T>>;

type Remembered = { readonly outcome: Outcome<unknown>; readonly cut: boolean };

const spent: RawMiss = { outcome: 'timed-out', reason: 'budget-spent' };

/**
 * Makes the askers of one run. They share what was read, so that two collectors which want the same
 * file read it once, and both get its record. What is volatile is read anew each time. An answer that
 * one collector's budget cut short is not remembered for the others.
 */
export function createAsker(machine: Pick<Machine, 'privilege'>, monotonicMs: () => number) {
  const remembered = new Map<string, Promise<Remembered>>();

  return (name: string, budget: Budget): { ask: Asked; records: () => SourceRecord[] } => {
    const records = new Map<string, SourceRecord>();
    const began = monotonicMs();
    const leftMs = (): number => {
      if (budget.signal?.aborted === true) return 0;
      return budget.milliseconds === undefined ? Number.POSITIVE_INFINITY : began + budget.milliseconds - monotonicMs();
    };

    async function reach(
      access: Access,
      perform: (limits: Limits) => Promise<Outcome<unknown>>,
    ): Promise<Outcome<unknown>> {
      const key = `${access.kind}\0${access.limits.maxBytes}\0${access.subject}`;
      for (;;) {
        const left = leftMs();
        if (left <= 0) return { raw: spent };
        const earlier = access.volatile === true ? undefined : remembered.get(key);
        const asking = earlier ?? start(access, left, perform);
        if (access.volatile !== true) remembered.set(key, asking);
        const first = await unlessAborted(asking, budget.signal);
        if (first === undefined) return { raw: spent };
        if (!first.cut) return first.outcome;
        if (remembered.get(key) === asking) remembered.delete(key);
        if (earlier === undefined) return first.outcome;
        // Another collector's budget ended before the answer came; this one asks again.
      }
    }

    const ask: Asked = async (access, perform) => {
      const locator = access.locator ?? locatorOf(access.kind, access.subject);
      let outcome: Outcome<unknown>;
      try {
        outcome = await reach(access, perform);
      } catch (error) {
        throw new Error(`${name} asked for ${locator}`, { cause: error });
      }
      note(records, recordOf(access, locator, outcome, machine));
      return answerOf(outcome.raw, locator) as Answer<never>;
    };
    return { ask, records: () => [...records.values()].toSorted((a, b) => (a.locator < b.locator ? -1 : 1)) };
  };
}

/** Starts an access with what is left of the budget; `cut` says that the budget ended it, not its own deadline. */
async function start(
  { limits, secret }: Access,
  leftMs: number,
  perform: (limits: Limits) => Promise<Outcome<unknown>>,
): Promise<Remembered> {
  const deadlineMs = Math.min(limits.deadlineMs, leftMs);
  const outcome = await perform({ ...limits, deadlineMs, ...(secret === true && { secret }) });
  if (outcome.raw.outcome !== 'timed-out' || leftMs >= limits.deadlineMs) return { outcome, cut: false };
  return { outcome: { ...outcome, raw: spent }, cut: true };
}

/** Undefined where the signal came first. */
async function unlessAborted<T>(running: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return await running;
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function recordOf(
  { kind, secret, volatile, by = 'own' }: Access,
  locator: string,
  outcome: Outcome<unknown>,
  machine: Pick<Machine, 'privilege'>,
): SourceRecord {
  const { raw, proof = {} } = outcome;
  const record: SourceRecord = { locator, kind, outcome: raw.outcome, privilege: machine.privilege(by), ...proof };
  if (raw.outcome !== 'ok') record.reason = raw.reason;
  if (secret === true) record.secret = true;
  if (volatile === true) record.volatile = true;
  return record;
}

/** One record a locator. The last answer counts, and what was ever secret stays secret. */
function note(records: Map<string, SourceRecord>, record: SourceRecord): void {
  const earlier = records.get(record.locator);
  if (earlier?.secret === true) record.secret = true;
  if (earlier?.volatile === true) record.volatile = true;
  if (record.secret === true || record.volatile === true) {
    delete record.bytes;
    delete record.sha256;
  }
  records.set(record.locator, record);
}

function answerOf(raw: Raw<unknown>, source: string): Answer<unknown> {
  if (raw.outcome === 'ok') return { status: 'observed', value: raw.value, source };
  const { outcome: status, reason, detail } = raw;
  return detail === undefined ? { status, reason, source } : { status, reason, detail, source };
}
