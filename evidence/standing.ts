/** What a key was allowed at a place of the log: judged from records, by nothing else. */
import type { Person, RecordPredicate, Role } from '../schemas/generated/types.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { RecordOf } from './record.ts';

/** Where a change of standing is recorded. */
export type RecordedAt = {
  readonly index: number;
  /** By the endpoint's clock. */
  readonly at: string;
  /** The record's bundle digest. */
  readonly record: string;
};

/**
 * unknown: no record up to there speaks of the key. active: it could speak. pending: it waited for a person.
 * superseded: another key had taken its place; until `overlapUntil` what it had signed before was still taken.
 * revoked: it was not taken any more.
 */
export type Standing =
  | { readonly standing: 'unknown' }
  | (Known & { readonly standing: 'active' | 'pending' })
  | (Known & { readonly standing: 'superseded'; readonly successor: string; readonly overlapUntil?: string })
  | (Known & { readonly standing: 'revoked'; readonly reason: string; readonly compromisedSince?: string });

export type Known = {
  readonly role: Role;
  /** Target ids, or `*`. */
  readonly targets: readonly string[];
  readonly person?: Person;
  readonly label?: string;
  readonly since: RecordedAt;
  /** Why a pending key waits: the key that speaks for its target. */
  readonly waitsFor?: string;
};

/**
 * The standing of a key at a log index: as of the records before it. A bundle that stands at that
 * index was let in under this standing. Past `ledger.upTo` it is the newest that is known here: a later
 * record could say otherwise.
 */
export function standingAt(ledger: Ledger, keyId: string, index: number): Standing {
  return standings(ledger.entries.filter((entry) => entry.index < index)).get(keyId) ?? { standing: 'unknown' };
}

/** The standing of every key after these records, by key id. */
export function standings(entries: readonly LedgerEntry[]): ReadonlyMap<string, Standing> {
  const known = new Map<string, Standing>();
  for (const { predicate, digest, index } of entries)
    apply(predicate, { index, at: predicate.at, record: digest }, known);
  return known;
}

/** A revocation after an index that says the key may have been in other hands before: what it signed from then on says little. */
export function doubtAfter(
  ledger: Ledger,
  keyId: string,
  index: number,
): (RecordedAt & { compromisedSince: string }) | undefined {
  for (const { predicate, digest, index: at } of ledger.entries)
    if (
      at >= index &&
      predicate.kind === 'revocation' &&
      predicate.key === keyId &&
      predicate.compromisedSince !== undefined
    )
      return { index: at, at: predicate.at, record: digest, compromisedSince: predicate.compromisedSince };
  return undefined;
}

type Standings = Map<string, Standing>;

function apply(predicate: RecordPredicate, since: RecordedAt, known: Standings): void {
  switch (predicate.kind) {
    case 'enrolment':
      enrol(predicate, since, known);
      return;
    case 'rotation':
      rotate(predicate, since, known);
      return;
    case 'approval':
      approve(predicate, since, known);
      return;
    case 'revocation':
      revoke(predicate, since, known);
      return;
    case 'registrar':
    case 'pruning':
    case 'erasure':
    case 'legal-hold':
    case 'legal-hold-release':
  }
}

function enrol(predicate: RecordOf<'enrolment'>, since: RecordedAt, known: Standings): void {
  const { key, standing, successorOf, ...said } = predicate;
  known.set(key.id, {
    ...knownOf({ ...said, since }),
    standing,
    ...(successorOf !== undefined && { waitsFor: successorOf }),
  });
}

function rotate({ key, previousKey, overlapUntil }: RecordOf<'rotation'>, since: RecordedAt, known: Standings): void {
  const old = of(previousKey, known);
  // Only a key in good standing hands it over: the endpoint refuses any other, and a record of it changes nothing.
  if (old?.standing !== 'active') return;
  known.set(key.id, { ...knownOf(old), standing: 'active', since });
  known.set(previousKey, { ...knownOf(old), standing: 'superseded', since, successor: key.id, overlapUntil });
}

function approve({ key, successorOf }: RecordOf<'approval'>, since: RecordedAt, known: Standings): void {
  const pending = of(key, known);
  if (pending?.standing !== 'pending') return;
  known.set(key, { ...knownOf(pending), standing: 'active', since });
  const old = successorOf === undefined ? undefined : of(successorOf, known);
  if (old !== undefined && successorOf !== undefined && old.standing !== 'revoked')
    known.set(successorOf, { ...knownOf(old), standing: 'superseded', since, successor: key });
}

function revoke({ key, reason, compromisedSince }: RecordOf<'revocation'>, since: RecordedAt, known: Standings): void {
  const old = of(key, known);
  if (old === undefined) return;
  const doubt = compromisedSince !== undefined && { compromisedSince };
  known.set(key, { ...knownOf(old), standing: 'revoked', since, reason, ...doubt });
}

function of(keyId: string, known: Standings): Exclude<Standing, { standing: 'unknown' }> | undefined {
  const standing = known.get(keyId);
  return standing === undefined || standing.standing === 'unknown' ? undefined : standing;
}

function knownOf({ role, targets, person, label, since }: Known): Known {
  return { role, targets, since, ...(person && { person }), ...(label !== undefined && { label }) };
}

/** Whether a key with that standing speaks for a target. */
export function speaksFor(standing: Standing, target: string): boolean {
  return standing.standing !== 'unknown' && standing.targets.some((pattern) => pattern === '*' || pattern === target);
}
