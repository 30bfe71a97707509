/** Monthly updates of Windows over time, by build against the catalogue. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
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
