/**
 * An endpoint of its own with TLS, over SQLite or a PostgreSQL of its own, and servers that enrol at it: real processes,
 * real files, in a folder that goes away.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dialect } from '../../endpoint/store/sql.ts';
import { postgresMissing, startPostgres } from '../endpoint/store/postgres-server.ts';

const projectRoot = join(import.meta.dirname, '../..');
const main = join(projectRoot, 'agent', 'cli', 'affiant.mjs');

export const dialects: readonly Dialect[] = ['sqlite', 'postgres'];

/** Called in the hook that makes the scene. */
export function skipWithout(context: Mocha.Context, dialect: Dialect): void {
  if (dialect !== 'postgres' || postgresMissing === undefined) return;
  console.warn(`skipped: identity on PostgreSQL: ${postgresMissing}`);
  context.skip();
}

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

export type Scene = {
  readonly folder: string;
  readonly url: string;
  readonly endpointState: string;
  readonly config: string;
  /** Everything that any process of the scene said, and every argument it was given. */
  readonly said: string[];
  /** A command of the endpoint's operator. */
  operator(...args: readonly string[]): Ran;
  /** A command on a server, each server by its name. */
  server(name: string, ...args: readonly string[]): Ran;
  /** A command that knows no state folder. */
  plain(...args: readonly string[]): Ran;
  stateOf(name: string): string;
  /** Packs of a server that have a receipt. */
  packsOf(name: string): string[];
  serve(): Promise<void>;
  /** kill -9, or an orderly end. */
  stopServing(signal?: NodeJS.Signals): Promise<void>;
  /** A fresh token in a file of mode 0600. */
  token(...more: readonly string[]): string;
  /** What the database server holds, as text; the files of SQLite lie in the folder. */
  dump(): string;
  /** Puts another certificate in place; `key` keeps the old key. */
  renew(how: 'same-key' | 'new-key'): void;
  remove(): Promise<void>;
};

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function openssl(folder: string, ...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

/** A certificate authority, and a certificate of it for 127.0.0.1; the chain holds both. */
function certify(folder: string, how: 'first' | 'same-key' | 'new-key'): void {
  if (how === 'first')
    openssl(
      folder,
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=Test CA',
      '-days',
      '2',
    );
  if (how !== 'same-key') openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'tls.key');
  writeFileSync(join(folder, 'san.cnf'), 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n');
  openssl(folder, 'req', '-new', '-key', 'tls.key', '-out', 'tls.csr', '-subj', '/CN=127.0.0.1');
  openssl(
    folder,
    'x509',
    '-req',
    '-in',
    'tls.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'san.cnf',
    '-out',
    'leaf.pem',
  );
  writeFileSync(
    join(folder, 'chain.pem'),
    readFileSync(join(folder, 'leaf.pem'), 'utf8') + readFileSync(join(folder, 'ca.pem'), 'utf8'),
  );
}

export async function makeScene(dialect: Dialect = 'sqlite'): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-identity-'));
  const tls = join(folder, 'tls');
  mkdirSync(tls, { mode: 0o700 });
  certify(tls, 'first');
  const url = `https://127.0.0.1:${await freePort()}`;
  const config = join(folder, 'affiant.yaml');
  const listen = url.slice('https://'.length);
  writeFileSync(
    config,
    `serve:\n  listen: ${listen}\n  url: ${url}\n  certFile: tls/chain.pem\n  keyFile: tls/tls.key\n`,
  );
  const server = dialect === 'postgres' ? await startPostgres() : undefined;
  const database = await server?.makeDatabase();
  if (database !== undefined) appendFileSync(config, `  store: ${JSON.stringify({ kind: 'postgres', ...database })}\n`);
  const endpointState = join(folder, 'endpoint-state');
  const said: string[] = [];
  let serving: ChildProcess | undefined;
  let tokens = 0;

  function run(args: readonly string[]): Ran {
    said.push(args.join(' '));
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder },
    });
    said.push(stdout, stderr);
    return { code: status, out: stdout, err: stderr };
  }

  const scene: Scene = {
    folder,
    url,
    endpointState,
    config,
    said,
    operator: (...args) => run([...args, '--state', endpointState, '--config', config]),
    plain: (...args) => run(args),
    stateOf: (name) => join(folder, name),
    packsOf: (name) => readdirSync(join(folder, name, 'packs')).toSorted(),
    server(name, ...args) {
      return run([...args, '--state', join(folder, name), '--config', serverConfig]);
    },
    async serve() {
      const child = spawn(process.execPath, [main, 'serve', '--state', endpointState, '--config', config], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      serving = child;
      child.stderr.on('data', (bytes: Buffer) => said.push(bytes.toString('utf8')));
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve());
        child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${said.slice(-3).join('')}`)));
      });
    },
    async stopServing(signal = 'SIGTERM') {
      const child = serving;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await gone;
      serving = undefined;
    },
    token(...more) {
      tokens += 1;
      const file = join(folder, `token-${tokens}.json`);
      const made = scene.operator('token', 'create', '--out', file, ...more);
      if (made.code !== 0) throw new Error(made.err);
      return file;
    },
    dump: () => (database === undefined ? '' : (server?.run('pg_dump', [database.database]).toString('latin1') ?? '')),
    renew: (how) => certify(tls, how),
    async remove() {
      await scene.stopServing();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const serverConfig = join(folder, 'server.yaml');
  writeFileSync(serverConfig, '');
  return scene;
}
