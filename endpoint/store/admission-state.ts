/** What the database knows of a batch's surroundings, read in a few statements, and kept true while the batch is decided. */
import { encodeBase64 } from '../../evidence/base64.ts';
import { selectIn } from './dialect.ts';
import type { Label } from './labels.ts';
import { bytesOf, fromHex, hexOf, numberOf, optionalHexOf, type Row, type Sql, type SqlValue, textOf } from './sql.ts';
import type { Admission } from './store.ts';

/** Where a bundle stands. `sealed` is undefined while its checkpoint is not made yet. */
export type Kept = {
  readonly logIndex: number;
  readonly sealed: number | undefined;
  readonly existing: string | undefined;
  readonly labels: readonly Label[];
};

export type Surrounding = {
  /** Row numbers of keys that sent something before, by key id. */
  readonly keys: Map<string, number>;
  /** Kept bundles of the batch, by digest. */
  readonly bundles: Map<string, Kept>;
  /** Keys that speak for some server already, by key id. */
  readonly bound: Set<string>;
  /** key id / target. */
  readonly targets: Set<string>;
  /** key id / sha256 / kind: when a bundle last named it, to a day. */
  readonly documents: Map<string, string>;
  /** line of keys / chain / sequence: the digests there, in the order of their arrival. A chain goes on where its key is rotated. */
  readonly places: Map<string, string[]>;
  /** key id / digest / name. */
  readonly dropped: Set<string>;
  /** size / root in base64: when it was signed. */
  readonly checkpoints: Map<string, string>;
};

/** Written under one name, a document may stand for that name again; raw outputs have no schema and share one kind. */
export function documentKind(name: string): string {
  return name.startsWith('raw/') ? 'raw' : name;
}

/** The name of a line of rotated keys: its first key. */
export function lineName({ keyId, line }: Admission['key']): string {
  return line?.[0] ?? keyId;
}

function lineOf({ key }: Admission): readonly string[] {
  return key.line ?? [key.keyId];
}

export async function readSurrounding(sql: Sql, batch: readonly Admission[], origin: string): Promise<Surrounding> {
  const [keyRows, bundleRows, checkpointRows] = await Promise.all([
    selectIn(
      sql,
      'SELECT id, key_id FROM signing_key',
      ['key_id'],
      [...new Set(batch.flatMap(lineOf))].map((keyId) => [keyId]),
    ),
    selectIn(
      sql,
      'SELECT digest, log_index, sealed, existing, labels FROM bundle',
      ['digest'],
      batch.map(({ digest }) => [fromHex(digest)]),
    ),
    selectIn(sql, 'SELECT size, root, signed_at FROM checkpoint', ['size'], quotedSizes(batch, origin)),
  ]);
  const keys = new Map(keyRows.map((row) => [textOf(row, 'key_id'), numberOf(row, 'id')]));
  const idOf = new Map(Array.from(keys, ([keyId, id]) => [id, keyId]));
  const bundles = new Map(bundleRows.map((row) => [hexOf(row, 'digest'), keptOf(row)]));
  const fresh = batch.filter((one) => lineOf(one).some((keyId) => keys.has(keyId)) && !bundles.has(one.digest));
  const asked = questions(fresh, keys);
  const [bound, targets, documents, places, dropped] = await Promise.all([
    selectIn(sql, 'SELECT key FROM key_target', ['key'], asked.keys, 'GROUP BY key'),
    selectIn(sql, 'SELECT key, target FROM key_target', ['key', 'target'], asked.targets),
    selectIn(sql, 'SELECT key, sha256, kind, used_at FROM document', ['key', 'sha256', 'kind'], asked.documents),
    selectIn(
      sql,
      'SELECT key, chain, sequence, digest FROM bundle',
      ['key', 'chain', 'sequence'],
      asked.places,
      'ORDER BY log_index',
    ),
    selectIn(sql, 'SELECT key, digest, name FROM dropped', ['key', 'digest'], asked.digests),
  ]);
  const keyIdOf = (row: Row): string => idOf.get(numberOf(row, 'key')) ?? '';
  const lines = new Map(batch.flatMap((one) => lineOf(one).map((keyId) => [keyId, lineName(one.key)])));
  const lineOfRow = (row: Row): string => lines.get(keyIdOf(row)) ?? keyIdOf(row);
  return {
    keys,
    bundles,
    bound: new Set(bound.map(keyIdOf)),
    targets: new Set(targets.map((row) => `${keyIdOf(row)}/${textOf(row, 'target')}`)),
    documents: new Map(
      documents.map((row) => [
        `${keyIdOf(row)}/${hexOf(row, 'sha256')}/${textOf(row, 'kind')}`,
        textOf(row, 'used_at'),
      ]),
    ),
    places: placesOf(places, lineOfRow),
    dropped: new Set(dropped.map((row) => `${keyIdOf(row)}/${hexOf(row, 'digest')}/${textOf(row, 'name')}`)),
    checkpoints: new Map(
      checkpointRows.map((row) => [
        `${numberOf(row, 'size')}/${encodeBase64(bytesOf(row, 'root'))}`,
        textOf(row, 'signed_at'),
      ]),
    ),
  };
}

function placesOf(rows: readonly Row[], lineOfRow: (row: Row) => string): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const row of rows) {
    const place = `${lineOfRow(row)}/${textOf(row, 'chain')}/${numberOf(row, 'sequence')}`;
    places.set(place, [...(places.get(place) ?? []), hexOf(row, 'digest')]);
  }
  return places;
}

function keptOf(row: Row): Kept {
  return {
    logIndex: numberOf(row, 'log_index'),
    sealed: numberOf(row, 'sealed'),
    existing: optionalHexOf(row, 'existing'),
    labels: JSON.parse(textOf(row, 'labels')) as Label[],
  };
}

function quotedSizes(batch: readonly Admission[], origin: string): SqlValue[][] {
  return batch.flatMap(({ statement }) => {
    const { checkpoint } = statement.predicate;
    return checkpoint?.origin === origin ? [[checkpoint.size]] : [];
  });
}

type Questions = Record<'keys' | 'targets' | 'documents' | 'places' | 'digests', SqlValue[][]>;

/** The rows that the batch's decisions turn on; what two of its bundles ask for may stand there twice, and be found twice. */
function questions(fresh: readonly Admission[], keys: ReadonlyMap<string, number>): Questions {
  const idOf = ({ key }: Admission): number => keys.get(key.keyId) ?? 0;
  return {
    keys: fresh.map((admission) => [idOf(admission)]),
    targets: fresh.map((admission) => [idOf(admission), admission.statement.predicate.target.id]),
    documents: fresh.flatMap((admission) =>
      admission.statement.subject.map(({ name, digest }) => [
        idOf(admission),
        fromHex(digest.sha256),
        documentKind(name),
      ]),
    ),
    places: fresh.flatMap((admission) => {
      const { id, sequence } = admission.statement.predicate.chain;
      return lineOf(admission).flatMap((keyId) => {
        const key = keys.get(keyId);
        return key === undefined ? [] : [sequence - 1, sequence].map((place) => [key, id, place]);
      });
    }),
    digests: fresh.map((admission) => [idOf(admission), fromHex(admission.digest)]),
  };
}
