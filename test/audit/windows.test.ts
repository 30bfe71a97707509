/** Monthly updates of Windows over time, by build against the catalogue. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { addDays } from '../../audit/days.ts';
import type { HistoryEntry } from '../../audit/history-model.ts';
import { catalogues } from '../../catalogue/list.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

const policies = allPolicies();
const catalogue = catalogues.find(({ id }) => id === 'windows');
const rows = (catalogue?.builds ?? [])
  .map((row) => ({ ...row, update: catalogue?.updates.find(({ id }) => id === row.update) }))
  .filter(
    ({ branch, update }) => branch === '20348' && update?.kind === 'security' && update.releasedOn.startsWith('2024'),
  );
const [first, second, third] = rows;
const plain = entriesOf({ ...fixture('good'), from: '2024-01-01', to: '2024-12-31' });

function running(
  buildOn: (day: string) => string,
  more: { hotpatch?: boolean; pending?: (day: string) => boolean } = {},
): HistoryEntry[] {
  const place = { document: 'updates', pointer: '/osBuild', sources: ['registry:x'] };
  return plain.map((entry) => {
    const { exchange: _exchange, ...seen } = entry.seen;
    return {
      ...entry,
      seen: {
        ...seen,
        windows: { ...place, status: 'observed', value: { build: buildOn(entry.day), hotpatch: more.hotpatch } },
        restartPending: { ...place, status: 'observed', value: more.pending?.(entry.day) ?? false },
      },
    };
  });
}

describe('Windows over time', () => {
  ok(first?.update && second?.update && third?.update);
  const [one, two] = [second.update, third.update];

  it('lacks each monthly update from its release until the build has it, against its clocks', () => {
    const audit = auditOf(
      running((day) => (day < '2024-06-01' ? first.build : third.build)),
      '2024-06-30',
      { policies },
    );
    const found = audit.exposures.find(({ fixId }) => fixId === one.id);
    deepEqual(
      found?.missing.map(({ from, to }) => [from, to]),
      [[one.releasedOn, '2024-05-31']],
    );
    ok(audit.exposures.some(({ fixId }) => fixId === two.id));
    const late = audit.findings.find(({ rule, subject }) => rule === 'ce-14d' && subject === one.id);
    equal(late?.state, 'ended');
    match(late?.evidence[0]?.says ?? '', /Windows is of build 10\.0\.20348\./);
  });
  it('counts the newest update as missing while a restart is to come', () => {
    const audit = auditOf(
      running(() => second.build, { pending: () => true }),
      one.releasedOn,
      { policies },
    );
    ok(audit.exposures.some(({ fixId, missing }) => fixId === one.id && /restart/.test(missing[0]?.why ?? '')));
  });
  it('says that it does not know a build, and what a hotpatched server lacks', () => {
    for (const [build, hotpatch] of [
      ['10.0.99999.1', false],
      [first.build.replace(/\d+$/, '1'), undefined],
      [first.build.replace(/\d+$/, '1'), true],
    ] as const) {
      const audit = auditOf(
        running(() => build, hotpatch === undefined ? {} : { hotpatch }),
        '2024-06-30',
        { policies },
      );
      equal(audit.findings.find(({ rule }) => rule === 'catalogue-gap')?.verdict, 'undetermined', build);
      deepEqual(audit.exposures, []);
    }
  });
  it('passes nothing once the catalogue has ended', () => {
    const newest = (catalogue?.builds ?? []).filter(({ branch }) => branch === '20348').at(-1)?.build ?? '';
    const audit = auditOf(
      running(() => newest),
      catalogue?.expiresOn ?? '',
      { policies },
    );
    match(audit.findings.find(({ rule }) => rule === 'catalogue-gap')?.reason ?? '', /the catalogue ended on/);
  });
});

describe('support of Windows over time', () => {
  const product = catalogue?.products.find(({ id }) => id === 'windows-server-2016');
  const until = product?.supportEndsOn ?? '';
  const branch = catalogue?.branches.find((each) => each.product === product?.id)?.id ?? '';
  const build = catalogue?.builds.findLast((row) => row.branch === branch)?.build ?? '';
  const years = entriesOf({ ...fixture('good'), from: addDays(until, -2), to: addDays(until, 3) });
  const after = (licensed?: boolean): ReturnType<typeof auditOf> =>
    auditOf(
      years.map((entry) => ({
        ...entry,
        seen: {
          ...entry.seen,
          windows: {
            document: 'updates',
            pointer: '/osBuild',
            sources: [],
            status: 'observed' as const,
            value: { build, hotpatch: false, ...(licensed !== undefined && { extendedSecurity: licensed }) },
          },
        },
      })),
      addDays(until, 3),
      { policies },
    );
  const found = (audit: ReturnType<typeof auditOf>): (string | undefined)[][] =>
    audit.findings
      .filter(({ rule, subject }) => rule === 'ce-unsupported' && subject === product?.id)
      .map(({ verdict, interval }) => [verdict, interval.from]);

  it('is a finding from the day after its end, unless more was paid for; not known where that was not seen', () => {
    deepEqual(found(after(false)), [['fail', addDays(until, 1)]]);
    const extended = product?.extendedSupportEndsOn !== undefined;
    deepEqual(found(after(true)), extended ? [] : [['fail', addDays(until, 1)]]);
    deepEqual(found(after()), [[extended ? 'undetermined' : 'fail', addDays(until, 1)]]);
  });
});

describe('instances of SQL Server over time', () => {
  const sql = catalogues.find(({ id }) => id === 'sql-server');
  const line = (sql?.builds ?? [])
    .map((row) => ({ ...row, update: sql?.updates.find(({ id }) => id === row.update) }))
    .filter(
      ({ product, branch, update }) => product === 'sql-server-2019' && branch === 'cu' && update?.kind === 'security',
    );
  const [old, next] = line.slice(-3);
  ok(old?.update && next?.update);
  const { releasedOn: released, id: nextId } = next.update;
  const days = entriesOf({ ...fixture('good'), from: addDays(released, -5), to: addDays(released, 40) });
  const place = { document: 'updates', pointer: '/sqlInstances', sources: ['registry:x'] };
  const instances = (on: (day: string) => readonly { name: string; build?: string; why?: string }[]): HistoryEntry[] =>
    days.map((entry) => ({
      ...entry,
      seen: { ...entry.seen, sql: { ...place, status: 'observed', value: on(entry.day) } },
    }));
  const at = addDays(released, 40);
  const fixed = addDays(released, 20);

  it('lack a security update from its release until the build has it, against its clocks', () => {
    const audit = auditOf(
      instances((day) => [{ name: 'MSSQLSERVER', build: day < fixed ? old.build : next.build }]),
      at,
      { policies },
    );
    const found = audit.exposures.find(({ fixId }) => fixId === next.update?.id);
    deepEqual(
      found?.missing.map(({ from, to }) => [from, to]),
      [[released, addDays(fixed, -1)]],
    );
    const late = audit.findings.find(({ rule, subject }) => rule === 'ce-14d' && subject === next.update?.id);
    equal(late?.state, 'ended');
    match(late?.evidence[0]?.says ?? '', /SQL Server MSSQLSERVER is of build 15\./);
  });
  it('keep an update missing as long as one of two instances lacks it, whichever is looked at last', () => {
    for (const names of [
      ['A', 'B'],
      ['B', 'A'],
    ] as const) {
      const audit = auditOf(
        instances((day) => [
          { name: names[0], build: old.build },
          { name: names[1], build: day < fixed ? old.build : next.build },
        ]),
        at,
        { policies },
      );
      const missing: readonly { readonly from: string; readonly to?: string }[] =
        audit.exposures.find(({ fixId }) => fixId === nextId)?.missing ?? [];
      equal(missing.map(({ from, to }) => `${from}..${to ?? ''}`).join(), `${released}..`);
    }
  });
  it('say what cannot be judged: an unknown build, and two sources that contradict each other', () => {
    const audit = auditOf(
      instances(() => [
        { name: 'A', build: '15.0.9999.1' },
        { name: 'B', why: 'B: the registry says one, the file another' },
      ]),
      at,
      { policies },
    );
    const gaps = audit.findings.filter(({ rule, subject }) => rule === 'catalogue-gap' && subject.startsWith('SQL'));
    deepEqual(
      gaps.map(({ subject, verdict }) => [subject, verdict]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      [
        ['SQL Server A 15.0.9999.1', 'undetermined'],
        ['SQL Server B', 'undetermined'],
      ],
    );
  });
});
