/** Documents go because somebody asked: of a server, of a key, or all that name an account. Each removal is a record. */
import { zstdDecompressSync } from 'node:zlib';
import { packLimits } from '../../evidence/pack.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Registrar } from '../identity/registrar.ts';
import { selectIn } from '../store/dialect.ts';
import { bytesOf, fromHex, numberOf, type Sql } from '../store/sql.ts';
import { type Leaving, leavingColumns, leavingOf, removeDocuments, subjectsOf } from './gone.ts';
import { heldKeys, holdsOf } from './holds.ts';

/** Whose documents: one of the three. An account is found in any place of a document, whatever its case. */
export type ErasureScope = { readonly target: string } | { readonly keyId: string } | { readonly account: string };

export type ErasureOrder = { readonly scope: ErasureScope; readonly reason: string; readonly operator: string };

export type Erased = { readonly documents: number; readonly records: readonly number[] };

/** Digests in one record at most (evidence/record.ts). */
const maxDocuments = 1000;

/** Refuses with `under-legal-hold` where any of it is held, and then removes nothing. */
export async function eraseDocuments(registrar: Registrar, order: ErasureOrder): Promise<Result<Erased>> {
  let erased: Erased = { documents: 0, records: [] };
  for (;;) {
    const recorded = await registrar.record<number>(async (sql) => {
      const found = await documentsOf(sql, order.scope);
      const held = await refuseHeld(sql, found);
      if (!held.ok) return held;
      const leaving = found.slice(0, maxDocuments);
      if (leaving.length === 0) return ok({ kind: 'answer', value: 0 });
      return ok({
        kind: 'record',
        draft: {
          kind: 'erasure',
          reason: order.reason,
          operator: order.operator,
          targets: await targetsOf(sql, order.scope),
          documents: leaving.length,
        },
        documents: [...new Set(leaving.map(({ sha256 }) => sha256))],
        async changes(inside) {
          await removeDocuments(inside, leaving);
          return leaving.length;
        },
      });
    });
    if (!recorded.ok) return recorded;
    if (recorded.value.kind === 'answer') return ok(erased);
    erased = {
      documents: erased.documents + recorded.value.value,
      records: [...erased.records, recorded.value.index],
    };
  }
}

async function refuseHeld(sql: Sql, found: readonly Leaving[]): Promise<Result<undefined>> {
  const held = await heldKeys(sql);
  if (held !== 'all' && !found.some(({ key }) => held.has(key))) return ok(undefined);
  const names = (await holdsOf(sql)).map(({ name }) => name).join(', ');
  return refuse('under-legal-hold', `documents that would be erased are under legal hold (${names})`, {
    remedy: 'affiant hold NAME --release ends a hold; the person who asked must be told why it waits',
  });
}

async function targetsOf(sql: Sql, scope: ErasureScope): Promise<string[]> {
  if ('target' in scope) return [scope.target];
  if ('account' in scope) return [];
  const rows = await sql.all(
    'SELECT DISTINCT target FROM bundle JOIN signing_key ON signing_key.id = bundle.key WHERE key_id = $1 ORDER BY target LIMIT 2000',
    [scope.keyId],
  );
  return rows.map((row) => String(row['target']));
}

function documentsOf(sql: Sql, scope: ErasureScope): Promise<Leaving[]> {
  if ('target' in scope) return ofTarget(sql, scope.target);
  return 'keyId' in scope ? ofKey(sql, scope.keyId) : naming(sql, scope.account);
}

async function ofKey(sql: Sql, keyId: string): Promise<Leaving[]> {
  const rows = await sql.all(
    `SELECT ${leavingColumns} FROM document WHERE key = (SELECT id FROM signing_key WHERE key_id = $1) ORDER BY id`,
    [keyId],
  );
  return rows.map(leavingOf);
}

/** What the statements about the server name, whichever key signed them. */
async function ofTarget(sql: Sql, target: string): Promise<Leaving[]> {
  const named = new Map<string, [number, Uint8Array]>();
  for (let after = -1; ; ) {
    const rows = await sql.all(
      'SELECT log_index, key, payload FROM bundle WHERE target = $1 AND log_index > $2 ORDER BY log_index LIMIT 500',
      [target, after],
    );
    for (const row of rows) {
      const key = numberOf(row, 'key');
      for (const { digest } of subjectsOf(row)) named.set(`${key}/${digest.sha256}`, [key, fromHex(digest.sha256)]);
    }
    if (rows.length < 500) break;
    after = numberOf(rows.at(-1) ?? {}, 'log_index');
  }
  const found = await selectIn(sql, `SELECT ${leavingColumns} FROM document`, ['key', 'sha256'], [...named.values()]);
  return found.map(leavingOf).toSorted((one, other) => one.id - other.id);
}

/** Reads every document once; rare, and the only way to find a person who is not an account of one server. */
async function naming(sql: Sql, account: string): Promise<Leaving[]> {
  const wanted = account.toLowerCase();
  const found: Leaving[] = [];
  for (let after = -1; ; ) {
    const rows = await sql.all(`SELECT ${leavingColumns}, zstd FROM document WHERE id > $1 ORDER BY id LIMIT 200`, [
      after,
    ]);
    for (const row of rows) {
      const bytes = zstdDecompressSync(bytesOf(row, 'zstd'), { maxOutputLength: packLimits.maxBytes });
      if (holds(JSON.parse(bytes.toString('utf8')), wanted)) found.push(leavingOf(row));
    }
    if (rows.length < 200) break;
    after = numberOf(rows.at(-1) ?? {}, 'id');
  }
  return found;
}

/** Whether a text or a name of a member is the account: `jane`, `CORP\jane`, `jane@corp.example`. */
function holds(value: unknown, wanted: string): boolean {
  if (typeof value === 'string') return isAccount(value, wanted);
  if (Array.isArray(value)) return value.some((item) => holds(item, wanted));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, item]) => isAccount(name, wanted) || holds(item, wanted));
}

function isAccount(text: string, wanted: string): boolean {
  const lower = text.toLowerCase();
  return lower === wanted || lower.endsWith(`\\${wanted}`) || lower.startsWith(`${wanted}@`);
}
