/**
 * What Windows answers, spoilt in every way: each source missed, and each answer emptied, cut, cut off by
 * depth, of another type. Documents stay valid, and no server that is not in order ever passes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import type { Machine } from '../../agent/host/machine.ts';
import { querySubject } from '../../agent/host/queries.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { catalogues } from '../../catalogue/list.ts';
import { host } from '../../collectors/host/index.ts';
import { updates } from '../../collectors/updates/index.ts';
import { conclude } from '../../judge/list.ts';
import type { Recording } from '../../schemas/generated/types.ts';
import { assertValid, checkEachSource, digests } from '../collectors/each-source-denied.ts';

const fixtures = join(import.meta.dirname, '../fixtures/machines');

function machineOf(name: string): Machine {
  const opened = openRecording(join(fixtures, name));
  assert.ok(opened.ok);
  return opened.value.machine;
}

/** The same value, wrong: as PowerShell, a broken pipe or another version could give it. */
function* wrongs(value: unknown): Generator {
  yield null;
  yield [];
  yield {};
  yield '';
  yield 'System.Object[]';
  yield '@{a=1}';
  yield 4_294_967_295;
  yield true;
  if (Array.isArray(value) && value.length > 1) yield value.slice(0, Math.floor(value.length / 2));
  if (Array.isArray(value) && value.length === 1) yield value[0];
}

/** Each member of an answer replaced in turn, to a depth that reaches the members of listed objects. */
function* spoilt(value: unknown, depth: number): Generator {
  yield* wrongs(value);
  if (depth === 0 || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [at, each] of value.slice(0, 3).entries())
      for (const wrong of spoilt(each, depth - 1)) yield value.with(at, wrong);
    return;
  }
  for (const [name, member] of Object.entries(value))
    for (const wrong of spoilt(member, depth - 1)) yield { ...value, [name]: wrong };
}

/** Questions whose answer is no: no spoilt answer may turn it into yes. */
const bad = { 'windows-2022-ja': '2026-08-25T12:00:00Z', 'windows-exchange-en': '2021-12-01T12:00:00Z' } as const;

describe('a Windows server whose answers are spoilt', function () {
  this.timeout(120_000);

  for (const collector of [host, updates])
    it(`${collector.name}: never turns a source that could not be read into a value or an absence`, async () => {
      const cases = await checkEachSource({
        collector,
        host: () => openHost(machineOf('windows-exchange-en')).forCollector(collector.name).host,
      });
      process.stdout.write(`      ${cases} sources missed one by one\n`);
      assert.ok(cases > 30);
    });

  for (const [name, at] of Object.entries(bad))
    it(`${name}: never passes, and its documents stay valid`, async () => {
      const recording = JSON.parse(readFileSync(join(fixtures, name, 'host.json'), 'utf8')) as Recording;
      let cases = 0;
      const passed: string[] = [];
      const asked = new Set<string>();
      const whole = machineOf(name);
      const listening: Machine = {
        ...whole,
        query: async (query, limits, parameters) => {
          asked.add(querySubject(query, parameters));
          return whole.query(query, limits, parameters);
        },
      };
      await updates.collect(openHost(listening).forCollector('updates').host, digests);
      for (const [query, entry] of Object.entries(recording.queries ?? {}).filter(([each]) => asked.has(each)))
        for (const wrong of spoilt('json' in entry ? entry.json : null, 4)) {
          const machine = machineOf(name);
          const broken: Machine = {
            ...machine,
            query: async (asked, limits, parameters) =>
              query.startsWith(asked) && (query === asked || query.startsWith(`${asked} `))
                ? { outcome: 'ok', value: wrong }
                : machine.query(asked, limits, parameters),
          };
          const drafts = await updates.collect(openHost(broken).forCollector('updates').host, digests);
          assertValid(drafts, query);
          for (const { question, verdict } of conclude(drafts, { at, catalogues }))
            if (verdict.outcome === 'pass') passed.push(`${question}: ${query} ${JSON.stringify(wrong).slice(0, 200)}`);
          cases += 1;
        }
      process.stdout.write(`      ${cases} spoilt answers, ${passed.length} false fine\n`);
      assert.deepEqual(passed.slice(0, 5), []);
      assert.ok(cases > 200);
    });

  /** A server in order but for one thing, and the query that alone tells of it. */
  const faults: Readonly<Record<string, (answer: Record<string, unknown>) => unknown>> = {
    'update-search': (answer) => ({
      ...answer,
      updates: [{ updateId: 'u', title: 'x', severity: 'Critical', kbs: ['5000001'] }],
    }),
    'update-agent': (answer) => ({ ...answer, rebootRequired: { value: true } }),
    'component-packages': (answer) => ({
      packages: [
        ...(answer['packages'] as unknown[]),
        { name: 'Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.9200.1.1', state: 96, high: 1, low: 1 },
      ],
    }),
  };
  for (const [query, spoil] of Object.entries(faults))
    it(`never passes for its only fault being spoilt in ${query}, but where the list is truly empty`, async () => {
      const name = 'windows-2019-de';
      const recording = JSON.parse(readFileSync(join(fixtures, name, 'host.json'), 'utf8')) as Recording;
      const entry = recording.queries?.[query];
      assert.ok(entry !== undefined && 'json' in entry);
      const faulty = spoil(entry.json);
      const outcome = async (answer: unknown): Promise<string | undefined> => {
        const machine = machineOf(name);
        const broken: Machine = {
          ...machine,
          query: async (asked, limits, parameters) =>
            asked === query ? { outcome: 'ok', value: answer } : machine.query(asked, limits, parameters),
        };
        const drafts = await updates.collect(openHost(broken).forCollector('updates').host, digests);
        assertValid(drafts, query);
        return conclude(drafts, { at: '2026-08-25T12:00:00Z', catalogues })[0]?.verdict.outcome;
      };
      assert.equal(await outcome(entry.json), 'pass');
      assert.equal(await outcome(faulty), 'fail');
      const passed: string[] = [];
      let cases = 0;
      for (const wrong of spoilt(faulty, 4)) {
        cases += 1;
        const list = JSON.stringify(wrong);
        // A list that is empty, or whose second half went without a trace, truly says none.
        if (
          /"(?:updates|packages)":(?:\[\]|null)/.test(list) ||
          (query === 'component-packages' && !list.includes('9200'))
        )
          continue;
        if ((await outcome(wrong)) === 'pass') passed.push(list.slice(0, 300));
      }
      process.stdout.write(`      ${cases} spoilt answers, ${passed.length} false fine\n`);
      assert.deepEqual(passed, []);
    });
});
