/** Decides and writes admissions inside one transaction that the caller holds. */
import type { DatabaseSync } from 'node:sqlite';
import { constants, zstdCompressSync } from 'node:zlib';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { logLeaf } from '../../evidence/receipt.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import { receiptOf, type SealedLog } from '../log.ts';
import { type Label, labelsOf } from './labels.ts';
import { openPlaces } from './sqlite-chain.ts';
import { openKeys } from './sqlite-keys.ts';
import type { LogTables } from './sqlite-log.ts';
import { fromHex, hexOf, numberOf, textOf } from './sqlite-rows.ts';
import type { Admission, Admitted } from './store.ts';

type Kept = {
  readonly id: number;
  readonly logIndex: number;
  readonly existing?: string;
  readonly labels: readonly Label[];
};
type Decision = Admitted | { readonly kept: Kept; readonly isNew: boolean };

/** Written under one name, a document may stand for that name again; raw outputs have no schema and share one kind. */
export function documentKind(name: string): string {
  return name.startsWith('raw/') ? 'raw' : name;
}

/**
 * The admission of a batch: all leaves first, then one checkpoint over them, then the receipts. Throws
 * where the database does; the caller rolls back.
 */
export function openAdmission(
  database: DatabaseSync,
  log: LogTables,
  origin: string,
): (batch: readonly Admission[]) => Admitted[] {
  const keys = openKeys(database);
  const places = openPlaces(database);
  const hasDocument = database.prepare('SELECT 1 FROM document WHERE key = ? AND sha256 = ? AND kind = ?');
  const putDocument = database.prepare(
    'INSERT INTO document (key, sha256, kind, zstd, size, received_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const getBundle = database.prepare('SELECT id, log_index, existing, labels FROM bundle WHERE key = ? AND digest = ?');
  const putBundle = database.prepare(
    `INSERT INTO bundle (key, digest, target, mode, chain, sequence, previous, finished_at, received_at, labels, existing,
     payload, signature, log_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const isDropped = database.prepare('SELECT 1 FROM dropped WHERE key = ? AND digest = ? AND name = ?');
  const putDropped = database.prepare('INSERT OR IGNORE INTO dropped (key, digest, name) VALUES (?, ?, ?)');
  const getReceipt = database.prepare('SELECT receipt FROM receipt WHERE bundle = ?');
  const putReceipt = database.prepare('INSERT INTO receipt (bundle, receipt) VALUES (?, ?)');

  function find(key: number, digest: string): Kept | undefined {
    const row = getBundle.get(key, fromHex(digest));
    if (row === undefined) return undefined;
    const labels = JSON.parse(textOf(row, 'labels')) as Label[];
    const existing = row['existing'] === null ? undefined : hexOf(row, 'existing');
    return { id: numberOf(row, 'id'), logIndex: numberOf(row, 'log_index'), labels, ...(existing && { existing }) };
  }

  /** Subjects that are neither sent, nor held for this key under their name, split by whether they are known to be gone. */
  function lookForDocuments(
    key: number,
    { statement, documents, digest }: Admission,
  ): { missing: string[]; dropped: boolean } {
    const absent = statement.subject.filter(
      (subject) =>
        !documents.has(subject.name) &&
        hasDocument.get(key, fromHex(subject.digest.sha256), documentKind(subject.name)) === undefined,
    );
    const missing = absent.filter(({ name }) => isDropped.get(key, fromHex(digest), name) === undefined);
    return { missing: [...new Set(missing.map((subject) => subject.digest.sha256))], dropped: absent.length > 0 };
  }

  function keepDocuments(key: number, { statement, documents, receivedAt }: Admission): void {
    for (const { name, digest } of statement.subject) {
      const document = documents.get(name);
      const sha256 = fromHex(digest.sha256);
      const kind = documentKind(name);
      if (document === undefined || hasDocument.get(key, sha256, kind) !== undefined) continue;
      const bytes = canonicalBytes(document);
      const zstd = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
      putDocument.run(key, sha256, kind, zstd, bytes.length, receivedAt);
    }
  }

  function keepBundle(key: number, admission: Admission, dropped: boolean): Kept {
    const { bundle, digest, statement, receivedAt } = admission;
    const { predicate } = statement;
    const { chain, checkpoint, mode, target, run } = predicate;
    const existing = places.at(key, chain.id, chain.sequence)[0];
    const labels = labelsOf(predicate, {
      receivedAt,
      before: places.at(key, chain.id, chain.sequence - 1),
      placeTaken: existing !== undefined,
      documentsDropped: dropped,
      logOrigin: origin,
      quotedAt: checkpoint && log.signedAt(checkpoint.size, Buffer.from(checkpoint.root, 'base64')),
    });
    const logIndex = log.append('bundle', logLeaf(bundle, admission.key));
    const { lastInsertRowid } = putBundle.run(
      key,
      fromHex(digest),
      target.id,
      mode,
      chain.id,
      chain.sequence,
      chain.previous === undefined ? null : fromHex(chain.previous),
      run.finishedAt,
      receivedAt,
      JSON.stringify(labels),
      existing === undefined ? null : fromHex(existing),
      Buffer.from(bundle.dsseEnvelope.payload, 'base64'),
      Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64'),
      logIndex,
    );
    for (const incident of predicate.incidents ?? [])
      if (incident.kind === 'dropped' && incident.digest !== undefined)
        for (const name of incident.documents ?? []) putDropped.run(key, fromHex(incident.digest), name);
    return { id: Number(lastInsertRowid), logIndex, labels, ...(existing !== undefined && { existing }) };
  }

  function decide(admission: Admission): Decision {
    const { key, digest, statement, receivedAt } = admission;
    const known = keys.idOf(key.keyId);
    const kept = known === undefined ? undefined : find(known, digest);
    if (kept !== undefined) return { kept, isNew: false };
    const { mode, target } = statement.predicate;
    // A replay shows a recording: it neither needs the key's server nor may it bind the key to one.
    const binds = mode !== 'replay';
    if (binds && known !== undefined && !keys.maySpeakFor(known, target.id)) return { outcome: 'target-mismatch' };
    const documents = lookForDocuments(known ?? 0, admission);
    if (documents.missing.length > 0) return { outcome: 'documents-missing', missing: documents.missing };
    const id = known ?? keys.add(key, receivedAt);
    if (binds) keys.bind(id, target.id, receivedAt);
    keepDocuments(id, admission);
    return { kept: keepBundle(id, admission, documents.dropped), isNew: true };
  }

  function settle(decision: Decision, sealed: SealedLog | undefined): Admitted {
    if ('outcome' in decision) return decision;
    const { id, logIndex, existing, labels } = decision.kept;
    const stored = getReceipt.get(id);
    let receipt: Receipt;
    if (stored !== undefined) receipt = JSON.parse(textOf(stored, 'receipt')) as Receipt;
    else {
      if (sealed === undefined) throw new Error('a kept bundle has no receipt');
      receipt = receiptOf(logIndex, sealed, log.nodes);
      putReceipt.run(id, JSON.stringify(receipt));
    }
    if (existing !== undefined) return { outcome: 'forked', existing, receipt, labels };
    return { outcome: decision.isNew ? 'stored' : 'repeated', receipt, labels };
  }

  return (batch) => {
    const decisions = batch.map(decide);
    const [last] = batch.slice(-1);
    const grew = decisions.some((decision) => 'kept' in decision && decision.isNew);
    const sealed = grew && last !== undefined ? log.seal(last.receivedAt) : undefined;
    return decisions.map((decision) => settle(decision, sealed));
  };
}
