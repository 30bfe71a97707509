/** as-of, diff and investigate as processes: days without evidence, days that are none, servers that are not there. */
import { doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { addDays } from '../../audit/days.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { secondFactorSeries } from '../../tools/case/second-factor.ts';
import { affiant } from '../agent/cli/run-cli.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { without, writePacks } from './packs-for-cli.ts';

describe('questions about days', () => {
  const base = temporaryFolder();
  let options: readonly string[] = [];
  let factors: readonly string[] = [];
  const folder = (name: string): string => {
    const path = join(base(), name);
    mkdirSync(path);
    return path;
  };
  // The first web shells come on 16 August, and no evidence from then until the 22nd.
  before(async () => {
    const mail = { ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-26' };
    options = writePacks(
      folder('mail'),
      without(mail, (day) => day >= '2021-08-16' && day <= '2021-08-22'),
    ).options;
    // A month in one step each: what changes on 1 June is what counts.
    const series = await secondFactorSeries();
    factors = writePacks(
      folder('factors'),
      without({ ...series, from: '2024-05-30', to: '2024-06-03' }, () => false),
    ).options;
  });
  const asked = (command: string, ...more: readonly string[]): { code: number | null; out: string; err: string } =>
    affiant([command, ...more, ...options]);

  it('say of days without any bundle that it is not known, and never that there was nothing', () => {
    const story = asked('investigate', '--from', '2021-08-17', '--to', '2021-08-21');
    equal(story.code, 0, story.err);
    match(story.out, /evidence +no bundle of these days/);
    match(story.out, /stale +2021-08-17 to 2021-08-21 without evidence/);
    // A later bundle shows what was detected then; how much more there was nobody saw.
    match(story.out, /Detections: 3 or more\n {2}2021-08-17T02:30:00Z/);
    match(story.out, /earlier +2 detections before 2021-08-17, the first on 2021-08-16/);
    match(story.out, /no-evidence +no signed evidence of these days/);
    match(story.out, /Excluded from detection \(the last known state, of 2021-08-15\)\n {2}microsoft-defender/);
    match(story.out, /Changes of administrators\n {2}not known: no bundle of these days saw them/);
    match(story.out, /In with one factor \(the last known state, of 2021-08-15\)\n {2}CORP\\alice by .*owa/);
    doesNotMatch(story.out, /^ {2}nothing$/m);
  });
  it('count what was detected in days of which some have no evidence as a part of it', () => {
    const { out } = asked('investigate', '--from', '2021-08-15', '--to', '2021-08-24');
    match(out, /evidence +3 bundles of these days/);
    match(out, /Detections: \d+ or more: days of it are without evidence/);
    match(out, /first sign +2021-08-16/);
  });
  it('know nothing of days before the first bundle, and say so', () => {
    const [first, second] = ['2021-07-01', '2021-07-20'];
    const day = asked('as-of', first);
    match(day.out, /evidence +none of or before that day: nothing is known of it/);
    match(day.out, /detections +not known/);
    match(day.out, /findings +not known/);
    match(asked('diff', first, second).out, /not known: no bundle is of or before either day/);
    match(asked('diff', first, '2021-08-15').out, /evidence +none of or before that day → there is/);
    match(asked('diff', '2021-08-15', first).out, /evidence +there is → none of or before that day/);
    const story = asked('investigate', '--from', first, '--to', second);
    match(story.out, /Detections: not known/);
    match(story.out, /Fixes missing\n {2}not known/);
    match(story.out, /Excluded from detection\n {2}not known/);
    doesNotMatch(story.out, /^ {2}nothing$/m);
  });
  it('do not call two days equal that rest on one bundle, and mark what is stale', () => {
    const same = asked('diff', '2021-08-17', '2021-08-19');
    match(same.out, /both days rest on one bundle: [\s\S]*of the\s+server it is not known/);
    const stale = asked('diff', '2021-08-14', '2021-08-20');
    match(stale.out, /2021-08-20: the last known state, 5 days old; the server claims 2021-08-15T23:00:00Z/);
    match(asked('as-of', '2021-08-19').out, /stale +the last known state, 4 days old/);
    match(asked('diff', '2021-08-14', '2021-08-14').out, /nothing changed/);
  });
  it('say of a day that is yet to come that nobody has seen it', () => {
    const soon = addDays(new Date().toISOString().slice(0, 10), 40);
    match(asked('as-of', soon).err, new RegExp(`${soon} is yet to come: what is said of it is the last known state`));
  });
  it('tell of every way that was open on any of the days, also where it was closed in them', () => {
    const closed = affiant(['investigate', '--from', '2024-05-30', '--to', '2024-06-03', ...factors]);
    match(closed.out, /In with one factor\n(?: .*\n)*? {2}bob by .*ssh \(until 2024-05-31\)/);
    match(closed.out, /not known: bob by ssh/);
    const changed = affiant(['diff', '2024-05-31', '2024-06-01', ...factors]);
    match(changed.out, /one factor +bob by ssh → —/);
  });
  it('refuse what is no day of the calendar, with the remedy', () => {
    const asOf = ['2021-02-29', '2100-02-29', '2021-8-16', 'yesterday', ''].map((bad) => ['as-of', bad]);
    const bad = '2021-13-01';
    for (const args of [
      ...asOf,
      ['diff', '2021-08-16', bad],
      ['diff', bad, '2021-08-16'],
      ['investigate', '--from', bad, '--to', '2021-08-16'],
      ['investigate', '--from', '2021-08-16', '--to', bad],
    ]) {
      const { code, err, out } = affiant([...args, '--packs', 'none', '--key', 'none']);
      equal(code, 2, `${args.join(' ')}: ${err}`);
      equal(out, '');
      match(err, /is not a day[\s\S]*remedy: write it as 2021-08-16/);
    }
  }).timeout(60_000);
  it('count an instant to its day in UTC, and refuse one without an offset', () => {
    match(asked('as-of', '2021-08-14T23:30:00-05:00').out, / on 2021-08-15\n/);
    match(asked('as-of', '2021-08-14T23:30:00').err, /is not a day/);
  });
  it('name the servers that are known where another is asked for', () => {
    for (const args of [
      ['diff', '2021-08-14', '2021-08-15'],
      ['investigate', '--from', '2021-08-14', '--to', '2021-08-15'],
      ['report'],
      ['export', 'ocsf'],
    ]) {
      const { code, err } = affiant([...args, '--host', 'web9', ...options]);
      equal(code, 2, `${args.join(' ')}: ${err}`);
      match(err, /web9[\s\S]*mail1/);
    }
  }).timeout(60_000);
  it('give the same whatever zone the machine is set to, and whenever its clocks change', () => {
    const zones = ['UTC', 'Europe/London', 'Pacific/Apia'];
    for (const args of [
      ['as-of', '2021-08-15'],
      ['investigate', '--from', '2021-08-10', '--to', '2021-08-26', '--format', 'json'],
    ]) {
      const [first, ...others] = zones.map((TZ) => affiant([...args, ...options], { TZ }).out);
      ok((first ?? '').length > 500);
      for (const other of others) equal(other, first);
    }
  }).timeout(60_000);
});
