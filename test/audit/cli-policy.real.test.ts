/** Own rule books at the command line: what does not end, what reads what nobody saw, what asks nothing, leap days, clocks that change. */
import { equal, match } from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from '../../tools/case/fixtures.ts';
import { secondFactorSeries } from '../../tools/case/second-factor.ts';
import { affiant, type Ran } from '../agent/cli/run-cli.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { writePacks } from './packs-for-cli.ts';

const head = 'format: affiant-policy/1\nid: house\ntitle: House\nstatus: own\n';
const clock = (limit: string, start = ''): string =>
  `${head}clocks:\n  - { id: house-1, title: One, source: "Board, 3 May", verified: true, measures: fix, limit: ${limit}${start} }\n`;
const control = (pass: string): string =>
  `${head}clocks: []\ncontrols:\n  - { id: house-c, title: C, source: B, verified: true, clocks: [], documents: [edr, host], pass: '${pass}' }\n`;
const onBreach = (name: string, releasedAt: string, breachDay: string): string =>
  `  - { name: ${name}, clock: house-1, fix: { releasedAt: '${releasedAt}', severity: high }, expect: { breachDay: '${breachDay}' } }\n`;

describe('own rule books at the command line', () => {
  const base = temporaryFolder();
  const written = (text: string): string => {
    const file = join(base(), 'house.yaml');
    writeFileSync(file, text);
    return file;
  };
  const tested = (text: string, environment: Record<string, string> = {}): Ran =>
    affiant(['policy', 'test', '--policies', written(text)], environment);

  it('keep their days over leap days and the last of short months', () => {
    const days = tested(
      `${clock('{ days: 7 }')}tests:\n${onBreach('leap', '2024-02-23', '2024-03-02')}${onBreach('no leap', '2023-02-23', '2023-03-03')}${onBreach('a century without', '2100-02-23', '2100-03-03')}`,
    );
    equal(days.code, 0, days.out);
    match(days.out, /3 tests, 0 failed/);
    const months = tested(
      `${clock('{ months: 1 }')}tests:\n${onBreach('leap', '2024-01-31', '2024-03-01')}${onBreach('no leap', '2023-01-31', '2023-03-01')}`,
    );
    equal(months.code, 0, months.out);
  });
  it('keep their days where clocks are put forward and back, in every zone', () => {
    const text = `${clock('{ hours: 48 }')}tests:\n${onBreach('spring in London', '2021-03-27', '2021-03-30')}${onBreach('autumn in London', '2021-10-30', '2021-11-02')}${onBreach('a day that Samoa left out', '2011-12-29', '2012-01-01')}`;
    for (const TZ of ['UTC', 'Europe/London', 'Pacific/Apia', 'America/New_York']) {
      const { code, out } = tested(text, { TZ });
      equal(code, 0, `${TZ}: ${out}`);
    }
  });
  it('fail by a test that does not hold, and tell what was found', () => {
    const { code, out } = tested(`${clock('{ days: 7 }')}tests:\n${onBreach('wrong', '2024-02-23', '2024-03-01')}`);
    equal(code, 1);
    match(out, /FAILED {2}house: wrong: expected a breach on 2024-03-01, found 2024-03-02/);
  });
  it('fail by a test that asks nothing, or hands in what nobody reads', () => {
    const none = `${clock('{ days: 7 }')}${control('true').split('\n').slice(5).join('\n')}`;
    const bad = tested(
      `${none}tests:\n` +
        "  - { name: a, clock: house-1, fix: { releasedAt: '2024-02-23' }, expect: { verdict: pass } }\n" +
        "  - { name: b, control: house-c, documents: {}, expect: { breachDay: '2024-03-02' } }\n" +
        "  - { name: c, clock: house-1, fix: { relesedAt: '2024-02-23' }, expect: { applies: true } }\n" +
        "  - { name: d, clock: house-1, fix: { releasedAt: '2023-02-29' }, expect: { applies: true } }\n" +
        '  - { name: e, clock: house-1, fix: { cvss: high }, expect: { applies: true } }\n',
    );
    equal(bad.code, 1, bad.err);
    match(bad.out, /house: a: a clock gives no verdict pass/);
    match(bad.out, /house: b: a control neither applies nor has a breach day/);
    match(bad.out, /house: c: fix\.relesedAt is not known here/);
    match(bad.out, /house: d: fix\.releasedAt is no day of the calendar: 2023-02-29/);
    match(bad.out, /house: e: fix\.cvss has to be a number/);
    match(tested(clock('{ days: 7 }')).out, /none +house: it has no tests/);
  });
  it('are refused by file and line where they have a typo', () => {
    const { code, err } = tested(control('edr.produkts.value.size() == 0'));
    equal(code, 2);
    match(err, /house\.yaml, line 7: control house-c: .*produkts at character/);
  });
  it('do not pass by an expression that does not end', () => {
    const each = 'updates.availableUpdates.value';
    const many = Array.from({ length: 6000 }, (_unused, at) => at).join(', ');
    const expecting = (verdict: string): Ran =>
      tested(
        `${control(`${each}.all(a, ${each}.all(b, a + b >= 0))`).replace('[edr, host]', '[updates]')}tests:\n` +
          `  - { name: endless, control: house-c, expect: { verdict: ${verdict} }, documents: { updates: { availableUpdates: { status: observed, sources: [], value: [${many}] } } } }\n`,
      );
    equal(expecting('undetermined').code, 0);
    const passed = expecting('pass');
    equal(passed.code, 1);
    match(passed.out, /expected pass, found undetermined: the expression did not end within \d+ ms and was stopped/);
  });
  it('do not pass by an expression that reads what nobody saw', async () => {
    const folder = join(base(), 'packs');
    mkdirSync(folder);
    // All topics are seen, so that 0 can be told at all: administrators and factors are those of another server.
    const factors = (await secondFactorSeries()).draftsOn('2024-06-02');
    const good = fixture('good');
    const { options } = writePacks(folder, {
      ...good,
      from: '2021-08-10',
      to: '2021-08-11',
      draftsOn: (day) => ({ ...factors, ...good.draftsOn(day) }),
    });
    const asked = (pass: string, ...more: readonly string[]): Ran =>
      affiant([
        'findings',
        ...more,
        ...options,
        '--policies',
        written(control(pass)),
        '--policy',
        'house',
        '--at',
        '2021-08-11',
        '--format',
        'json',
      ]);
    const verdictOf = ({ out }: Ran): unknown[] =>
      (JSON.parse(out) as { hosts: { findings: { rule: string; verdict: string; reason: string }[] }[] }).hosts.flatMap(
        ({ findings }) =>
          findings.filter(({ rule }) => rule === 'house-c').map(({ verdict, reason }) => `${verdict}: ${reason}`),
      );
    for (const unseen of ['!has(host.fips.value)', 'host.fips.value.enabled == false || true']) {
      const ran = asked(unseen);
      match(String(verdictOf(ran)[0]), /^undetermined: .*host\/fips/);
      // A script that looks at nothing else must not take it for fine.
      equal(ran.code, 3);
    }
    const passed = asked('host.hostname.value == "mail1"');
    equal(verdictOf(passed).length, 0);
    equal(passed.code, 0, passed.out);
    equal(asked('host.hostname.value == "mail2"').code, 1);
    // A server of the inventory that never sent anything was named nowhere, and the fleet was in order.
    const inventory = join(base(), 'inventory.yaml');
    const listing = (more: string, ...args: readonly string[]): Ran => {
      writeFileSync(
        inventory,
        `format: affiant-inventory/1\ndate: 2021-08-01\nservers:\n  - { name: mail1, exposure: internet }\n${more}`,
      );
      return asked('host.hostname.value == "mail1"', '--inventory', inventory, ...args);
    };
    const db9 = (retired: string): string => `  - { name: db9.lan.example, exposure: internal${retired} }\n`;
    const silent = listing(db9(''));
    equal(silent.code, 3, silent.err);
    match(silent.err, /a server of which there is no evidence: db9\.lan\.example/);
    equal(listing('').code, 0);
    equal(listing(db9(', retiredOn: 2021-07-01')).code, 0);
    equal(listing(db9(''), '--host', 'mail1').code, 0);
    listing(db9(''));
    const page = join(base(), 'fleet.html');
    const args = ['--inventory', inventory, '--at', '2021-08-11', '--out', page];
    match(affiant(['report', ...options, ...args]).err, /no evidence: db9\.lan\.example/);
    match(readFileSync(page, 'utf8'), /of which there is no evidence: db9\.lan\.example/);
  }).timeout(120_000);
});
