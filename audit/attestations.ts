/** Statements of persons over a folder: verified, those withdrawn taken out, and what each ends or suspends. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAttestation } from '../evidence/attestation.ts';
import { ok, type Result, refuse } from '../evidence/result.ts';
import type { VerificationKey } from '../evidence/signing-key.ts';
import type { AttestationPredicate } from '../schemas/generated/types.ts';
import { type Day, dayOf, type When } from './days.ts';
import type { AttestationRef } from './finding.ts';
import type { HostIdentity, RefusedPack } from './history-model.ts';

export type Attestation = { readonly id: string; readonly file: string; readonly predicate: AttestationPredicate };
export type AttestationOf<Kind extends AttestationPredicate['kind']> = Attestation & {
  readonly predicate: Extract<AttestationPredicate, { kind: Kind }>;
};

export type ReadAttestations = {
  readonly attestations: readonly Attestation[];
  readonly refused: readonly RefusedPack[];
};

const suffix = '.attestation.json';

/** Reads every attestation below a folder; one that does not verify is named and says nothing. Refuses with `attestations-unreadable`. */
export function readAttestations(
  folder: string,
  key: (keyId: string) => VerificationKey | undefined,
): Result<ReadAttestations> {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .toSorted();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('attestations-unreadable', `${folder} cannot be read (${code})`, {
      remedy: 'check the folder given with --attestations',
    });
  }
  const found = new Map<string, Attestation>();
  const refused: RefusedPack[] = [];
  for (const name of names) {
    const opened = decodeAttestation(readFileSync(join(folder, name)));
    if (!opened.ok) {
      // Other files may lie in the folder; one that calls itself an attestation has to be one.
      if (name.endsWith(suffix) || opened.refusal.code !== 'file-kind') refused.push({ file: name, ...opened.refusal });
      continue;
    }
    const { key: signer, digest, predicate } = opened.value;
    if (key(signer.keyId) === undefined)
      refused.push({
        file: name,
        code: 'key-unknown',
        message: `signed by the key ${signer.keyId}, which is not among the trusted ones`,
      });
    else found.set(digest, { id: digest, file: name, predicate });
  }
  return ok({ attestations: withoutWithdrawn([...found.values()]), refused });
}

/** A withdrawal takes back what its own key signed. */
export function withoutWithdrawn(all: readonly Attestation[]): Attestation[] {
  const withdrawn = new Set(
    all.flatMap(({ predicate }) => {
      if (predicate.kind !== 'withdrawal') return [];
      const of = all.find(({ id }) => id === predicate.attestation);
      return of?.predicate.key.id === predicate.key.id ? [predicate.attestation] : [];
    }),
  );
  return all
    .filter(({ id, predicate }) => predicate.kind !== 'withdrawal' && !withdrawn.has(id))
    .toSorted((one, other) => (one.predicate.madeAt < other.predicate.madeAt ? -1 : 1));
}

/** Those of a kind that speak of the server and were made by the day. */
export function attestationsOf<Kind extends AttestationPredicate['kind']>(
  all: readonly Attestation[],
  kind: Kind,
  host: HostIdentity,
  at: Day,
): AttestationOf<Kind>[] {
  return all.filter(
    (each): each is AttestationOf<Kind> =>
      each.predicate.kind === kind && dayOf(each.predicate.madeAt) <= at && speaksOf(each.predicate, host),
  );
}

function speaksOf(predicate: AttestationPredicate, host: HostIdentity): boolean {
  return 'targets' in predicate && Array.isArray(predicate.targets)
    ? predicate.targets.some((target) => host.targetIds.includes(target))
    : true;
}

/** When it stops holding; undefined where it holds until withdrawn. */
export function expiryOf(predicate: AttestationPredicate): When | undefined {
  return 'expiresAt' in predicate ? predicate.expiresAt : undefined;
}

export function attestationRef({ id, predicate }: Attestation, text: string): AttestationRef {
  const until = expiryOf(predicate);
  return {
    id,
    kind: predicate.kind,
    by: `${predicate.author.name} (${predicate.author.role})`,
    at: predicate.madeAt,
    ...(until !== undefined && { until }),
    text,
  };
}
