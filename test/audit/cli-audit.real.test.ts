/** The commands over many bundles, as processes over a folder of signed packs. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from '../../tools/case/fixtures.ts';
import { seriesKeys, writeSeries } from '../../tools/case/series.ts';
import { affiant } from '../agent/cli/run-cli.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';

describe('commands over many bundles', () => {
  const base = temporaryFolder();
  let options: string[] = [];
  before(() => {
    writeSeries({ ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-20' }, base(), seriesKeys());
    writeFileSync(
      join(base(), 'inventory.yaml'),
      'format: affiant-inventory/1\ndate: 2021-08-01\nservers:\n  - name: mail1\n    exposure: internet\n',
    );
    options = [
      '--packs',
      join(base(), 'packs'),
      '--key',
      join(base(), 'server.pem'),
      '--log-key',
      join(base(), 'log.vkey'),
      '--inventory',
      join(base(), 'inventory.yaml'),
    ];
  });

  it('name findings, exit with 1, and explain one with bundle, log place, fact and source', () => {
    const found = affiant(['findings', ...options, '--at', '2021-08-20', '--format', 'json']);
    equal(found.code, 1);
    match(found.err, /the inventory is not signed/);
    match(found.err, /replayed recordings/);
    const fleet = JSON.parse(found.out) as { hosts: { findings: { id: string; rule: string; subject: string }[] }[] };
    const finding = fleet.hosts[0]?.findings.find(
      ({ rule, subject }) => rule === 'e8-online-crit' && subject === 'Apr21SU',
    );
    ok(finding);
    const told = affiant(['explain', 'finding', finding.id, ...options, '--at', '2021-08-20']);
    equal(told.code, 0, told.err);
    for (const piece of [
      /began 2021-04-13/,
      /broken from: 2021-04-16/,
      /bundle [0-9a-f]{64}/,
      /number 0 of the log/,
      /\/exchange\/value\/setupFileVersion/,
      /query:exchange/,
      /Essential Eight/,
    ])
      match(told.out, piece);
  });
  it('judge what a control of an own policy asks of the documents, from the day on which the answer began', () => {
    const control = (id: string, pass: string): string =>
      `  - { id: ${id}, title: Title of ${id}, source: "House, 3 May", verified: true, clocks: [], documents: [edr], pass: '${pass}' }\n`;
    const policy = join(base(), 'house.yaml');
    writeFileSync(
      policy,
      'format: affiant-policy/1\nid: house\ntitle: House\nstatus: own\nclocks: []\ncontrols:\n' +
        control('calm', 'edr.products.value.all(p, p.detections.value.total == 0)') +
        control('named', 'host.hostname.value == "mail1"') +
        control('unseen', 'host.fips.value.enabled == true') +
        control('exposed', 'inventory.exposure == "internet"'),
    );
    const asked = [...options, '--policies', policy, '--policy', 'house', '--at', '2021-08-20'];
    const found = affiant(['findings', ...asked, '--format', 'json']);
    type Shown = { id: string; rule: string; verdict: string; interval: { from: string }; reason: string };
    const findings = (JSON.parse(found.out) as { hosts: { findings: Shown[] }[] }).hosts[0]?.findings ?? [];
    const of = (rule: string): (string | undefined)[] | undefined => {
      const one = findings.find((each) => each.rule === rule);
      return one && [one.verdict, one.interval.from];
    };
    deepEqual(of('calm'), ['fail', '2021-08-16']);
    deepEqual(of('unseen'), ['undetermined', '2021-08-10']);
    deepEqual([of('named'), of('exposed')], [undefined, undefined]);
    equal(found.code, 1);
    const told = affiant(['explain', 'finding', findings.find(({ rule }) => rule === 'calm')?.id ?? '', ...asked]);
    match(told.out, /calm: House, 3 May/);
    match(told.out, /bundle [0-9a-f]{64}/);
    const report = affiant(['report', ...asked, '--format', 'json']);
    match(report.out, /"rule": "calm"/);
  });
  it('say what was true on a day with both bounds, and that nothing is known of what nobody saw', () => {
    const answer = affiant(['as-of', '2021-08-16', '--host', 'mail1', ...options]);
    equal(answer.code, 0, answer.err);
    match(answer.out, /not before: checkpoint 6 of log\.replay\.example/);
    match(answer.out, /not after: checkpoint 7/);
    match(answer.out, /Mar21SU, critical, for 167 days, exploited/);
    match(answer.out, /one factor +CORP\\alice by owa: notRequired/);
    const changes = affiant(['diff', '2021-08-15', '2021-08-16', ...options]);
    match(changes.out, /detections +0 → 2/);
    const story = affiant(['investigate', '--from', '2021-08-10', '--to', '2021-08-20', ...options]);
    match(story.out, /first sign +2021-08-16/);
    match(story.out, /In with one factor\n +CORP\\alice/);
    const folder = join(base(), 'unseen');
    mkdirSync(folder);
    writeSeries({ ...fixture('good'), from: '2021-08-10', to: '2021-08-12' }, folder, seriesKeys());
    const others = ['--packs', join(folder, 'packs'), '--key', join(folder, 'server.pem')];
    match(affiant(['as-of', '2021-08-11', ...others]).out, /one factor +not known/);
    match(
      affiant(['investigate', '--from', '2021-08-10', '--to', '2021-08-12', ...others]).out,
      /In with one factor\n +not known/,
    );
    // Without a day it is judged as of today, and is silent since.
    const silent = affiant(['report', ...options]);
    match(silent.out, /silent/i, silent.err);
    match(affiant(['history', ...options]).out, /11 bundles, 2021-08-10 to 2021-08-20/);
  });
  it('say the same with a cache, filled or not, and refuse one that others could write', () => {
    const asked = (command: string, ...more: string[]): { code: number | null; out: string; err: string } =>
      affiant([command, ...options, '--at', '2021-08-20', '--format', 'json', ...more]);
    const cache = join(base(), 'cache');
    for (const command of ['findings', 'report', 'history']) {
      const plain = asked(command);
      for (const _time of [1, 2]) deepEqual(asked(command, '--cache', cache), plain);
    }
    equal(statSync(cache).mode & 0o777, 0o700);
    chmodSync(cache, 0o777);
    const open = asked('findings', '--cache', cache);
    equal(open.code, 5);
    match(open.err, /others can write to .*cache[\s\S]*--cache DIR/);
  });
  it('refuse what is not given, not a day, not a server, with the remedy', () => {
    for (const [args, text] of [
      [['findings', '--key', 'x.pem'], /--packs is needed/],
      [['findings', '--packs', 'x'], /a signature alone says nothing/],
      [['as-of', '2021-02-29', ...options], /2021-02-29 is not a day/],
      [['as-of', '2021-08-16', '--host', 'web9', ...options], /no bundle is of a server web9[\s\S]*mail1/],
      [['explain', 'finding', 'F-000000000000', ...options], /there is no finding F-000000000000/],
      [['findings', ...options, '--policy', 'iso-9001'], /there is no policy iso-9001/],
      [['investigate', '--from', '2021-08-20', '--to', '2021-08-10', ...options], /--to lies before --from/],
    ] as const) {
      const { code, err } = affiant([...args]);
      equal(code === 2 || code === 5, true, err);
      match(err, text);
      match(err, /remedy: /);
    }
    // An argument like any other, as docs/cli.md has it.
    equal(affiant(['findings', ...options, '--policy', 'iso-9001']).code, 2);
  });
  it('list policies, and refuse one with a typo by file and line', () => {
    equal(affiant(['policy', 'test']).code, 0);
    match(affiant(['policy', 'list']).out, /essential-eight/);
    match(affiant(['policy', 'show', 'historical']).out, /revoked/i);
    const file = join(base(), 'own.yaml');
    writeFileSync(
      file,
      'format: affiant-policy/1\nid: own\ntitle: Own\nstatus: own\nclocks:\n  - id: own-1\n    title: One\n    source: Board\n    verified: true\n    measures: fix\n    limit: { days: 3 }\n    when: fix.kevv\n',
    );
    const bad = affiant(['policy', 'test', '--policies', file]);
    equal(bad.code, 2);
    match(bad.err, /own\.yaml, line 12: clock own-1: No such key: kevv/);
  });
});
