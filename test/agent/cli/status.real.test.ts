/** `affiant status`, its metrics and the log lines of timers, by the command itself on this machine. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricsText } from '../../../agent/service/metrics-text.ts';
import { emptyStatus } from '../../../agent/service/status.ts';
import { must } from '../spool/bundles.ts';
import { affiant as runCli } from './run-cli.ts';

describe('affiant status', function () {
  this.timeout(120_000);
  let home = '';
  let state = '';
  let config = '';
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'affiant-status-'));
    state = join(home, 'state');
    config = join(home, 'affiant.yaml');
    writeFileSync(
      config,
      `endpoint:\n  url: http://127.0.0.1:9\nmetrics:\n  textfile: ${join(home, 'affiant.prom')}\n`,
    );
  });
  after(() => {
    rmSync(home, { recursive: true });
  });
  type Told = {
    lastRun?: { digest: string };
    spool: { packs: number };
    keyId?: string;
    endpoint?: string;
    chain?: { sequence: number };
  };
  const status = (): Told => JSON.parse(runCli(['status', '--json', '--state', state, '--config', config]).out) as Told;

  it('says that nothing was collected yet, and makes no folder', () => {
    const told = status();
    assert.deepEqual([told.lastRun, told.spool.packs, told.keyId], [undefined, 0, undefined]);
    assert.ok(!readdirSync(home).includes('state'));
  });

  it('says what was collected and waits, and leaves the same in the metrics', () => {
    const ran = runCli(['collect', '--scheduled', '--only', 'host', '--state', state, '--config', config], {
      JOURNAL_STREAM: '8:1',
    });
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.err, /^<6>collected and signed [0-9a-f]{16}, number 0 of chain [0-9a-f]{8}$/m);
    assert.equal(ran.out, '');
    const told = status();
    assert.match(told.lastRun?.digest ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual([told.spool.packs, told.chain?.sequence, told.endpoint], [1, 0, 'http://127.0.0.1:9']);
    const metrics = readFileSync(join(home, 'affiant.prom'), 'utf8');
    assert.match(metrics, /^affiant_spool_packs 1$/m);
    assert.match(metrics, /^affiant_collector_complete\{collector="host",outcome="(?:complete|partial)"\} [01]$/m);
    assert.deepEqual(readdirSync(home).toSorted(), ['affiant.prom', 'affiant.yaml', 'state']);
    const text = runCli(['status', '--state', state, '--config', config]).out;
    assert.match(text, /Waiting +1 packs, \d+ bytes, since 20/);
  });

  it('says with the level of a warning that the endpoint is away, and that it could not write metrics', () => {
    const posted = runCli(['post', '--scheduled', '--state', state, '--config', config], { JOURNAL_STREAM: '8:1' });
    assert.equal(posted.code, 4);
    assert.match(posted.err, /^<4>/m);
    const other = join(home, 'other.yaml');
    writeFileSync(other, `metrics:\n  textfile: ${join(home, 'missing', 'affiant.prom')}\n`);
    const ran = runCli(['collect', '--scheduled', '--only', 'host', '--state', state, '--config', other]);
    assert.equal(ran.code, 0);
    assert.match(ran.err, /warning: metrics: .*missing\/affiant\.prom cannot be written \(ENOENT\)/);
  });

  it('replaces the metrics after a collection that failed too, by what is still known, and again after a good one', () => {
    const broken = join(home, 'broken');
    const file = join(home, 'broken.prom');
    const settings = join(home, 'broken.yaml');
    cpSync(state, broken, { recursive: true });
    writeFileSync(settings, `metrics:\n  textfile: ${file}\n`);
    const collect = (): number | null =>
      runCli(['collect', '--scheduled', '--only', 'host', '--state', broken, '--config', settings]).code;
    const metrics = (): string => readFileSync(file, 'utf8');
    assert.equal(collect(), 0);
    assert.match(metrics(), /^affiant_last_attempt_failed 0$/m);
    assert.doesNotMatch(metrics(), /affiant_last_attempt_failure/);
    const run = /^affiant_last_run_timestamp_seconds .+$/m.exec(metrics())?.[0];
    const key = readFileSync(join(broken, 'key.pem'));
    writeFileSync(join(broken, 'key.pem'), 'x');
    assert.notEqual(collect(), 0);
    assert.match(metrics(), /^affiant_last_attempt_failed 1$/m);
    assert.match(metrics(), /^affiant_last_attempt_failure\{code="[a-z-]+"\} 1$/m);
    assert.equal(/^affiant_last_run_timestamp_seconds .+$/m.exec(metrics())?.[0], run);
    assert.doesNotMatch(metrics(), /affiant_collector_complete/);
    // Of a folder that may not be used at all nothing is known but that.
    chmodSync(broken, 0o777);
    assert.notEqual(collect(), 0);
    assert.match(metrics(), /^affiant_last_attempt_failed 1$/m);
    assert.doesNotMatch(metrics(), /affiant_(?:last_run|spool)/);
    chmodSync(broken, 0o700);
    writeFileSync(join(broken, 'key.pem'), key);
    assert.equal(collect(), 0);
    assert.match(metrics(), /^affiant_last_attempt_failed 0$/m);
    assert.match(metrics(), /^affiant_spool_packs \d+$/m);
  });

  it('does not say of what it cannot read that it is not there', () => {
    const damaged = join(home, 'damaged');
    cpSync(state, damaged, { recursive: true });
    const ask = (...more: string[]) => runCli(['status', ...more, '--state', damaged]);
    assert.equal(ask().code, 0);
    for (const [name, row] of [
      ['last-run.json', /Last run +! not known/],
      ['chain.json', /Chain +! not known/],
      ['public.pem', /Key +! not known/],
      ['collectors.json', /Resting +! not known/],
      ['enrolment.json', /Endpoint +! not known/],
    ] as const) {
      const path = join(damaged, name);
      const before = existsSync(path) ? readFileSync(path) : undefined;
      writeFileSync(path, 'x');
      const { code, out } = ask();
      assert.equal(code, 3, `${name}: ${out}`);
      assert.match(out, row);
      assert.match(out, new RegExp(`Not readable +! .*${name.replace('.', '[.]')}`));
      const told = JSON.parse(ask('--json').out) as { unreadable: string[] };
      assert.equal(told.unreadable.length, 1, name);
      if (before === undefined) rmSync(path);
      else writeFileSync(path, before);
    }
  });

  it("is asked by root of another user's folder as that user, and changes nobody's files", function () {
    if (process.getuid?.() !== 0) {
      console.log('      skipped: root is missing');
      this.skip();
    }
    const folder = join(home, 'theirs');
    mkdirSync(folder);
    chownSync(folder, 64_101, 64_101);
    chmodSync(folder, 0o2750);
    chmodSync(home, 0o755);
    const ran = runCli(['status', '--json', '--state', folder, '--config', config]);
    assert.equal(ran.code, 0, ran.err);
    assert.equal((JSON.parse(ran.out) as Told).spool.packs, 0);
  });
});

describe('the text of metrics', () => {
  it('says nothing of what is not known, and escapes what a label may not hold', () => {
    const attempt = {
      endedAt: '2026-01-02T03:04:05.000Z',
      collectors: [{ name: 'a"b\\', outcome: 'failed' as const, facts: {} }],
    };
    const text = metricsText(must(emptyStatus('/x')), attempt, '1.2.3');
    assert.ok(!text.includes('last_run'));
    assert.match(text, /^affiant_collector_complete\{collector="a\\"b\\\\",outcome="failed"\} 0$/m);
    for (const line of text.trimEnd().split('\n'))
      assert.match(
        line,
        /^(?:# (?:HELP|TYPE) affiant_\S+ .+|affiant_\w+(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})? -?\d+(?:\.\d+)?)$/,
      );
  });
});
