import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { catalogues } from '../../catalogue/list.ts';
import { type InstalledExchange, judgeExchange } from '../../judge/exchange.ts';
import type { Catalogue } from '../../schemas/generated/types.ts';

const catalogue = catalogues.find(({ id }) => id === 'exchange') as Catalogue;

function installed(build: string, more: Partial<InstalledExchange> = {}): InstalledExchange {
  return { build, broken: [], claimedKbs: [], restartPending: false, ...more };
}

function missing(build: string, at: string, more: Partial<InstalledExchange> = {}): string[] {
  return (judgeExchange(installed(build, more), catalogue, at).level?.missing ?? []).map(({ update }) => update.id);
}

describe('the judge of Exchange', () => {
  it('finds nothing missing the day before a security update comes out, and it on the day itself', () => {
    deepEqual(missing('15.1.2044.4', '2020-09-07'), []);
    equal(judgeExchange(installed('15.1.2044.4'), catalogue, '2020-09-07').outcome, 'pass');
    deepEqual(missing('15.1.2044.4', '2020-09-08'), ['Sep20SU']);
  });
  it('reads builds with leading zeros, as the file version writes them', () => {
    deepEqual(missing('15.01.2044.004', '2020-09-08'), ['Sep20SU']);
  });
  it('takes a later update of the same cumulative update for the earlier ones too', () => {
    deepEqual(missing('15.1.2044.12', '2021-02-01'), []);
  });
  it('says that the cumulative update has to be raised where no build carries the fix', () => {
    const { level } = judgeExchange(installed('15.1.2044.4'), catalogue, '2021-04-13');
    const april = level?.missing.find(({ update }) => update.id === 'Apr21SU');
    equal(april?.requiresUpgrade, true);
    equal(level?.missing.find(({ update }) => update.id === 'Mar21SU')?.requiresUpgrade, false);
  });
  it('keeps a fix missing that an update out of turn for a branch past its end did not bring', () => {
    deepEqual(missing('15.1.2044.13', '2021-03-31'), ['Feb21SU']);
  });
  it('counts a branch as ended when the second newer one comes out', () => {
    const before = judgeExchange(installed('15.1.2044.12'), catalogue, '2020-12-14');
    equal(before.outcome, 'pass');
    const after = judgeExchange(installed('15.1.2044.12'), catalogue, '2020-12-15');
    equal(after.level?.branchEndedOn, '2020-12-15');
    match(after.faults.join(), /CU17 of Exchange Server 2016 gets no fixes since 2020-12-15/);
  });
  it('counts the 2013 edition as not affected by an update that never came for it', () => {
    deepEqual(missing('15.0.1497.6', '2020-10-12'), []);
    deepEqual(missing('15.0.1497.6', '2020-10-13'), ['Oct20SU']);
  });
  it('takes what a list calls installed for a claim, and the build for the truth', () => {
    const { level } = judgeExchange(installed('15.1.2176.9', { claimedKbs: ['KB5001779'] }), catalogue, '2021-05-01');
    deepEqual(
      level?.missing.map(({ update, claimed }) => [update.id, claimed]),
      [['Apr21SU', true]],
    );
  });
  it('counts the newest update as missing where it was installed by halves, or waits for a restart', () => {
    const broken = { broken: ['the service W3SVC is disabled'] };
    deepEqual(missing('15.1.2176.12', '2021-05-01', broken), ['Apr21SU']);
    equal(judgeExchange(installed('15.1.2176.12', broken), catalogue, '2021-05-01').outcome, 'fail');
    deepEqual(missing('15.1.2176.12', '2021-05-01', { restartPending: true }), ['Apr21SU']);
  });
  it('passes nothing where health or restart were not looked at', () => {
    for (const more of [{ broken: undefined }, { restartPending: undefined }])
      equal(judgeExchange(installed('15.1.2176.12', more), catalogue, '2021-05-01').outcome, 'undetermined');
  });
  it('passes no build that the catalogue does not have', () => {
    for (const build of ['15.1.9999.1', '14.3.123.4', 'Version 15.1', '']) {
      const verdict = judgeExchange(installed(build), catalogue, '2021-05-01');
      equal(verdict.outcome, 'undetermined', build);
      ok(verdict.catalogueGap !== undefined);
    }
    equal(judgeExchange(installed('15.1.2176.13'), catalogue, '2021-05-10').outcome, 'undetermined');
  });
  it('accepts both builds where public tables disagree', () => {
    for (const build of ['15.1.1415.8', '15.1.1415.10'])
      deepEqual(
        missing(build, '2021-03-31').filter((id) => id === 'Mar21SU'),
        [],
      );
  });
  it('passes nothing once the catalogue has ended, and still fails what it knows to be missing', () => {
    equal(judgeExchange(installed('15.2.2562.46'), catalogue, '2026-09-01').outcome, 'pass');
    const fresh = '15.2.2562.56';
    equal(judgeExchange(installed(fresh), catalogue, '2026-10-20').outcome, 'pass');
    equal(judgeExchange(installed(fresh), catalogue, catalogue.expiresOn).outcome, 'undetermined');
    equal(judgeExchange(installed('15.2.2562.37'), catalogue, '2027-01-01').outcome, 'fail');
  });
  it('fails every edition that is out of support', () => {
    match(judgeExchange(installed('15.1.2507.72'), catalogue, '2026-09-01').faults.join(), /out of support/);
  });
});
