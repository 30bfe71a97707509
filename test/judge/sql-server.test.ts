/** The judge of SQL Server: each line of builds by itself, and nothing passes of which the catalogue does not know. */
import assert from 'node:assert/strict';
import { catalogues } from '../../catalogue/list.ts';
import { judgeSqlInstance } from '../../judge/sql-server.ts';

describe('the judge of SQL Server', () => {
  const sql = catalogues.find(({ id }) => id === 'sql-server');
  assert.ok(sql);
  const instance = (patchLevel: string) => ({
    name: 'MSSQLSERVER',
    id: 'MSSQL15.MSSQLSERVER',
    kind: 'sql' as const,
    patchLevel,
  });

  it('compares within a line of builds alone', () => {
    assert.equal(judgeSqlInstance(instance('15.0.2104.1'), sql, '2024-01-20').outcome, 'pass');
    assert.equal(judgeSqlInstance(instance('15.0.4345.5'), sql, '2024-01-20').outcome, 'pass');
    assert.match(
      judgeSqlInstance(instance('15.0.4298.1'), sql, '2024-01-20').faults.join(),
      /1 security updates .*KB5029378/,
    );
    assert.match(judgeSqlInstance(instance('15.0.2000.5'), sql, '2024-01-20').faults.join(), /KB5029377/);
  });

  it('knows gaps, ends and files that disagree', () => {
    assert.match(judgeSqlInstance(instance('15.0.4299.9'), sql, '2024-01-20').unknowns.join(), /catalogue-gap/);
    assert.match(judgeSqlInstance(instance('17.0.1000.7'), sql, '2024-01-20').unknowns.join(), /catalogue-gap/);
    assert.match(judgeSqlInstance(instance('11.0.7507.2'), sql, '2024-01-20').unknowns.join(), /catalogue-gap/);
    assert.match(judgeSqlInstance(instance('13.0.7000.253'), sql, '2026-07-15').faults.join(), /out of support/);
    // The newest of 2024 is not the newest of 2025: what came out between is not known.
    assert.equal(judgeSqlInstance(instance('15.0.4382.1'), sql, '2025-06-01').outcome, 'undetermined');
    assert.equal(judgeSqlInstance(instance('16.0.1115.1'), sql, '2025-06-01').outcome, 'undetermined');
    assert.equal(judgeSqlInstance(instance('16.0.4315.2'), sql, '2026-11-20').outcome, 'pass');
    assert.equal(judgeSqlInstance(instance('16.0.4275.2'), sql, '2026-11-20').outcome, 'fail');
    assert.equal(judgeSqlInstance(instance('16.0.1200.5'), sql, '2026-10-20').outcome, 'undetermined');
    assert.equal(judgeSqlInstance(instance('15.0.4500.2'), sql, '2026-11-20').outcome, 'undetermined');
    assert.equal(judgeSqlInstance(instance('16.0.4315.2'), sql, '2026-12-08').outcome, 'undetermined');
    const lag = { ...instance('15.0.4345.5'), fileVersion: '2019.150.4335.1' };
    assert.equal(judgeSqlInstance(lag, sql, '2024-01-20').outcome, 'undetermined');
    assert.equal(judgeSqlInstance({ name: 'X', id: 'X' }, sql, '2024-01-20').outcome, 'undetermined');
  });
});
