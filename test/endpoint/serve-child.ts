/** An endpoint in a process of its own, to be killed: FOLDER, then the files with trusted keys. Says its port. */
import { join } from 'node:path';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { startEndpoint } from '../../endpoint/server.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import { loadTrustedKeys } from '../../endpoint/trust.ts';
import type { Result } from '../../evidence/result.ts';

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}

const [folder = '', ...keyFiles] = process.argv.slice(2);
const now = (): Date => new Date();
const logSigner = must(loadOrCreateLogKey(folder, 'log.affiant.example'));
const store = must(await openSqliteStore(join(folder, 'endpoint.db'), { logSigner, now }));
const trustedKeys = must(loadTrustedKeys(keyFiles));
const listen = { host: '127.0.0.1', port: 0 };
const endpoint = must(await startEndpoint({ store, logSigner, trustedKeys, listen, acceptReplay: false, now }));
process.stdout.write(`${endpoint.port}\n`);
