import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConfiguredStore } from '../../../agent/cli/wire-store.ts';
import type { StoreConfig } from '../../../schemas/generated/types.ts';
import { type PostgresServer, postgresMissing, sharedPostgres } from '../../endpoint/store/postgres-server.ts';
import { codeOf, sampleLog, valueOf } from '../../evidence/sample.ts';

describe('the store that the configuration names, on PostgreSQL', function () {
  this.timeout(60_000);
  const { signer: logSigner } = sampleLog();
  const options = { logSigner, now: (): Date => new Date() };
  let folder = '';
  let server: PostgresServer;
  let config: Extract<StoreConfig, { kind: 'postgres' }>;

  before(async function () {
    if (postgresMissing !== undefined) {
      console.warn(`skipped: the configured store: ${postgresMissing}`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-wire-'));
    server = await sharedPostgres();
    const { host, database } = await server.makeDatabase();
    await server.admin("CREATE ROLE with_password LOGIN PASSWORD 'correct horse'");
    await server.admin(`ALTER DATABASE ${database} OWNER TO with_password`);
    config = { kind: 'postgres', host, database, user: 'with_password', passwordFile: join(folder, 'password') };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function password(text: string, mode = 0o600): void {
    writeFileSync(join(folder, 'password'), `${text}\n`);
    chmodSync(join(folder, 'password'), mode);
  }
  const open = (changed: Partial<typeof config> = {}): ReturnType<typeof openConfiguredStore> =>
    openConfiguredStore(folder, { store: { ...config, ...changed } }, options);

  it('opens with the password of a file, also one that was changed meanwhile, and names no password in an error', async () => {
    password('correct horse');
    await valueOf(await open()).close();
    password('wrong donkey');
    const refused = await open();
    assert.equal(codeOf(refused), 'store-unreachable');
    assert.ok(!refused.ok && !JSON.stringify(refused.refusal).includes('donkey'));
    assert.match(JSON.stringify(refused), /28P01/);
  });

  it('refuses a password file that others can read, or that is not there', async () => {
    password('correct horse', 0o644);
    assert.equal(codeOf(await open()), 'secret-file-unsafe');
    assert.equal(codeOf(await open({ passwordFile: join(folder, 'none') })), 'secret-file-unreadable');
  });

  it('takes no password from the environment, says where nobody answers, and speaks TLS to any other machine', async () => {
    password('correct horse');
    process.env['PGPASSWORD'] = 'correct horse';
    try {
      const { passwordFile: _file, ...without } = config;
      assert.equal(codeOf(await openConfiguredStore(folder, { store: without }, options)), 'store-unreachable');
    } finally {
      delete process.env['PGPASSWORD'];
    }
    const nobody = await open({ host: join(folder, 'nowhere') });
    assert.equal(codeOf(nobody), 'store-unreachable');
    assert.equal(codeOf(await open({ caFile: join(folder, 'no-ca.pem') })), 'ca-unreadable');
    // This server speaks no TLS: with authorities named, nothing is said to it in clear.
    writeFileSync(join(folder, 'ca.pem'), '');
    assert.equal(codeOf(await open({ caFile: join(folder, 'ca.pem') })), 'store-unreachable');
  });

  it('refuses a server that does not flush what it commits', async () => {
    password('correct horse');
    await server.admin('ALTER SYSTEM SET fsync = off');
    await server.admin('SELECT pg_reload_conf()');
    try {
      assert.equal(codeOf(await open()), 'store-not-durable');
    } finally {
      await server.admin('ALTER SYSTEM RESET fsync');
      await server.admin('SELECT pg_reload_conf()');
    }
  });
});
