/** Keeps a batch of bundles: decided and written in one transaction, under one checkpoint. */
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib';
import { payloadBytes } from '../../evidence/bundle.ts';
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { documentBytes } from '../../evidence/pack.ts';
import { chunkFor } from '../../evidence/wire.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import { type Decided, type Decision, decideBatch, droppedIn, keptAnswer, type NewBundle } from './admission-decide.ts';
import { documentKind, readSurrounding, type Surrounding } from './admission-state.ts';
import { insertRows } from './dialect.ts';
import { type Head, lockHead, sealHead } from './log-tables.ts';
import type { StoreModule } from './module.ts';
import { receiptAt, receiptFrom } from './receipts.ts';
import { type Database, fromHex, numberOf, type Sql, type SqlValue, textOf } from './sql.ts';
import type { Admission, Admitted, Refused } from './store.ts';

const compress = promisify(zstdCompress);

type Compressed = { readonly zstd: Uint8Array; readonly size: number };

/**
 * An admission whose documents are ready to be written, and are held in no other form while it waits: as objects they
 * are ten times as large, and what waits would be copied by the collector of garbage instead of going with the rest.
 */
export type Prepared = Omit<Admission, 'documents'> & { readonly documents: ReadonlyMap<string, Compressed> };

/** Up to here handing a document to another thread costs more than compressing it. */
const smallBytes = 128 * 1024;

/** Documents become a sixth of their size or less: what needs more than this gets another buffer. */
const expectedShare = 4;

/** Compresses what is large on the thread pool, before the log is locked. Throws where a document is no JSON. */
export async function prepare({ documents, ...admission }: Admission): Promise<Prepared> {
  const compressed = Array.from(documents, ([name, document]) => [name, compressedOf(document)] as const);
  const ready = await Promise.all(compressed.map(async ([name, one]) => [name, await one] as const));
  return { ...admission, documents: new Map(ready) };
}

function compressedOf(document: object): Compressed | Promise<Compressed> {
  const bytes = documentBytes(document);
  const size = bytes.length;
  const options = {
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
    pledgedSrcSize: size,
    chunkSize: chunkFor(Math.ceil(size / expectedShare)),
  };
  return size > smallBytes
    ? compress(bytes, options).then((zstd) => ({ zstd, size }))
    : { zstd: zstdCompressSync(bytes, options), size };
}

export type AdmissionContext = {
  readonly database: Database;
  readonly signer: LogSigner;
  readonly modules: readonly StoreModule[];
};

/**
 * The outcome of each, in order. Throws where the database does; then nothing of the batch is kept,
 * or, where the connection broke at the commit, perhaps all of it: asked again, it is `repeated`.
 */
export async function admitBatch(batch: readonly Prepared[], context: AdmissionContext): Promise<Admitted[]> {
  if (batch.length === 0) return [];
  const { database, signer } = context;
  const { decisions, receipts } = await database.write((sql) => admitInside(sql, batch, context));
  return Promise.all(
    decisions.map(async (decision) => {
      if (decision.kind === 'answer') return decision.admitted;
      const { kept, isNew } = decision;
      const receipt =
        receipts.get(kept.logIndex) ??
        (await database.read((sql) => receiptAt(sql, kept.logIndex, kept.sealed ?? 0, signer.verifierKey)));
      return keptAnswer(kept, isNew, receipt);
    }),
  );
}

async function admitInside(
  sql: Sql,
  batch: readonly Prepared[],
  { signer, modules }: AdmissionContext,
): Promise<{ decisions: readonly Decision[]; receipts: Map<number, Receipt> }> {
  const head = await lockHead(sql);
  const around = await readSurrounding(sql, batch, signer.origin);
  const refused = await askGates(sql, batch, around, modules);
  const decided = decideBatch(batch, refused, around, head.edge, signer.origin);
  if (decided.added.length === 0) return { decisions: decided.decisions, receipts: new Map() };
  return {
    decisions: decided.decisions,
    receipts: await writeAdded(sql, head, batch, decided, around, signer, modules),
  };
}

async function askGates(
  sql: Sql,
  batch: readonly Admission[],
  around: Surrounding,
  modules: readonly StoreModule[],
): Promise<(Refused | undefined)[]> {
  const places = [...batch.keys()].filter((index) => !around.bundles.has(batch[index]?.digest ?? ''));
  const refused: (Refused | undefined)[] = batch.map(() => undefined);
  const asked = places.flatMap((place) => batch[place] ?? []);
  if (asked.length === 0) return refused;
  for (const { gate } of modules) {
    const answers = (await gate?.(sql, asked)) ?? [];
    for (const [index, answer] of answers.entries()) refused[places[index] ?? -1] ??= answer;
  }
  return refused;
}

async function writeAdded(
  sql: Sql,
  head: Head,
  batch: readonly Prepared[],
  { added }: Decided,
  around: Surrounding,
  signer: LogSigner,
  modules: readonly StoreModule[],
): Promise<Map<number, Receipt>> {
  const compressed = new Map<Admission, Prepared['documents']>(batch.map((one) => [one, one.documents]));
  await addKeys(sql, added, around.keys);
  const keyOf = ({ admission }: NewBundle): number => around.keys.get(admission.key.keyId) ?? 0;
  const documents = added.flatMap((bundle) => documentRows(bundle, keyOf(bundle), compressed.get(bundle.admission)));
  const grown: Head = {
    edge: head.edge,
    documents: head.documents + documents.length,
    documentBytes: head.documentBytes + documents.reduce((sum, row) => sum + Number(row[4]), 0),
  };
  const signedAt = added.at(-1)?.admission.receivedAt ?? '';
  const sealed = await sealHead(
    sql,
    grown,
    added.map(({ leaf }) => leaf),
    signer,
    signedAt,
  );
  await Promise.all([
    insertRows(sql, 'document', ['key', 'sha256', 'kind', 'zstd', 'size', 'received_at', 'used_at'], documents),
    insertRows(
      sql,
      'bundle',
      bundleColumns,
      added.map((bundle) => bundleRow(bundle, keyOf(bundle), sealed.size)),
    ),
    insertRows(
      sql,
      'key_target',
      ['key', 'target', 'bound_at'],
      added
        .filter(({ bindsTarget }) => bindsTarget)
        .map((bundle) => [keyOf(bundle), bundle.admission.statement.predicate.target.id, bundle.admission.receivedAt]),
      'ON CONFLICT DO NOTHING',
    ),
    insertRows(
      sql,
      'dropped',
      ['key', 'digest', 'name'],
      added.flatMap((bundle) =>
        droppedIn(bundle.admission).flatMap(({ digest, names }) =>
          names.map((name) => [keyOf(bundle), fromHex(digest), name]),
        ),
      ),
      'ON CONFLICT DO NOTHING',
    ),
    ...added.flatMap((bundle) =>
      bundle.usedAgain.map((name) =>
        sql.run('UPDATE document SET used_at = $1 WHERE key = $2 AND sha256 = $3 AND kind = $4', [
          bundle.admission.receivedAt,
          keyOf(bundle),
          fromHex(digestOf(bundle.admission, name)),
          documentKind(name),
        ]),
      ),
    ),
    insertRows(sql, 'target', ['id', 'first_at', 'newest_at', 'newest', 'bundles'], targetRows(added), upsertTarget),
  ]);
  for (const { kept } of modules)
    await kept?.(
      sql,
      added.map((bundle) => ({
        admission: bundle.admission,
        logIndex: bundle.kept.logIndex,
        labels: bundle.kept.labels,
      })),
    );
  return new Map(
    added.map(({ kept: { logIndex } }) => [logIndex, receiptFrom(logIndex, sealed, head.edge.proof(logIndex))]),
  );
}

async function addKeys(sql: Sql, added: readonly NewBundle[], keys: Map<string, number>): Promise<void> {
  for (const { admission } of added) {
    const { keyId, publicKey, role } = admission.key;
    if (keys.has(keyId)) continue;
    const row = await sql.get(
      'INSERT INTO signing_key (key_id, spki, role, first_seen_at) VALUES ($1, $2, $3, $4) RETURNING id, key_id',
      [keyId, publicKey.export({ type: 'spki', format: 'der' }), role, admission.receivedAt],
    );
    keys.set(textOf(row ?? {}, 'key_id'), numberOf(row ?? {}, 'id'));
  }
}

function documentRows(
  { admission, newDocuments }: NewBundle,
  key: number,
  compressed: Prepared['documents'] | undefined,
): SqlValue[][] {
  const digests = new Map(admission.statement.subject.map(({ name, digest }) => [name, digest.sha256]));
  return newDocuments.map((name) => {
    const document = compressed?.get(name);
    if (document === undefined) throw new Error('a document was not prepared');
    const { zstd, size } = document;
    return [
      key,
      fromHex(digests.get(name) ?? ''),
      documentKind(name),
      zstd,
      size,
      admission.receivedAt,
      admission.receivedAt,
    ];
  });
}

function digestOf({ statement }: Admission, name: string): string {
  return statement.subject.find((subject) => subject.name === name)?.digest.sha256 ?? '';
}

const bundleColumns = [
  'log_index',
  'sealed',
  'key',
  'digest',
  'target',
  'mode',
  'chain',
  'sequence',
  'previous',
  'finished_at',
  'received_at',
  'labels',
  'existing',
  'payload',
  'signature',
];

function bundleRow({ admission, kept }: NewBundle, key: number, sealed: number): SqlValue[] {
  const { bundle, digest, statement, receivedAt } = admission;
  const { chain, mode, target, run } = statement.predicate;
  return [
    kept.logIndex,
    sealed,
    key,
    fromHex(digest),
    target.id,
    mode,
    chain.id,
    chain.sequence,
    chain.previous === undefined ? null : fromHex(chain.previous),
    run.finishedAt,
    receivedAt,
    JSON.stringify(kept.labels),
    kept.existing === undefined ? null : fromHex(kept.existing),
    payloadBytes(bundle.dsseEnvelope) ?? null,
    Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64'),
  ];
}

const upsertTarget = `ON CONFLICT (id) DO UPDATE SET newest_at = excluded.newest_at, newest = excluded.newest,
  bundles = target.bundles + excluded.bundles`;

/** One row a server; PostgreSQL refuses to touch a row twice in one upsert. */
function targetRows(added: readonly NewBundle[]): SqlValue[][] {
  const live = added.filter(({ admission }) => admission.statement.predicate.mode !== 'replay');
  return Array.from(
    Map.groupBy(live, ({ admission }) => admission.statement.predicate.target.id),
    ([id, bundles]) => [
      id,
      bundles[0]?.admission.receivedAt ?? '',
      bundles.at(-1)?.admission.receivedAt ?? '',
      bundles.at(-1)?.kept.logIndex ?? 0,
      bundles.length,
    ],
  );
}
