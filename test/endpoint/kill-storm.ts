/**
 * Endpoint processes over one store, killed with -9 at random points while agents post to them, and where
 * the store is PostgreSQL, its server too. Then every receipt that was given is looked for.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { openPostgresStore } from '../../endpoint/store/postgres.ts';
import type { Dialect } from '../../endpoint/store/sql.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import { valueOf } from '../evidence/sample.ts';
import { type Agent, type Made, makeAgent } from './agent.ts';
import { memoryFolder } from './memory-folder.ts';
import { assertNothingLost, type Given } from './nothing-lost.ts';
import { postWire } from './running.ts';
import { makeServeProgram } from './serve-program.ts';
import { type PostgresServer, postgresMissing, startPostgres } from './store/postgres-server.ts';

export type Storm = {
  readonly dialect: Dialect;
  /** Kills of endpoint processes. */
  readonly kills: number;
  /** Kills of the database server beside them. */
  readonly serverKills?: number;
  /** Endpoint processes at a time. */
  readonly processes?: number;
};

type Live = { readonly port: number; readonly child: ChildProcess };

/** Declares the test. */
export function killStorm({ dialect, kills, serverKills = 0, processes = 3 }: Storm): void {
  const title = `finds every receipt again with a valid proof, and no index twice, over ${kills} kills of endpoints${
    serverKills > 0 ? ` and ${serverKills} of PostgreSQL` : ''
  } on ${dialect}`;
  it(title, async function () {
    if (dialect === 'postgres' && postgresMissing !== undefined) {
      console.warn(`skipped: ${title}: ${postgresMissing}`);
      this.skip();
    }
    const folder = mkdtempSync(join(memoryFolder(), 'affiant-storm-'));
    const server = dialect === 'postgres' ? await startPostgres(['max_wal_size = 64MB'], memoryFolder()) : undefined;
    const where = await server?.makeDatabase();
    if (where !== undefined) writeFileSync(join(folder, 'postgres.json'), JSON.stringify(where));
    const agents = Array.from({ length: 6 }, () => makeAgent());
    const storm = makeStorm(folder, await makeServeProgram(folder), agents, processes);
    try {
      await storm.run(kills, serverKills, server);
      const logSigner = valueOf(loadOrCreateLogKey(folder, 'log.affiant.example'));
      const options = { logSigner, now: (): Date => new Date() };
      const store = valueOf(
        where === undefined
          ? await openSqliteStore(join(folder, 'endpoint.db'), options)
          : await openPostgresStore(where, options),
      );
      try {
        await assertNothingLost(store, storm.given, storm.sent, logSigner.verifierKey);
      } finally {
        await store.close();
      }
      console.info(
        `        ${dialect}: ${storm.killed()} kills of endpoints, ${serverKills} of the database server, ${storm.given.size} receipts, ${storm.unanswered()} posts cut off`,
      );
    } finally {
      await storm.end();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function makeStorm(
  folder: string,
  script: string,
  agents: readonly Agent[],
  processes: number,
): {
  readonly given: Map<string, Given>;
  readonly sent: Map<string, Given['made'] & { agent: Agent }>;
  killed(): number;
  unanswered(): number;
  run(kills: number, serverKills: number, server: PostgresServer | undefined): Promise<void>;
  end(): Promise<void>;
} {
  const keyFiles = agents.map(({ signer }, index) => {
    const file = join(folder, `${index}.pem`);
    writeFileSync(file, signer.publicKeyPem);
    return file;
  });
  const live = new Set<Live>();
  const given = new Map<string, Given>();
  const sent = new Map<string, Made & { agent: Agent }>();
  const over = new AbortController();
  let killed = 0;
  let unanswered = 0;
  /** While the database server starts: a service manager waits too before it starts an endpoint again. */
  let databaseUp: Promise<void> = Promise.resolve();

  /** Keeps one endpoint running: one that ended is started again, as a service manager would. */
  async function keepServing(): Promise<void> {
    while (!over.signal.aborted) {
      await databaseUp;
      const child = spawn(process.execPath, [script, folder, ...keyFiles], {
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'cache') },
      });
      const gone = once(child, 'exit');
      const line = await Promise.race([once(child.stdout, 'data'), gone.then(() => undefined)]);
      // It could not start: the database was just killed.
      if (line === undefined) continue;
      const one = { port: Number(String(line[0])), child };
      live.add(one);
      if (over.signal.aborted) child.kill('SIGKILL');
      await gone;
      live.delete(one);
    }
  }

  /** Posts bundle after bundle; one without an answer goes again, to whoever lives. */
  async function keepPosting(agent: Agent): Promise<void> {
    while (!over.signal.aborted) {
      const made = agent.make();
      sent.set(made.digest, { ...made, agent });
      while (!over.signal.aborted && !given.has(made.digest)) {
        const [target] = [...live].toSorted(() => randomInt(3) - 1);
        if (target === undefined) {
          await pause(5);
          continue;
        }
        try {
          const heard = await postWire(target, agent, made.wire);
          if (heard.status === 503) {
            await pause(10);
            continue;
          }
          assert.ok(heard.status === 201 || heard.status === 200, heard.text);
          given.set(made.digest, { agent, made, receipt: heard.receipt() });
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          unanswered += 1;
          await pause(2);
        }
      }
    }
  }

  async function keepKilling(kills: number, serverKills: number, server: PostgresServer | undefined): Promise<void> {
    const work = Array.from({ length: kills + serverKills }, (_, index) => index < serverKills);
    // In an order that nobody chose.
    for (let index = work.length - 1; index > 0; index -= 1) {
      const other = randomInt(index + 1);
      [work[index], work[other]] = [work[other] ?? false, work[index] ?? false];
    }
    let before = 0;
    while (work.length > 0) {
      // Under load: something was kept since, and a point in time that nobody chose.
      if (given.size <= before || live.size === 0) {
        await pause(2);
        continue;
      }
      before = given.size;
      // One or several together, so that one starts while another goes.
      for (let left = 1 + randomInt(3); left > 0 && work.length > 0; left -= 1) {
        await pause(randomInt(12));
        if (await killOne(work.at(-1) === true ? server : undefined)) work.pop();
      }
      await databaseUp;
    }
  }

  /** Whether there was something to kill: the server that is given, or any endpoint. */
  async function killOne(server: PostgresServer | undefined): Promise<boolean> {
    if (server !== undefined) {
      await databaseUp;
      await server.kill();
      databaseUp = server.start();
      return true;
    }
    const [victim] = [...live].toSorted(() => randomInt(3) - 1);
    if (victim === undefined || !live.delete(victim)) return false;
    victim.child.kill('SIGKILL');
    killed += 1;
    return true;
  }

  async function run(kills: number, serverKills: number, server: PostgresServer | undefined): Promise<void> {
    const serving = Array.from({ length: processes }, keepServing);
    const posting = agents.map(keepPosting);
    try {
      await Promise.race([keepKilling(kills, serverKills, server), Promise.all(posting)]);
    } finally {
      await end();
      await Promise.all([...serving, ...posting]);
    }
  }
  async function end(): Promise<void> {
    over.abort();
    for (const { child } of live) child.kill('SIGKILL');
  }
  return { given, sent, killed: () => killed, unanswered: () => unanswered, run, end };
}
