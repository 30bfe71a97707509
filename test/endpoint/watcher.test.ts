/** The state of reporting over a real store, and webhooks over real TLS. */
import assert from 'node:assert/strict';
import type { Logger } from '../../endpoint/log-lines.ts';
import { listKnownTargets } from '../../endpoint/store/watch-tables.ts';
import { describeTargets, startWatcher, type Watcher, type WatcherOptions } from '../../endpoint/watch/watcher.ts';
import { valueOf } from '../evidence/sample.ts';
import { type Agent, makeAgent } from './agent.ts';
import { both, describeStore, type TestStore } from './store/test-store.ts';

const start = Date.UTC(2026, 10, 23, 10);
const hour = 3_600_000;

describeStore('watching servers', both, (test) => {
  let place: TestStore;
  let clock = start;
  const watchers: Watcher[] = [];
  beforeEach(() => {
    clock = start;
    place = test();
  });
  afterEach(() => Promise.all(watchers.splice(0).map((watcher) => watcher.stop())));

  const said: string[] = [];
  function watch(more: Partial<WatcherOptions> = {}): Watcher {
    said.length = 0;
    const log: Logger = (_level, event, fields) => said.push(`${event} ${fields?.['what']} ${fields?.['is']}`);
    const watcher = startWatcher({
      store: place.store,
      now: () => new Date(clock),
      reporting: {},
      hooks: [],
      origin: 'log.example',
      log,
      onMessages: () => {},
      everyMs: 3_600_000,
      ...more,
    });
    watchers.push(watcher);
    return watcher;
  }
  /** A report that was finished when it was sent. */
  const send = (agent: Agent, made?: ReturnType<Agent['make']>): Promise<unknown> => {
    const now = new Date(clock).toISOString();
    const run = { startedAt: now.replace(/\.\d+Z$/, 'Z'), finishedAt: now.replace(/\.\d+Z$/, 'Z') };
    return place.admit(agent, made ?? agent.make({ predicate: { run } }), { receivedAt: now });
  };
  async function states(): Promise<string[]> {
    const targets = valueOf(await describeTargets(place.store, valueOf(await place.store.targets())));
    return targets.map(({ reporting }) =>
      [reporting?.state, ...(reporting?.conditions ?? []).map(({ kind }) => kind)].join(' '),
    );
  }
  /** Hours pass with an endpoint that runs: its last sign of life is always fresh. */
  async function pass(watcher: Watcher, hours: number): Promise<void> {
    for (let passed = 0; passed < hours; passed += 1) {
      clock += hour;
      const alive = [new Date(clock - 60_000).toISOString()];
      valueOf(await place.store.write((sql) => sql.run('UPDATE watch_cursor SET alive_at = $1', alive)));
      await watcher.look();
    }
  }

  it('tells each change once, from on time to missing and back, also after a restart', async () => {
    const agent = makeAgent();
    let watcher = watch();
    await send(agent);
    await watcher.look();
    assert.deepEqual([await states(), said], [['on-time'], []]);
    await pass(watcher, 31);
    assert.deepEqual([await states(), said], [['late'], ['reporting state late']]);
    await watcher.stop();
    watcher = watch();
    await pass(watcher, 48);
    assert.deepEqual([await states(), said], [['missing'], ['reporting state missing']]);
    await send(agent);
    await watcher.look();
    await watcher.look();
    assert.deepEqual([await states(), said], [['on-time'], ['reporting state missing', 'reporting state on-time']]);
  });

  it('blames no server for an outage of the endpoint itself', async () => {
    const agents = [makeAgent(), makeAgent(), makeAgent()];
    const watcher = watch();
    for (const agent of agents) await send(agent);
    await watcher.look();
    clock += 100 * hour;
    await watcher.look();
    assert.deepEqual([await states(), said], [['on-time', 'on-time', 'on-time'], []]);
    for (const agent of agents.slice(1)) await send(agent);
    await pass(watcher, 31);
    assert.deepEqual([...new Set(said)], ['reporting state late']);
  });

  it('shows gaps, forks and clocks as they come', async () => {
    const agent = makeAgent();
    const watcher = watch();
    const [first, , third] = [agent.make(), agent.make(), agent.make()];
    await send(agent, first);
    await send(agent, third);
    await watcher.look();
    assert.deepEqual(await states(), ['on-time chain-gap']);
    const twin = agent.make({ chain: { id: first.statement.predicate.chain.id, sequence: 2, previous: first.digest } });
    await send(agent, twin);
    await watcher.look();
    assert.deepEqual(await states(), ['on-time chain-gap fork']);
  });

  it('looks once where several processes look at the same time', async () => {
    const agents = Array.from({ length: 12 }, () => makeAgent());
    for (const agent of agents)
      await send(agent, agent.make({ chain: { id: 'ab'.repeat(16), sequence: 5, previous: 'cd'.repeat(32) } }));
    const hooks = ['https://hook.example/'];
    const other = valueOf(await place.open());
    try {
      const pair = [watch({ hooks, idle: true }), watch({ hooks, store: other, idle: true })];
      // In one process SQLite's two writers would wait for each other.
      if (place.dialect === 'postgres') await Promise.all(pair.map((watcher) => watcher.look()));
      else for (const watcher of pair) await watcher.look();
      assert.equal(said.filter((line) => line === 'reporting began chain-gap').length, 12);
      const rows = valueOf(await place.store.read((sql) => sql.all('SELECT body FROM webhook_message')));
      const changes = rows.flatMap(
        (row) => (JSON.parse(String(row['body'])) as { data: { changes: { target: string }[] } }).data.changes,
      );
      assert.deepEqual(changes.map(({ target }) => target).toSorted(), agents.map(({ target }) => target).toSorted());
      await Promise.all(pair.map((watcher) => watcher.stop()));
    } finally {
      await other.close();
    }
  });

  it('expects servers that the configuration names, though they were never enrolled, and forgets those that it names no more', async () => {
    const [silent, retired, reports] = [makeAgent(), makeAgent(), makeAgent()];
    const targets = {
      [silent.target]: {},
      [retired.target]: { retired: true },
      [reports.target]: { everySeconds: 7200 },
    };
    const shown = async (): Promise<string[]> => {
      const known = valueOf(await place.store.read((sql) => listKnownTargets(sql, {})));
      const described = valueOf(await describeTargets(place.store, known));
      return described.map(({ id, reporting }) => `${nameOf(id)} ${reporting?.state}`).toSorted();
    };
    const nameOf = (id: string): string =>
      id === silent.target ? 'silent' : id === reports.target ? 'reports' : 'stranger';
    let watcher = watch({ reporting: { targets } });
    await watcher.look();
    assert.deepEqual(await shown(), ['reports on-time', 'silent on-time']);
    await pass(watcher, 1);
    await send(reports);
    await pass(watcher, 31);
    assert.deepEqual(await shown(), ['reports missing', 'silent never-heard']);
    assert.deepEqual(said.slice(-1), ['reporting state never-heard']);
    await watcher.stop();
    watcher = watch();
    await watcher.look();
    assert.deepEqual(await shown(), ['reports missing'], 'what reported once stays known');
  });

  it('counts what somebody carried by its own time', async () => {
    const agent = makeAgent();
    const watcher = watch();
    clock = start + 100 * hour;
    await place.admit(agent, agent.make(), {
      receivedAt: new Date(clock).toISOString(),
      upload: { by: 'courier', from: undefined, note: undefined },
    });
    await watcher.look();
    assert.deepEqual(await states(), ['missing']);
  });
});
