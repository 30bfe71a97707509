/** The store over an open database of either kind. */
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type AdmissionContext, admitBatch, type Prepared, prepare } from './admission.ts';
import { checkLog, leafCount } from './check-log.ts';
import { groupCommit } from './group-commit.ts';
import { lockHead, newestCheckpoint, readConsistency, readInclusion, readTile, sealHead } from './log-tables.ts';
import { migrate } from './migrate.ts';
import type { StoreModule } from './module.ts';
import { modules as allModules } from './modules.ts';
import { readPack } from './packs.ts';
import { countAll, listBundles, listTargets } from './queries.ts';
import { appendRecord, listRecords, readRecord } from './records.ts';
import type { Database } from './sql.ts';
import type { Admitted, Store } from './store.ts';

export type StoreOptions = {
  /** Signs the checkpoints; a store belongs to one log key for good. */
  readonly logSigner: LogSigner;
  /** By the endpoint's clock. */
  readonly now: () => Date;
  /** For tests of a module; all of modules.ts where it is left out. */
  readonly modules?: readonly StoreModule[];
};

/** Bundles in one transaction at most. */
const maxBatch = 128;

/**
 * Refuses as `migrate` and `checkLog` do, and then closes the database; throws where the database does.
 */
export async function openStore(database: Database, options: StoreOptions): Promise<Result<Store>> {
  try {
    const store = await openOver(database, options);
    if (!store.ok) await database.close();
    return store;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openOver(
  database: Database,
  { logSigner: signer, now, modules = allModules }: StoreOptions,
): Promise<Result<Store>> {
  const migrated = await migrate(database, modules);
  if (!migrated.ok) return migrated;
  const logKey = signer.verifierKey;
  await database.write(async (sql) => {
    if ((await newestCheckpoint(sql, logKey)) !== undefined || (await leafCount(sql)) > 0) return;
    await sealHead(sql, await lockHead(sql), [], signer, now().toISOString());
  });
  const checked = await database.read((sql) => checkLog(database, sql, signer));
  if (!checked.ok) return checked;
  const attempt = async <T>(work: () => Promise<T>): Promise<Result<T>> => {
    try {
      return ok(await work());
    } catch (error) {
      return failed(database, error);
    }
  };
  const admitTogether = groupCommit<Promise<Result<Prepared>>, Result<Admitted>>(
    (batch) => admitPrepared(batch, { database, signer, modules }),
    (error) => failed(database, error),
    { maxBatch, isHopeless: (error) => database.isUnreachable(error) },
  );
  return ok({
    // Takes its place in the line before it is prepared, so that the log keeps the order of arrival.
    admit: (admission) => admitTogether(attempt(() => prepare(admission))),
    async append(record, changes) {
      const appended = await attempt(() => appendRecord(database, signer, record, changes));
      return appended.ok ? appended.value : appended;
    },
    record: (index) => attempt(() => database.read((sql) => readRecord(sql, logKey, index))),
    records: (query = {}) => attempt(() => database.read((sql) => listRecords(sql, logKey, query))),
    read: (work) => attempt(() => database.read(work)),
    write: (work) => attempt(() => database.write(work)),
    checkpoint: () =>
      attempt(async () => (await database.read((sql) => newestCheckpoint(sql, logKey))) ?? checked.value),
    consistency: (first, second) => attempt(() => database.read((sql) => readConsistency(sql, first, second))),
    inclusion: (index, size) => attempt(() => database.read((sql) => readInclusion(sql, index, size))),
    tile: (address) => attempt(() => database.read((sql) => readTile(sql, address))),
    pack: (keyId, digest) => attempt(() => database.read((sql) => readPack(sql, logKey, keyId, digest))),
    bundles: (query = {}) => attempt(() => database.read((sql) => listBundles(sql, query))),
    targets: (query = {}) => attempt(() => database.read((sql) => listTargets(sql, query))),
    counts: () => attempt(() => database.read((sql) => countAll(database, sql))),
    scrub: () => attempt(() => database.scrub()),
    close: () => database.close(),
  });
}

async function admitPrepared(
  batch: readonly Promise<Result<Prepared>>[],
  context: AdmissionContext,
): Promise<Result<Admitted>[]> {
  const prepared = await Promise.all(batch);
  const admitted = await admitBatch(
    prepared.flatMap((one) => (one.ok ? [one.value] : [])),
    context,
  );
  const outcomes = admitted.values();
  return prepared.map((one) => (one.ok ? ok(outcomes.next().value ?? fail()) : one));
}

function fail(): never {
  throw new Error('a bundle has no outcome');
}

function failed(database: Database, error: unknown): Result<never> {
  return refuse('store-failed', `${database.name}: nothing was kept (${reasonOf(error)})`, {
    remedy:
      database.dialect === 'sqlite'
        ? 'look at the free space of the disk and at its health'
        : 'look at PostgreSQL: whether it runs, its log, and the free space of its disk',
  });
}

/**
 * SQLite's own text names no content: "database or disk is full". PostgreSQL's may quote values, so of
 * its errors only the code is said (postgresql.org/docs/current/errcodes-appendix.html).
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error ? String(error.code) : '';
  return /^[0-9A-Z]{5}$/.test(code) ? `SQLSTATE ${code}` : error.message;
}
