/**
 * A real PostgreSQL for tests: a cluster of its own in a folder that goes away, on a Unix socket alone, as an
 * unprivileged user. Started at the first question for it and stopped when the run ends.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { PostgresOptions } from '../../../endpoint/store/postgres-driver.ts';

/** Debian keeps the programs of each version apart; elsewhere they are in PATH. */
function findPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return [...versions.map((version) => join(root, version, 'bin')), '/usr/bin', '/usr/local/bin'].find((folder) =>
    ['initdb', 'postgres', 'pg_dump'].every((name) => existsSync(join(folder, name))),
  );
}

const programs = findPrograms();

/** Why no suite can run on PostgreSQL here; undefined where it can. */
export const postgresMissing =
  programs === undefined ? 'PostgreSQL is not installed (Debian: apt-get install postgresql)' : undefined;

export type PostgresServer = {
  readonly folder: string;
  /** A new empty database. */
  makeDatabase(): Promise<PostgresOptions>;
  dropDatabase(database: string): Promise<void>;
  /** A statement of the server's administrator. The role with_password, once made, must show one. */
  admin(text: string): Promise<void>;
  /** Kills every process of the server with SIGKILL, as a crash of the machine's memory would. */
  kill(): Promise<void>;
  /** Starts it again over the same folder; waits until it answers. */
  start(): Promise<void>;
  /** A program of the server, such as pg_dump, on this cluster; gives its output. */
  run(program: string, args: readonly string[], input?: Uint8Array): Buffer;
  stop(): Promise<void>;
};

/** PostgreSQL refuses to run as root. */
const asServer = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

function command(program: string, args: readonly string[]): [string, string[]] {
  const [first = '', ...rest] = [...asServer, join(programs ?? '', program), ...args];
  return [first, rest];
}

export async function startPostgres(settings: readonly string[] = [], within = tmpdir()): Promise<PostgresServer> {
  const folder = mkdtempSync(join(within, 'affiant-pg-'));
  const data = join(folder, 'data');
  if (asServer.length > 0) execFileSync('chown', ['postgres:', folder]);
  chmodSync(folder, 0o755);
  execFileSync(
    ...command('initdb', ['-D', data, '-U', 'affiant', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8']),
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: folder,
    },
  );
  appendFileSync(
    join(data, 'postgresql.conf'),
    ["listen_addresses = ''", `unix_socket_directories = '${folder}'`, 'shared_buffers = 32MB', ...settings, ''].join(
      '\n',
    ),
  );
  // The first line that fits counts.
  const rules = join(data, 'pg_hba.conf');
  writeFileSync(rules, `local all with_password scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  const where = { host: folder, port: 5432, user: 'affiant' };
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    // Ends with this process, however that ends.
    const [program, args] = command('postgres', ['-D', data]);
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
      stdio: ['ignore', 'ignore', 'ignore'],
      cwd: folder,
    });
    child = started;
    const patience = AbortSignal.timeout(60_000);
    while (!isReady(data, started.pid)) {
      assert.ok(started.exitCode === null && !patience.aborted, 'PostgreSQL did not start');
      await pause(5);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    // Backends that outlive their postmaster would keep the next one from starting.
    const backends = signal === 'SIGKILL' ? childrenOf(child.pid) : [];
    child.kill(signal);
    for (const pid of backends) killQuietly(pid);
    await gone;
    while (backends.some(isAlive)) await pause(2);
  }

  async function admin(text: string): Promise<void> {
    const client = new Client({ ...where, database: 'postgres' });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  }

  await start();
  return {
    folder,
    async makeDatabase() {
      const database = `t${randomBytes(6).toString('hex')}`;
      await admin(`CREATE DATABASE ${database}`);
      return { ...where, database };
    },
    dropDatabase: (database) => admin(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
    admin,
    kill: () => end('SIGKILL'),
    start,
    run: (program, args, input) =>
      execFileSync(...command(program, ['-h', folder, '-U', 'affiant', ...args]), {
        input,
        maxBuffer: 1024 ** 3,
        cwd: folder,
      }),
    async stop() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server's lock file: its process first, in the eighth line whether it lets anyone in (miscadmin.h). */
function isReady(data: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return lines[0] === String(pid) && lines[7]?.trimEnd() === 'ready';
  } catch {
    return false;
  }
}

/** proc(5): /proc/PID/task/TID/children. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** A process that nobody waited for yet is dead enough. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

let shared: Promise<PostgresServer> | undefined;

/** The one server of this run. */
export function sharedPostgres(): Promise<PostgresServer> {
  shared ??= startPostgres();
  return shared;
}

// Outside every suite: when all suites are done. A measurement, which has no suites, stops its own server.
if (typeof after === 'function')
  after(async () => {
    await (await shared)?.stop();
  });
