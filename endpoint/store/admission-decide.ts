/** Decides a batch bundle by bundle over what was read for it; nothing is written here. */
import { logLeaf } from '../../evidence/receipt.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import type { Edge } from '../log-edge.ts';
import { documentKind, type Kept, lineName, type Surrounding } from './admission-state.ts';
import { labelsOf } from './labels.ts';
import type { NewLeaf } from './log-tables.ts';
import type { Admission, Admitted, Refused } from './store.ts';

/** A bundle that will be kept, with what is new about it. */
export type NewBundle = {
  readonly admission: Admission;
  readonly kept: Kept;
  readonly leaf: NewLeaf;
  /** Names of its documents that are not kept yet. */
  readonly newDocuments: readonly string[];
  /** Names of those that are kept, and whose last use is more than a day ago. */
  readonly usedAgain: readonly string[];
  readonly bindsTarget: boolean;
};

export type Decision =
  | { readonly kind: 'answer'; readonly admitted: Admitted }
  /** Kept now, or an earlier time. */
  | { readonly kind: 'kept'; readonly kept: Kept; readonly isNew: boolean };

export type Decided = { readonly decisions: readonly Decision[]; readonly added: readonly NewBundle[] };

export function decideBatch(
  batch: readonly Admission[],
  refused: readonly (Refused | undefined)[],
  around: Surrounding,
  edge: Edge,
  origin: string,
): Decided {
  const added: NewBundle[] = [];

  function decide(admission: Admission, gate: Refused | undefined): Decision {
    const kept = around.bundles.get(admission.digest);
    if (kept !== undefined) return { kind: 'kept', kept, isNew: false };
    if (gate !== undefined) return { kind: 'answer', admitted: gate };
    const { keyId } = admission.key;
    const { mode, target } = admission.statement.predicate;
    // A replay shows a recording: it neither needs the key's server nor may it bind the key to one.
    const binds = mode !== 'replay';
    const isTarget = around.targets.has(`${keyId}/${target.id}`);
    // For sweepers and auditors, who speak for several, the gate of their standing has decided.
    if (binds && admission.key.role === 'agent' && !isTarget && around.bound.has(keyId))
      return { kind: 'answer', admitted: { outcome: 'target-mismatch' } };
    const documents = lookForDocuments(admission, around);
    if (documents.missing.length > 0)
      return { kind: 'answer', admitted: { outcome: 'documents-missing', missing: documents.missing } };
    const bundle = keep(admission, documents, binds && !isTarget);
    added.push(bundle);
    return { kind: 'kept', kept: bundle.kept, isNew: true };
  }

  function keep(admission: Admission, documents: Documents, bindsTarget: boolean): NewBundle {
    const { key, digest, statement, receivedAt, bundle } = admission;
    const { predicate } = statement;
    const { chain, checkpoint, target } = predicate;
    const line = lineName(key);
    const place = `${line}/${chain.id}/${chain.sequence}`;
    const here = around.places.get(place) ?? [];
    const [existing] = here;
    const labels = labelsOf(predicate, {
      receivedAt,
      before: around.places.get(`${line}/${chain.id}/${chain.sequence - 1}`) ?? [],
      placeTaken: existing !== undefined,
      documentsDropped: documents.isThin,
      logOrigin: origin,
      quotedAt: checkpoint && around.checkpoints.get(`${checkpoint.size}/${checkpoint.root}`),
    });
    const body = logLeaf(bundle, key, digest);
    const { index, hash } = edge.append(body);
    const kept: Kept = { logIndex: index, sealed: undefined, existing, labels };
    around.bundles.set(digest, kept);
    around.places.set(place, [...here, digest]);
    if (bindsTarget) {
      around.bound.add(key.keyId);
      around.targets.add(`${key.keyId}/${target.id}`);
    }
    for (const name of [...documents.added, ...documents.usedAgain])
      around.documents.set(documentName(admission, name), receivedAt);
    for (const { digest: thin, names } of droppedIn(admission))
      for (const name of names) around.dropped.add(`${key.keyId}/${thin}/${name}`);
    return {
      admission,
      kept,
      leaf: { index, kind: 'bundle', hash, body },
      newDocuments: documents.added,
      usedAgain: documents.usedAgain,
      bindsTarget,
    };
  }

  return { decisions: batch.map((admission, index) => decide(admission, refused[index])), added };
}

type Documents = {
  readonly missing: string[];
  readonly added: string[];
  readonly usedAgain: string[];
  readonly isThin: boolean;
};

/** How exactly the store knows when a document was last named: once a day is enough for retention, and costs next to nothing. */
export const useResolutionMs = 86_400_000;

/** Subjects that are neither sent, nor held for this key under their name, split by whether they are known to be gone. */
function lookForDocuments(admission: Admission, around: Surrounding): Documents {
  const { statement, documents, digest, key, receivedAt } = admission;
  const missing = new Set<string>();
  const added = new Map<string, string>();
  const usedAgain = new Map<string, string>();
  let isThin = false;
  for (const { name, digest: sha } of statement.subject) {
    const place = `${key.keyId}/${sha.sha256}/${documentKind(name)}`;
    const usedAt = around.documents.get(place);
    if (usedAt !== undefined) {
      if (Date.parse(usedAt) + useResolutionMs < Date.parse(receivedAt)) usedAgain.set(place, name);
      continue;
    }
    if (documents.has(name)) {
      if (!added.has(place)) added.set(place, name);
      continue;
    }
    isThin = true;
    if (!around.dropped.has(`${key.keyId}/${digest}/${name}`)) missing.add(sha.sha256);
  }
  return { missing: [...missing], added: [...added.values()], usedAgain: [...usedAgain.values()], isThin };
}

function documentName({ key, statement }: Admission, name: string): string {
  const sha = statement.subject.find((subject) => subject.name === name)?.digest.sha256 ?? '';
  return `${key.keyId}/${sha}/${documentKind(name)}`;
}

/** Documents that this signed bundle says were let go, by the bundle that lacks them. */
export function droppedIn({ statement }: Admission): { digest: string; names: readonly string[] }[] {
  return (statement.predicate.incidents ?? []).flatMap((incident) =>
    incident.kind === 'dropped' && incident.digest !== undefined
      ? [{ digest: incident.digest, names: incident.documents ?? [] }]
      : [],
  );
}

/** What a kept bundle is answered with. */
export function keptAnswer({ existing, labels }: Kept, isNew: boolean, receipt: Receipt): Admitted {
  if (existing !== undefined) return { outcome: 'forked', existing, receipt, labels };
  return { outcome: isNew ? 'stored' : 'repeated', receipt, labels };
}
