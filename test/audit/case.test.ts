/** The replayed case to the day: each row and each column of the oracle, and what each life must show. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { daysBetween } from '../../audit/days.ts';
import type { HostAudit } from '../../audit/model.ts';
import { fixture, lastDay } from '../../tools/case/fixtures.ts';
import { allPolicies, auditOf, entriesOf, withCves } from './played.ts';

const policies = allPolicies();

/** Updates whose vulnerabilities the oracle takes to be automatable with total impact. */
const starred = new Set(['CVE-2020-16875', 'CVE-2020-17132', 'CVE-2021-26855', 'CVE-2021-31207', 'CVE-2021-42321']);
const catalogues = withCves((id) => (starred.has(id) ? { automatable: true, technicalImpact: 'total' } : {}));

/** First breach day by clock; `-` where the clock is not triggered. */
const columns = [
  'e8-online-crit',
  'bod-26-04 3 d',
  'ncsc-vm-internet',
  '14 d',
  'bod-19-02-critical',
  'bod-19-02-high',
  '1 month',
] as const;
const oracle: Readonly<Record<string, readonly string[]>> = {
  Sep20SU: ['2020-09-11', '2020-09-12', '2020-09-14', '2020-09-23', '2020-09-24', '2020-10-09', '2020-10-09'],
  Oct20SU: ['-', '-', '2020-10-19', '2020-10-28', '-', '2020-11-13', '2020-11-14'],
  Nov20SU: ['-', '-', '2020-11-16', '2020-11-25', '-', '2020-12-11', '2020-12-11'],
  Dec20SU: ['2020-12-11', '2020-12-12', '2020-12-14', '2020-12-23', '2020-12-24', '2021-01-08', '2021-01-09'],
  Feb21SU: ['-', '-', '2021-02-15', '2021-02-24', '-', '2021-03-12', '2021-03-10'],
  Mar21SU: ['2021-03-05', '2021-03-06', '2021-03-08', '2021-03-17', '2021-03-18', '2021-04-02', '2021-04-03'],
  Apr21SU: ['2021-04-16', '2021-04-17', '2021-04-19', '2021-04-28', '2021-04-29', '2021-05-14', '2021-05-14'],
  May21SU: ['2021-08-09', '2021-05-15', '2021-05-17', '2021-05-26', '-', '2021-06-11', '2021-06-12'],
  Jul21SU: ['-', '-', '2021-07-19', '2021-07-28', '-', '2021-08-13', '2021-08-14'],
  Oct21SU: ['-', '-', '2021-10-18', '2021-10-27', '-', '2021-11-12', '2021-11-13'],
  Nov21SU: ['2021-11-12', '2021-11-13', '2021-11-15', '2021-11-24', '-', '2021-12-10', '2021-12-10'],
};

function breachDays(audit: HostAudit, fixId: string, rules: readonly string[], limit?: string): string {
  const days = audit.findings
    .filter(
      ({ subject, rule, verdict, clock }) =>
        subject === fixId &&
        rules.includes(rule) &&
        verdict === 'fail' &&
        (limit === undefined || clock?.limit === limit),
    )
    .map(({ breachDay }) => breachDay ?? '');
  return days.length === 0 ? '-' : [...new Set(days)].toSorted().join(' ');
}

describe('the oracle of first breaches', () => {
  for (const name of ['msg-2016', 'msg-2019']) {
    const audit = auditOf(entriesOf(fixture(name)), lastDay, { policies, catalogues });
    for (const [fixId, days] of Object.entries(oracle))
      it(`holds for ${fixId} on ${name}, absences too`, () => {
        const found = [
          breachDays(audit, fixId, ['e8-online-crit']),
          breachDays(audit, fixId, ['bod-26-04'], '3 days'),
          breachDays(audit, fixId, ['ncsc-vm-internet']),
          breachDays(audit, fixId, ['ce-14d', 'e8-online-other']),
          breachDays(audit, fixId, ['bod-19-02-critical']),
          breachDays(audit, fixId, ['bod-19-02-high']),
          breachDays(audit, fixId, ['pci-6.3.3', 'cis-7.4']),
        ];
        deepEqual(
          Object.fromEntries(columns.map((column, at) => [column, found[at]])),
          Object.fromEntries(columns.map((column, at) => [column, days[at]])),
        );
      });
    it(`has no fix missing on ${name} that the oracle does not know`, () =>
      deepEqual(
        audit.exposures.map(({ fixId }) => fixId),
        Object.keys(oracle),
      ));
  }
  it('asks for PCI of critical fixes alone, and for CIS of all', () => {
    const audit = auditOf(entriesOf(fixture('msg-2016')), lastDay, { policies });
    const by = (rule: string): string[] =>
      audit.findings
        .filter((each) => each.rule === rule)
        .map(({ subject }) => subject)
        .toSorted();
    deepEqual(by('pci-6.3.3'), ['Apr21SU', 'Dec20SU', 'Mar21SU', 'Sep20SU']);
    equal(by('cis-7.4').length, 11);
  });
});

describe('the life msg-2016', () => {
  const entries = entriesOf(fixture('msg-2016'));
  const audit = auditOf(entries, lastDay, { policies });
  const fixRules = new Set(
    policies.clocks.filter(({ clock }) => clock.measures === 'fix').map(({ clock }) => clock.id),
  );

  it('is clean for the first 62 days, and lacks Sep20SU on 8 September 2020', () => {
    deepEqual(auditOf(entries, '2020-09-07', { policies }).exposures, []);
    deepEqual(
      auditOf(entries, '2020-09-08', { policies }).exposures.map(({ fixId, missing }) => [fixId, missing[0]?.from]),
      [['Sep20SU', '2020-09-08']],
    );
    deepEqual(
      auditOf(entries, '2020-09-10', { policies }).findings.filter(({ rule }) => fixRules.has(rule)),
      [],
    );
    deepEqual(
      auditOf(entries, '2020-09-11', { policies })
        .findings.filter(({ rule }) => fixRules.has(rule))
        .map(({ rule, breachDay }) => [rule, breachDay]),
      [['e8-online-crit', '2020-09-11']],
    );
  });
  it('runs a cumulative update without fixes from 15 December 2020, while nothing is offered to it', () => {
    equal(audit.products?.at(-1)?.branchEndedOn, '2020-12-15');
    const april = audit.exposures.find(({ fixId }) => fixId === 'Apr21SU');
    equal(april?.requiresUpgrade, true);
    equal(audit.exposures.find(({ fixId }) => fixId === 'Mar21SU')?.requiresUpgrade, false);
    match(
      audit.findings.find(({ subject, rule }) => subject === 'Apr21SU' && rule === 'ce-14d')?.reason ?? '',
      /Windows Update offers nothing/,
    );
  });
  it('tells on the day of the mass exploitation how old each hole was', () => {
    const then = auditOf(entries, '2021-08-07', { policies });
    const age = (id: string): number | undefined => then.exposures.find(({ fixId }) => fixId === id)?.ageDays;
    deepEqual([age('Sep20SU'), age('Mar21SU'), age('Apr21SU'), age('May21SU')], [333, 158, 116, 88]);
    equal(daysBetween(then.counters.firstBreachDayByClock['ce-14d'] ?? '', '2021-08-07'), 318);
    equal(daysBetween(then.counters.firstBreachDayByClock['e8-online-crit'] ?? '', '2021-08-07'), 330);
    equal(then.counters.oldestMissingAgeDays, 333);
  });
  it('counts 404 days without any security update on the day of the compromise', () => {
    const then = auditOf(entries, '2021-08-16', { policies });
    equal(then.counters.daysWithoutAnySecurityUpdate, 404);
    equal(then.counters.missingCriticalCount, 5);
    equal(then.counters.daysBreachedBeforeCompromise, 339);
  });
  it('knows nothing on a day that was learnt later', () => {
    const may = auditOf(entries, '2021-08-05', { policies });
    ok(!may.findings.some(({ subject, rule }) => subject === 'May21SU' && rule === 'e8-online-crit'));
    equal(may.exposures.find(({ fixId }) => fixId === 'May21SU')?.exploitKnownAt, undefined);
  });
  it('calls detection ineffective from the first day for its exclusions, never tested, its logs not forwarded', () => {
    const effective = audit.findings.find(({ rule }) => rule === 'edr-effective');
    equal(effective?.start.at.slice(0, 10), '2020-07-01');
    match(effective?.reason ?? '', /where web shells land/);
    match(
      audit.findings.find(({ rule }) => rule === 'detection-test')?.reason ?? '',
      /no proof of detection was ever made/,
    );
    ok(audit.findings.some(({ rule }) => rule === 'log-forwarding'));
    deepEqual(
      audit.detector.map(({ from, to, outcome }) => [from, to, outcome]),
      [['2020-07-01', lastDay, 'fail']],
    );
  });
  it('breaks the review of detections on 18 August 2021, and does not take removal for review', () => {
    for (const rule of ['affiant-detection-review', 'pci-10.4.1', 'caf-c1.d.1']) {
      const finding = audit.findings.find((each) => each.rule === rule);
      equal(finding?.breachDay, '2021-08-18', rule);
      equal(finding?.state, 'open');
    }
    equal(audit.findings.find(({ rule }) => rule === 'cis-8.11')?.breachDay, '2021-08-24');
    const totals = audit.detections[0]?.days.map(({ total }) => total) ?? [];
    equal(totals.at(-1), 54);
    deepEqual(
      totals,
      totals.toSorted((one, other) => one - other),
    );
    equal(audit.detections[0]?.trendAlarms[0], '2021-08-17');
    equal(audit.detections[0]?.acknowledged, false);
  });
});

describe('the other lives', () => {
  const at = (name: string, day = lastDay): HostAudit => auditOf(entriesOf(fixture(name)), day, { policies });
  const days = (audit: HostAudit, rule: string, subject: string): string[] =>
    audit.findings
      .filter((each) => each.rule === rule && each.subject === subject)
      .map(({ interval }) => `${interval.from}..${interval.to ?? ''}`);

  it('msg-2013: Sep20SU does not apply; the first breach is of Oct20SU, and Cyber Essentials goes by its score', () => {
    const audit = at('msg-2013');
    ok(!audit.exposures.some(({ fixId }) => fixId === 'Sep20SU'));
    equal(audit.counters.firstBreachDayByClock['ncsc-vm-internet'], '2020-10-19');
    equal(audit.counters.firstBreachDayByClock['ce-14d'], '2020-10-28');
    const entries = entriesOf(fixture('msg-2013'));
    const mild = auditOf(entries, '2020-12-01', {
      policies,
      catalogues: withCves((id) => (id === 'CVE-2020-16969' ? { cvss: 6.5 } : {})),
    });
    equal(days(mild, 'ce-14d', 'Oct20SU').length, 0);
  });
  it('false-comfort: ProxyLogon is mended, and the fix of ProxyShell does not wait for its publication', () => {
    const audit = at('false-comfort');
    const march = audit.exposures.find(({ fixId }) => fixId === 'Mar21SU');
    deepEqual(
      march?.missing.map(({ from, to }) => [from, to]),
      [['2021-03-02', '2021-03-04']],
    );
    ok(!audit.findings.some(({ subject }) => subject === 'Mar21SU'));
    deepEqual(days(audit, 'ncsc-vm-internet', 'Apr21SU'), ['2021-04-19..']);
    deepEqual(days(audit, 'ce-14d', 'Apr21SU'), ['2021-04-28..']);
    // Published on 13 July 2021: a clock from there would first fire on the 19th.
    ok((audit.counters.firstBreachDayByClock['ncsc-vm-internet'] ?? '9') < '2021-07-19');
  });
  it('claimed-but-not: a list calls the update installed, the program file does not', () => {
    const audit = at('claimed-but-not');
    ok(audit.exposures.find(({ fixId }) => fixId === 'Sep20SU')?.claimed);
    equal(
      audit.findings.find(({ rule, subject }) => rule === 'claim-contradicted' && subject === 'Sep20SU')?.verdict,
      'fail',
    );
    deepEqual(days(audit, 'ce-14d', 'Sep20SU'), ['2020-09-23..']);
  });
  it('half-installed: a file that stayed behind leaves the update missing', () => {
    const audit = at('half-installed');
    equal(audit.products?.at(-1)?.health, 'broken');
    match(audit.products?.at(-1)?.healthWhy.join() ?? '', /W3SVC is disabled/);
    deepEqual(days(audit, 'ce-14d', 'Sep20SU'), ['2020-09-23..']);
  });
  it('good: eighteen months without a breach of any clock of fixes, support, detection or silence', () => {
    deepEqual(
      at('good')
        .findings.filter(({ verdict }) => verdict === 'fail')
        .map(({ rule, subject }) => `${rule} ${subject}`),
      [],
    );
  });
  it('gap: silence is warned of and broken by the hour, and the last known state goes on', () => {
    const audit = at('gap');
    const gap = audit.findings.filter(({ rule }) => rule === 'evidence-gap');
    deepEqual(
      gap.map(({ level, interval }) => [level, interval.from, interval.to]),
      [['breach', '2020-11-03', '2020-11-20']],
    );
    const early = at('gap', '2020-11-02').findings.find(({ rule }) => rule === 'evidence-gap');
    deepEqual([early?.level, early?.interval.from], ['warning', '2020-11-02']);
    ok(!at('gap', '2020-11-01').findings.some(({ rule }) => rule === 'evidence-gap'));
    const within = at('gap', '2020-11-16');
    const november = within.findings.find(({ rule, subject }) => rule === 'ncsc-vm-internet' && subject === 'Nov20SU');
    equal(november?.breachDay, '2020-11-16');
    equal(november?.stale, true);
    deepEqual(
      audit.history.stale.map(({ from, to }) => [from, to]),
      [['2020-11-01', '2020-11-20']],
    );
    ok(audit.detector.some(({ outcome, from }) => outcome === 'no-evidence' && from === '2020-11-01'));
  });
  it('mitigated: what was applied instead is said, and stops no clock', () => {
    const audit = at('mitigated');
    equal(audit.exposures.find(({ fixId }) => fixId === 'Mar21SU')?.mitigation, 'emergency mitigation M1.1');
    deepEqual(days(audit, 'e8-online-crit', 'Mar21SU'), ['2021-03-05..']);
  });
  it('rollback: the breach opens again, with the start that it had', () => {
    const audit = at('rollback');
    deepEqual(days(audit, 'ce-14d', 'Sep20SU').toSorted(), ['2020-09-23..2020-09-30', '2020-10-02..']);
    deepEqual(
      audit.findings
        .filter(({ rule, subject }) => rule === 'ce-14d' && subject === 'Sep20SU')
        .map(({ start }) => start.at),
      ['2020-09-08', '2020-09-08'],
    );
  });
});
