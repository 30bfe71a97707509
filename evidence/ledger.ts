/** The records of a log as a reader holds them: proved one by one, and proved to be all of them up to the newest. */
import type { RecordPredicate } from '../schemas/generated/types.ts';
import type { LogVerifier } from './checkpoint.ts';
import { isHandedOver, type OpenRecord, openRecord, recordOf, vouchedRegistrar } from './record.ts';
import { ok, type Refusal, type Result, refuse } from './result.ts';
import { placeInLog, type Signed } from './signed-file.ts';
import { type VerificationKey, verificationKeyFromDer } from './signing-key.ts';

/** A record with its place in the log. */
export type LedgerEntry = {
  readonly predicate: RecordPredicate;
  /** The bundle digest. */
  readonly digest: string;
  /** The index of its leaf. */
  readonly index: number;
  /** For an erasure, the digests of the documents that went. */
  readonly documents: readonly string[];
};

export type Ledger = {
  readonly log: LogVerifier;
  /** By sequence, from 0 without holes. */
  readonly entries: readonly LedgerEntry[];
  /** The log index of the newest record that is here. What was recorded after it cannot be known from here. */
  readonly upTo: number;
  /** Every key that the records introduced, by id. */
  readonly keys: ReadonlyMap<string, VerificationKey>;
};

/**
 * Proves records against a trusted log. They may be given in any order and more than once; up to the
 * newest none may lack. Refuses with `records-empty`, `records-gap`, `records-forked` (two of one place),
 * `records-disordered` (the log has them in another order), `rotation-unsigned`, and as `openRecord`,
 * `vouchedRegistrar` and `placeInLog` do; pointers lead into the list in the order of its sequence.
 */
export function openLedger(records: readonly Signed[], log: LogVerifier): Result<Ledger> {
  const ordered = inSequence(records);
  if (!ordered.ok) return ordered;
  const entries: LedgerEntry[] = [];
  const keys = new Map<string, VerificationKey>();
  let registrar: VerificationKey | undefined;
  for (const [sequence, signed] of ordered.value.entries()) {
    const opened = openNext(signed, registrar, entries.at(-1), log);
    if (!opened.ok) return at(sequence, opened.refusal);
    const { entry } = opened.value;
    registrar = opened.value.registrar;
    const learnt = learnKey(entry.predicate, keys);
    if (!learnt.ok) return at(sequence, learnt.refusal);
    entries.push(entry);
  }
  const last = entries.at(-1);
  if (last === undefined) return refuse('records-empty', 'there are no records: no standing can be judged');
  return ok({ log, entries, upTo: last.index, keys });
}

function at(sequence: number, refusal: Refusal): Result<never> {
  return { ok: false, refusal: { ...refusal, pointer: `/${sequence}${refusal.pointer ?? ''}` } };
}

function inSequence(records: readonly Signed[]): Result<Signed[]> {
  const byPlace = new Map<number, Signed>();
  for (const signed of records) {
    const statement = recordOf(signed.bundle);
    if (!statement.ok) return statement;
    const { sequence } = statement.value.predicate.place;
    const other = byPlace.get(sequence);
    if (other !== undefined && other.bundle.dsseEnvelope.payload !== signed.bundle.dsseEnvelope.payload)
      return refuse(
        'records-forked',
        `two different records have the place ${sequence}: the registrar contradicts itself`,
      );
    byPlace.set(sequence, signed);
  }
  const ordered: Signed[] = [];
  for (let sequence = 0; sequence < byPlace.size; sequence += 1) {
    const signed = byPlace.get(sequence);
    if (signed === undefined)
      return refuse('records-gap', `the record number ${sequence} is not here, but later ones are`, {
        remedy: 'ask for all records: GET /v1/records',
      });
    ordered.push(signed);
  }
  return ok(ordered);
}

type Opened = { readonly entry: LedgerEntry; readonly registrar: VerificationKey };

function openNext(
  signed: Signed,
  registrar: VerificationKey | undefined,
  before: LedgerEntry | undefined,
  log: LogVerifier,
): Result<Opened> {
  // A registrar introduces itself, and the log's key vouches; every other record is by the one introduced last.
  const statement = recordOf(signed.bundle);
  if (!statement.ok) return statement;
  const introduces = statement.value.predicate.kind === 'registrar';
  const opened = openRecord(signed.bundle, introduces ? signed.key : (registrar ?? signed.key));
  if (!opened.ok) return opened;
  const { predicate } = opened.value;
  const vouched = predicate.kind === 'registrar' ? vouchedRegistrar(predicate, log) : ok(registrar ?? signed.key);
  if (!vouched.ok) return vouched;
  const linked = checkLink(opened.value, before, log);
  if (!linked.ok) return linked;
  const place = placeInLog(signed, log);
  if (!place.ok) return place;
  const { index } = place.value;
  if (before !== undefined && index <= before.index)
    return refuse('records-disordered', 'the log has the record before the one that it follows', {
      pointer: '/receipt',
    });
  const documents = opened.value.statement.subject.filter(({ name }) => name.startsWith('document/'));
  const entry = {
    predicate,
    digest: opened.value.digest,
    index,
    documents: documents.map(({ digest: removed }) => removed.sha256),
  };
  return ok({ entry, registrar: vouched.value });
}

function checkLink({ predicate }: OpenRecord, before: LedgerEntry | undefined, log: LogVerifier): Result<undefined> {
  if (predicate.place.previous !== before?.digest)
    return refuse('records-gap', 'the record does not follow the one before it', { pointer: '/predicate/place' });
  return predicate.log === log.origin
    ? ok(undefined)
    : refuse('receipt-other-log', 'the record is of another log', { pointer: '/predicate/log' });
}

function learnKey(predicate: RecordPredicate, keys: Map<string, VerificationKey>): Result<undefined> {
  if (predicate.kind !== 'enrolment' && predicate.kind !== 'rotation') return ok(undefined);
  const key = verificationKeyFromDer(predicate.key.publicKey);
  if (!key.ok) return key;
  if (predicate.kind === 'rotation') {
    const old = keys.get(predicate.previousKey);
    if (old === undefined || !isHandedOver(predicate, old))
      return refuse('rotation-unsigned', 'the old key did not sign the hand-over to the new one', {
        pointer: '/predicate/request',
      });
  }
  keys.set(key.value.keyId, key.value);
  return ok(undefined);
}
