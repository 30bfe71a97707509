/** The endpoint of the measurement in a process of its own: OPTIONS (a JSON file). Says its port, then answers `usage` lines. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { startEndpoint } from '../../endpoint/server.ts';
import { openPostgresStore } from '../../endpoint/store/postgres.ts';
import type { PostgresOptions } from '../../endpoint/store/postgres-driver.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import { loadTrustedKeys } from '../../endpoint/trust.ts';
import type { Result } from '../../evidence/result.ts';

type Options = { folder: string; keyFiles: string[]; postgres?: PostgresOptions; tls?: { cert: string; key: string } };

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}

const { folder, keyFiles, postgres, tls } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Options;
const now = (): Date => new Date();
const logSigner = must(loadOrCreateLogKey(folder, 'log.affiant.example'));
const options = { logSigner, now };
const store = must(
  postgres === undefined
    ? await openSqliteStore(join(folder, 'endpoint.db'), options)
    : await openPostgresStore(postgres, options),
);
const unlimited = Number.MAX_SAFE_INTEGER;
const endpoint = must(
  await startEndpoint({
    store,
    logSigner,
    trustedKeys: must(loadTrustedKeys(keyFiles)),
    listen: { host: '127.0.0.1', port: 0 },
    acceptReplay: false,
    now,
    ...(tls !== undefined && { tls }),
    // The figure is what the machine can, not what the quotas allow.
    limits: {
      unverifiedBurst: unlimited,
      unverifiedPerSecond: unlimited,
      bundlesPerHour: unlimited,
      bytesPerHour: unlimited,
    },
  }),
);
process.stdout.write(`${endpoint.port}\n`);
