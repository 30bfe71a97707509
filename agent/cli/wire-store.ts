/** Opens the store that the configuration names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopback } from '../../endpoint/loopback.ts';
import type { StoreOptions } from '../../endpoint/store/open-store.ts';
import { openPostgresStore } from '../../endpoint/store/postgres.ts';
import type { PostgresOptions } from '../../endpoint/store/postgres-driver.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import type { Store } from '../../endpoint/store/store.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { PostgresStoreConfig } from '../../schemas/generated/types.ts';
import type { Settings } from '../config/defaults.ts';
import { readSecretFile } from '../directory/secret-file.ts';

/** The embedded store's file in the endpoint's folder. */
export function sqliteFileIn(folder: string): string {
  return join(folder, 'endpoint.sqlite');
}

/** Refuses as the stores do, and with the refusals of the password's and the authorities' file. */
export async function openConfiguredStore(
  folder: string,
  { store = { kind: 'sqlite' } }: Pick<Settings['serve'], 'store'>,
  options: StoreOptions,
): Promise<Result<Store>> {
  if (store.kind === 'sqlite') {
    const cap = store.maxBytes === undefined ? {} : { maxBytes: store.maxBytes };
    return openSqliteStore(sqliteFileIn(folder), { ...options, ...cap });
  }
  const where = postgresOptions(store);
  return where.ok ? openPostgresStore(where.value, options) : where;
}

/** The password is read again at each connection, so that it may be changed while the endpoint runs. */
function postgresOptions(config: PostgresStoreConfig): Result<PostgresOptions> {
  const { host, port = 5432, database, user, passwordFile, caFile, maxConnections } = config;
  const ca = caFile === undefined ? ok(undefined) : readAuthorities(caFile, 'serve.store.caFile');
  if (!ca.ok) return ca;
  if (passwordFile !== undefined) {
    const password = readSecretFile(passwordFile, 'serve.store.passwordFile');
    if (!password.ok) return password;
  }
  const isLocal = host.startsWith('/') || isLoopback(host);
  return ok({
    host,
    port,
    database,
    user,
    ...(maxConnections !== undefined && { maxConnections }),
    ...(passwordFile !== undefined && {
      password() {
        const secret = readSecretFile(passwordFile, 'serve.store.passwordFile');
        return secret.ok ? secret.value : undefined;
      },
    }),
    // Evidence and the password cross no network in clear, and go to nobody but the named server.
    ...((!isLocal || caFile !== undefined) && {
      tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca.value !== undefined && { ca: ca.value }) },
    }),
  });
}

/** A PEM file that a setting names. */
export function readAuthorities(file: string, setting: string): Result<string> {
  try {
    return ok(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('ca-unreadable', `${file} cannot be read (${code})`, { remedy: `correct ${setting}` });
  }
}
