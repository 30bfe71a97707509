/** Makes or migrates the tables of all modules; two processes may start at once. */
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { words } from './dialect.ts';
import type { StoreModule } from './module.ts';
import { type Database, numberOf, type Sql, textOf } from './sql.ts';
import { applicationId } from './sqlite-driver.ts';

/** Held while tables are made, so that two processes do not both make them (postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS). */
const advisoryLock = 0x41464e54;

/** SQLite stores up to this `user_version` knew one list of steps, which are the first ones of the module core. */
const beforeModules = 1;
const withModules = 2;

/**
 * Runs the steps that are missing, in one transaction. Refuses with `store-foreign` (a database of
 * something else) or `store-newer` (made by a newer version).
 */
export async function migrate(database: Database, modules: readonly StoreModule[]): Promise<Result<void>> {
  return database.write(async (sql) => {
    const state = sql.dialect === 'sqlite' ? await sqliteState(sql) : await postgresState(sql);
    if (state === 'foreign')
      return refuse('store-foreign', `${database.name} is a database of another program`, {
        remedy: 'name another state folder, or a database of its own',
      });
    if (state === 'newer') return newer(database.name);
    await makeLedger(sql, state);
    const done = await sql.all('SELECT module, step FROM store_step');
    const known = new Map(modules.map((module) => [module.name, module]));
    for (const row of done)
      if (numberOf(row, 'step') >= (known.get(textOf(row, 'module'))?.steps.length ?? 0)) return newer(database.name);
    const isDone = new Set(done.map((row) => `${textOf(row, 'module')}/${numberOf(row, 'step')}`));
    for (const module of modules)
      for (const [index, step] of module.steps.entries()) {
        if (isDone.has(`${module.name}/${index}`)) continue;
        const work = step(words[sql.dialect], sql.dialect);
        if (typeof work === 'string') await sql.script(work);
        else await work(sql);
        await sql.run('INSERT INTO store_step (module, step) VALUES ($1, $2)', [module.name, index]);
      }
    return ok(undefined);
  });
}

function newer(name: string): Result<never> {
  return refuse('store-newer', `${name} was made by a newer version of affiant`, {
    remedy: 'start the version that made it, or a newer one',
  });
}

type State = 'empty' | 'before-modules' | 'ours' | 'foreign' | 'newer';

async function sqliteState(sql: Sql): Promise<State> {
  const version = await pragma(sql, 'user_version');
  const owner = await pragma(sql, 'application_id');
  if (owner === 0 && version === 0)
    return (await sql.get('SELECT 1 AS one FROM sqlite_schema')) === undefined ? 'empty' : 'foreign';
  if (owner !== applicationId) return 'foreign';
  if (version > withModules) return 'newer';
  return version <= beforeModules ? 'before-modules' : 'ours';
}

async function pragma(sql: Sql, name: string): Promise<number> {
  return Number((await sql.get(`PRAGMA ${name}`))?.[name] ?? 0);
}

async function postgresState(sql: Sql): Promise<State> {
  await sql.run(`SELECT pg_advisory_xact_lock(${advisoryLock})`);
  const tables = await sql.all('SELECT tablename FROM pg_tables WHERE schemaname = current_schema()');
  if (tables.length === 0) return 'empty';
  return tables.some((row) => row['tablename'] === 'store_step') ? 'ours' : 'foreign';
}

/** Which steps of which module ran. */
async function makeLedger(sql: Sql, state: State): Promise<void> {
  if (state === 'ours') return;
  const { integer, text, strict } = words[sql.dialect];
  await sql.script(
    `CREATE TABLE store_step (module ${text} NOT NULL, step ${integer} NOT NULL, PRIMARY KEY (module, step)) ${strict}`,
  );
  if (state === 'before-modules') await sql.run("INSERT INTO store_step (module, step) VALUES ('core', 0)");
  if (sql.dialect === 'sqlite')
    await sql.script(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${withModules}`);
}
