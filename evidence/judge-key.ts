/** Whether the key of a pack or an attestation was allowed to say it, as of its place in the log. */
import type { OpenAttestation } from './attestation.ts';
import type { Ledger } from './ledger.ts';
import { ok, type Result, refuse } from './result.ts';
import { doubtAfter, type Standing, speaksFor, standingAt } from './standing.ts';
import type { VerifiedPack } from './verify-pack.ts';

export type Judgement = {
  readonly standing: Exclude<Standing, { standing: 'unknown' }>;
  /** The records end before the bundle's place: one that was made in between is not known here. */
  readonly isBeyond: boolean;
};

/**
 * The standing under which a pack was logged. Refuses with `receipt-missing`, `key-not-enrolled`, `key-pending`,
 * `key-superseded`, `key-revoked`, `key-doubted` (a later revocation says that it may have been in other hands
 * by then, and nothing proves that the bundle is older), `target-mismatch`.
 */
export function judgePack(pack: VerifiedPack, ledger: Ledger): Result<Judgement> {
  if (pack.place === undefined)
    return refuse('receipt-missing', 'without a verified place in the log no standing can be judged');
  const { key, target, mode } = pack.statement.predicate;
  const judged = judgeAt(ledger, key.id, pack.place.index);
  if (!judged.ok || mode === 'replay' || speaksFor(judged.value.standing, target.id)) return judged;
  return refuse('target-mismatch', 'the key was enrolled for another server than the one in the statement', {
    pointer: '/predicate/target/id',
  });
}

/** The same for an attestation at its log index; refuses also with `kind-forbidden`, `author-mismatch`, `role-forbidden`. */
export function judgeAttestation({ predicate }: OpenAttestation, index: number, ledger: Ledger): Result<Judgement> {
  const judged = judgeAt(ledger, predicate.key.id, index);
  if (!judged.ok) return judged;
  const { person, role } = judged.value.standing;
  if (person === undefined) return refuse('role-forbidden', 'the key is that of a server, which attests nothing');
  if (!person.kinds.includes(predicate.kind))
    return refuse('kind-forbidden', `the person may not sign attestations of the kind ${predicate.kind}`);
  if (predicate.author.name !== person.name || predicate.author.role !== role)
    return refuse('author-mismatch', 'the author is not the person, or not in the role, that the key was enrolled for');
  return judged;
}

function judgeAt(ledger: Ledger, keyId: string, index: number): Result<Judgement> {
  const standing = standingAt(ledger, keyId, index);
  const at = `at log index ${index}`;
  switch (standing.standing) {
    case 'unknown':
      return refuse('key-not-enrolled', `no record before log index ${index} speaks of the key ${keyId}`);
    case 'pending':
      return refuse('key-pending', `${at} the key still waited to be approved`);
    case 'revoked':
      return refuse(
        'key-revoked',
        `${at} the key was revoked already (since log index ${standing.since.index}: ${standing.reason})`,
      );
    case 'superseded':
      if (standing.overlapUntil === undefined)
        return refuse(
          'key-superseded',
          `${at} another key had taken its place (since log index ${standing.since.index})`,
        );
      break;
    case 'active':
      break;
  }
  const doubt = doubtAfter(ledger, keyId, index);
  if (doubt !== undefined && !isProvenBefore(ledger, index, doubt.compromisedSince))
    return refuse(
      'key-doubted',
      `the key was revoked later and may have been in other hands since ${doubt.compromisedSince}; nothing proves that this is older`,
    );
  return ok({ standing, isBeyond: index > ledger.upTo });
}

/** A record behind that index was made at or before the moment: so what stands at the index is older. */
function isProvenBefore({ entries }: Ledger, index: number, instant: string): boolean {
  return entries.some((entry) => entry.index > index && Date.parse(entry.predicate.at) <= Date.parse(instant));
}
