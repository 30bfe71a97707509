/**
 * The endpoint's registrar: signs records, one after the other, each with what it changes in one
 * transaction. The record is signed before the log is locked, over what was read; inside the transaction
 * the same decision is made again, and where it comes out otherwise, all begins anew.
 */
import { canonicalText } from '../../evidence/canonical-json.ts';
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { logLeaf } from '../../evidence/receipt.ts';
import { type RecordDraft, registrarDraft, signRecord } from '../../evidence/record.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { encodeSigned, recordMediaType, type Signed } from '../../evidence/signed-file.ts';
import { type Signer, verificationKeyOf } from '../../evidence/signing-key.ts';
import type { RecordPlace } from '../../schemas/generated/types.ts';
import { numberOf, type Sql, textOf } from '../store/sql.ts';
import type { Store } from '../store/store.ts';

/** What is decided over the database as it stands: a record with the changes that it records, or an answer without any. */
export type Decision<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | {
      readonly kind: 'record';
      readonly draft: RecordDraft;
      /** Digests of erased documents. */
      readonly documents?: readonly string[];
      /** Writes, inside the transaction; gets the log index of the record. */
      readonly changes: (sql: Sql, index: number) => Promise<T>;
    };

/** Reads only, and decides the same where the database says the same. */
export type Decide<T> = (sql: Sql) => Promise<Result<Decision<T>>>;

/** A record that stands in the log now. */
export type Recorded<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'record'; readonly value: T; readonly index: number; readonly record: Signed };

export type Registrar = {
  readonly keyId: string;
  /** Refuses as `decide` does, and with `store-failed`, `store-contended`, `registrar-key-other`. */
  record<T>(decide: Decide<T>): Promise<Result<Recorded<T>>>;
  /** Introduces `next`, for whose key the log's key vouches; every record after that is signed by it. Gives the log index. */
  handOver(next: Signer): Promise<Result<number>>;
};

export type RegistrarOptions = {
  readonly signer: Signer;
  readonly logSigner: LogSigner;
  readonly now: () => Date;
  /** The key of that id, where another process introduced it and put it where this one finds it. */
  readonly reread?: (keyId: string) => Result<Signer>;
};

/** Whether records were made in that store before, and by which key the newest. */
export async function newestRegistrar(store: Store): Promise<Result<string | undefined>> {
  return store.read(async (sql) => (await headOf(sql))?.registrar);
}

type Making = Registrar & { readonly follows: (head: Head) => Result<Signer> };

function makeRegistrar(store: Store, { signer: first, logSigner, now, reread }: RegistrarOptions): Making {
  let current = first;
  let last: Promise<unknown> = Promise.resolve();

  /** Records are by the registrar who was introduced last, and by nobody else. */
  function signerAfter(head: Head | undefined): Result<Signer> {
    if (head === undefined || head.registrar === current.keyId) return ok(current);
    const next = reread?.(head.registrar);
    if (next?.ok !== true) return otherKey();
    current = next.value;
    return next;
  }

  async function tryOnce<T>(decide: Decide<T>, by?: Signer): Promise<Result<Recorded<T>> | undefined> {
    const read = await store.read(async (sql) => ({ decided: await decide(sql), head: await headOf(sql) }));
    if (!read.ok) return read;
    const { decided, head } = read.value;
    const place = placeAfter(head);
    if (!decided.ok) return decided;
    const first = decided.value;
    if (first.kind === 'answer') return ok({ kind: 'answer', value: first.value });
    const signing = by === undefined ? signerAfter(head) : ok(by);
    if (!signing.ok) return signing;
    const signer = signing.value;
    const key = verificationKeyOf(signer);
    const at = now().toISOString();
    const frame = { log: logSigner.origin, place, at, ...(first.documents && { documents: first.documents }) };
    const { bundle, digest } = signRecord(first.draft, frame, signer);
    const signed: Signed = { bundle, key };
    const appended = await store.append(
      { kind: first.draft.kind, leafBody: logLeaf(bundle, key), envelope: encodeSigned(recordMediaType, signed), at },
      async (sql, index): Promise<Result<T>> => {
        const again = await decide(sql);
        const now_ = placeAfter(await headOf(sql));
        if (
          !again.ok ||
          again.value.kind !== 'record' ||
          !isSame(first, again.value) ||
          now_.sequence !== place.sequence
        )
          return refuse('record-raced', 'another record came between');
        await sql.run('DELETE FROM record_head');
        await sql.run('INSERT INTO record_head (id, sequence, digest, registrar) VALUES (1, $1, $2, $3)', [
          place.sequence,
          digest,
          signer.keyId,
        ]);
        await sql.run('INSERT INTO record_place (sequence, log_index) VALUES ($1, $2)', [place.sequence, index]);
        return ok(await again.value.changes(sql, index));
      },
    );
    if (!appended.ok) return appended.refusal.code === 'record-raced' ? undefined : appended;
    const { index, receipt, value } = appended.value;
    return ok({ kind: 'record', value: value as T, index, record: { ...signed, receipt } });
  }

  /** Another process can be quicker; each time one of them gets on, so that this ends. */
  async function persist<T>(decide: Decide<T>, by?: Signer): Promise<Result<Recorded<T>>> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const done = await tryOnce(decide, by);
      if (done !== undefined) return done;
    }
    return refuse('store-contended', 'too many records at once; nothing was kept', { remedy: 'try again' });
  }

  /** In this process one after the other: they would only race. */
  function inLine<T>(decide: Decide<T>, by?: Signer): Promise<Result<Recorded<T>>> {
    const mine = last.then(() => persist(decide, by));
    last = mine.catch(() => {});
    return mine;
  }

  async function handOver(next: Signer): Promise<Result<number>> {
    const draft = registrarDraft(next, logSigner);
    const introduced = await inLine<number>(async (sql) => {
      const head = await headOf(sql);
      return head?.registrar === next.keyId
        ? ok({ kind: 'answer', value: await introducedAt(sql) })
        : ok({ kind: 'record', draft, changes: async (_, index) => index });
    }, next);
    if (!introduced.ok) return introduced;
    current = next;
    return ok(introduced.value.value);
  }

  return {
    get keyId() {
      return current.keyId;
    },
    record: (decide) => inLine(decide),
    handOver,
    follows: signerAfter,
  };
}

/**
 * Opens the registrar over a store. Where the store has no records, the first introduces the key. Refuses
 * with `registrar-key-other` where the records are by another key: a second one would say that the first is gone.
 */
export async function openRegistrar(store: Store, options: RegistrarOptions): Promise<Result<Registrar>> {
  const registrar = makeRegistrar(store, options);
  const head = await store.read(headOf);
  if (!head.ok) return head;
  if (head.value !== undefined) {
    const followed = registrar.follows(head.value);
    return followed.ok ? ok(registrar) : followed;
  }
  const { signer, logSigner } = options;
  const introduced = await registrar.record<'ours' | 'other'>(async (sql) => {
    const another = await headOf(sql);
    if (another !== undefined)
      return ok({ kind: 'answer', value: another.registrar === signer.keyId ? 'ours' : 'other' });
    return ok({ kind: 'record', draft: registrarDraft(signer, logSigner), changes: async () => 'ours' as const });
  });
  if (!introduced.ok) return introduced;
  return introduced.value.value === 'ours' ? ok(registrar) : otherKey();
}

/**
 * Makes `signer` the registrar, whoever was it before and whether or not that key is still there: the log's key vouches.
 * Gives the log index of the record that says so.
 */
export async function introduceRegistrar(store: Store, options: RegistrarOptions): Promise<Result<number>> {
  return makeRegistrar(store, options).handOver(options.signer);
}

function otherKey(): Result<never> {
  return refuse('registrar-key-other', 'the records of this store are signed by another registrar key', {
    remedy:
      'put the registrar-key.pem of this store back, share it between the processes of one endpoint, or, where it is lost: affiant key rotate-registrar',
  });
}

/** The log index of the record that introduced the registrar. */
async function introducedAt(sql: Sql): Promise<number> {
  return numberOf((await sql.get("SELECT max(log_index) AS at FROM record WHERE kind = 'registrar'")) ?? {}, 'at');
}

const maxTries = 100;

type Head = { readonly sequence: number; readonly digest: string; readonly registrar: string };

async function headOf(sql: Sql): Promise<Head | undefined> {
  const row = await sql.get('SELECT sequence, digest, registrar FROM record_head WHERE id = 1');
  return (
    row && { sequence: numberOf(row, 'sequence'), digest: textOf(row, 'digest'), registrar: textOf(row, 'registrar') }
  );
}

function placeAfter(head: Head | undefined): RecordPlace {
  return head === undefined ? { sequence: 0 } : { sequence: head.sequence + 1, previous: head.digest };
}

type Draft = Extract<Decision<unknown>, { kind: 'record' }>;

function isSame(first: Draft, second: Draft): boolean {
  return canonicalText([first.draft, first.documents ?? []]) === canonicalText([second.draft, second.documents ?? []]);
}
