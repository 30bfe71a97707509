/**
 * An endpoint in a process of its own, to be killed: FOLDER, then the files with trusted keys. Says its port.
 * With FOLDER/postgres.json, the options of a database, its store is PostgreSQL.
 */
import { existsSync, readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { startEndpoint } from '../../endpoint/server.ts';
import { openPostgresStore } from '../../endpoint/store/postgres.ts';
import type { PostgresOptions } from '../../endpoint/store/postgres-driver.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import { loadTrustedKeys } from '../../endpoint/trust.ts';
import type { Result } from '../../evidence/result.ts';

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}

async function main(): Promise<void> {
  const [folder = '', ...keyFiles] = process.argv.slice(2);
  const now = (): Date => new Date();
  const logSigner = must(loadOrCreateLogKey(folder, 'log.affiant.example'));
  const shared = join(folder, 'postgres.json');
  const options = { logSigner, now };
  const store = must(
    existsSync(shared)
      ? await openPostgresStore(JSON.parse(readFileSync(shared, 'utf8')) as PostgresOptions, options)
      : await openSqliteStore(join(folder, 'endpoint.db'), options),
  );
  const trustedKeys = must(loadTrustedKeys(keyFiles));
  const listen = { host: '127.0.0.1', port: 0 };
  const endpoint = must(await startEndpoint({ store, logSigner, trustedKeys, listen, acceptReplay: false, now }));
  process.stdout.write(`${endpoint.port}\n`);
  // The next start is quicker by it; a process that is killed keeps nothing by itself.
  flushCompileCache();
}

void main();
