/**
 * Each question that a whole Windows server is asked, refused, left hanging or answered with rubbish, one after the
 * other: no verdict gets better by it, and no way of an administrator gets a second factor that it did not have.
 */
import assert from 'node:assert/strict';
import type { Machine, Raw } from '../../agent/host/machine.ts';
import { querySubject } from '../../agent/host/queries.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { catalogues } from '../../catalogue/list.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { conclude } from '../../judge/list.ts';
import { judgeMfa } from '../../judge/mfa/matrix.ts';
import { machineFolder } from '../collectors/windows/servers.ts';
import { wholeRun } from '../collectors/windows/whole-run.ts';
import { wholeServers } from '../collectors/windows/whole-servers.ts';

const misses: readonly Raw<never>[] = [
  { outcome: 'denied', reason: 'access-denied' },
  { outcome: 'timed-out', reason: 'deadline' },
  { outcome: 'failed', reason: 'hresult-0x80041001' },
];
/** What a query of another version, a broken pipe or ConvertTo-Json past its depth could leave. */
const rubbish: readonly unknown[] = [
  null,
  {},
  '',
  'System.Object[]',
  '@{a=1}',
  4_294_967_295,
  true,
  [[]],
  [{}],
  [{ Name: null }],
];

type Seen = { readonly verdicts: ReadonlyMap<string, string>; readonly ways: ReadonlyMap<string, string> };

function judged(drafts: Drafts, at: string): Seen {
  const { admins, mfa } = drafts;
  const ways =
    admins === undefined || mfa === undefined
      ? []
      : judgeMfa(mfa, admins).administrators.flatMap(({ name, ways: list }) =>
          list.map(({ way, judged: { requirement } }) => [`${JSON.stringify(name)} ${way}`, requirement] as const),
        );
  return {
    verdicts: new Map(conclude(drafts, { at, catalogues }).map(({ question, verdict }) => [question, verdict.outcome])),
    ways: new Map(ways),
  };
}

const fine = new Set(['required', 'pathDisabled']);

/** What is said to be in order now and was not before. */
function better(before: Seen, after: Seen): string[] {
  return [
    ...[...after.verdicts].filter(
      ([question, outcome]) => outcome === 'pass' && before.verdicts.get(question) !== 'pass',
    ),
    ...[...after.ways].filter(([way, requirement]) => {
      const was = before.ways.get(way);
      return fine.has(requirement) && was !== undefined && !fine.has(was);
    }),
  ].map(([what, now]) => `${what}: ${now}`);
}

describe('whole Windows servers with each question refused, hanging and answered with rubbish', function () {
  this.timeout(600_000);

  for (const { name, at } of wholeServers)
    it(`${name}: is never judged better`, async () => {
      const opened = openRecording(machineFolder(name));
      assert.ok(opened.ok);
      const { machine, recording } = opened.value;
      const before = judged((await wholeRun(machine)).drafts, at);
      assert.ok(before.verdicts.size >= 6 && before.ways.size > 4);
      const found: string[] = [];
      let cases = 0;
      const run = async (what: string, changed: Partial<Machine>): Promise<void> => {
        cases += 1;
        const after = judged((await wholeRun({ ...machine, ...changed })).drafts, at);
        found.push(...better(before, after).map((each) => `${what} → ${each}`));
      };
      const { queries = {}, registry = {} } = recording;
      for (const subject of Object.keys(queries))
        for (const answer of [...misses, ...rubbish.map((value) => ({ outcome: 'ok', value }) as const)])
          await run(`${subject} ${JSON.stringify(answer)}`, {
            query: async (asked, limits, parameters) =>
              querySubject(asked, parameters) === subject ? answer : machine.query(asked, limits, parameters),
          });
      for (const key of Object.keys(registry))
        for (const answer of misses)
          await run(`${key} ${JSON.stringify(answer)}`, {
            registry: async (asked, limits) => (asked === key ? answer : machine.registry(asked, limits)),
          });
      process.stdout.write(`      ${cases} spoilt answers, ${found.length} judged better\n`);
      assert.deepEqual(found, []);
      assert.ok(cases > 500);
    });
});
