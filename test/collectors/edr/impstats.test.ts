/** rsyslog's own statistics in a file, as rsyslogd 8.2302 of Debian 12 wrote them with nobody listening at the target. */
import assert from 'node:assert/strict';
import { parseImpstats } from '../../../collectors/edr/logs/impstats.ts';
import { judgeForwarding } from '../../../judge/edr/audit-verdict.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';
import { falseFines } from './false-fine.ts';
import { collect, now, server } from './machine.ts';

const suspended =
  'action-0-builtin:omfwd: origin=core.action processed=60 failed=117 suspended=1 suspended.duration=60 resumed=0 ';
const legacy = [
  'global: origin=dynstats ',
  'imuxsock: origin=imuxsock submitted=60 ratelimit.discarded=0 ratelimit.numratelimiters=0 ',
  suspended,
  'TCP-127.0.0.1-9: origin=omfwd bytes.sent=0 ',
  'siem: origin=core.action processed=60 failed=0 suspended=0 suspended.duration=0 resumed=0 ',
  'action-3-builtin:omfile: origin=core.action processed=60 failed=9 suspended=4 suspended.duration=0 resumed=0 ',
  'siem queue: origin=core.queue size=20 enqueued=60 full=40 discarded.full=40 discarded.nf=0 maxqsize=20 ',
  'main Q: origin=core.queue size=3 enqueued=60 full=0 discarded.full=0 discarded.nf=0 maxqsize=2 ',
];
const told = { actions: ['siem'], resets: false, failover: false };
const lines = (records: readonly string[]): string =>
  records.map((record) => `Mon Nov  2 17:00:56 2026: ${record}\n`).join('');

function read(text: string, statistics = told): unknown {
  const result = parseImpstats(text, statistics);
  return result.ok ? result.value : result.reason;
}

/** The same record as rsyslog writes it in its other formats. */
function asJson(record: string, dot = '.'): string {
  const [, name, rest = ''] = /^(.*?): (.*)$/.exec(record) ?? [];
  const pairs = rest
    .trim()
    .split(' ')
    .map((pair) => pair.split('='));
  return JSON.stringify(
    Object.fromEntries([
      ['name', name],
      ...pairs.map(([key = '', value = '']) => [key.replaceAll('.', dot), /^\d+$/.test(value) ? Number(value) : value]),
    ]),
  );
}

describe("rsyslog's statistics", () => {
  it('tell in each format what was lost, what is suspended, and of sending actions alone', () => {
    const lost = { connected: false, waiting: false, dropped: true };
    assert.deepEqual(read(lines(legacy)), lost);
    assert.deepEqual(read(lines(legacy.map((record) => asJson(record)))), lost);
    assert.deepEqual(read(lines(legacy.map((record) => asJson(record, '!')))), lost);
    assert.deepEqual(read(lines(['BEGIN', ...legacy.map((record) => `@cee: ${asJson(record)}`), 'END'])), lost);
    const others = legacy.filter((record) => !/^(?:siem|action-0)/.test(record));
    assert.deepEqual(read(lines(others)), {});
    const fine = legacy.map((record) => record.replace(/(?<=(?:failed|suspended|discarded\.full)=)\d+/g, '0'));
    assert.deepEqual(read(lines(fine)), { waiting: false, dropped: false });
  });

  it('count the newest record, and all of them where each counts from the one before', () => {
    const over = suspended.replace('failed=117', 'failed=0').replace('resumed=0', 'resumed=1');
    assert.deepEqual(read(lines([suspended, over])), { dropped: false });
    assert.deepEqual(read(lines([suspended, over]), { ...told, resets: true }), { dropped: true });
  });

  it('call a queue stuck that was never empty in three records, and no other', () => {
    const queue = (size: number): string =>
      `siem queue: origin=core.queue size=${size} full=0 discarded.full=0 discarded.nf=0 `;
    const action = legacy[4] ?? '';
    for (const [sizes, waiting] of [
      [[5, 5, 5], true],
      [[5, 0, 5], false],
      [[5], false],
    ] as const)
      assert.deepEqual(read(lines([action, ...sizes.map(queue)])), { waiting, dropped: false }, sizes.join());
  });

  it('do not take for lost what another action took over', () => {
    const only = lines([suspended.replace('resumed=0', 'resumed=1')]);
    assert.deepEqual(read(only, { ...told, failover: true }), {});
    assert.deepEqual(read(only), { dropped: true });
  });

  it('are no statistics where the file holds something else', () => {
    assert.equal(read('hello\n'), 'unexpected-output');
    assert.deepEqual(read(''), {});
  });
});

describe('a server that writes statistics of rsyslog to a file', () => {
  const path = '/var/log/rsyslog-stats';
  const conf =
    'module(load="impstats" interval="60" log.syslog="off"\n  log.file="/var/log/rsyslog-stats" format="json")\n*.* action(type="omfwd" target="siem.example.org" port="6514" protocol="tcp" name="siem")\n';
  const machine = (file: NonNullable<FakeMachine['files']>[string], more: NonNullable<FakeMachine['files']> = {}) =>
    server({ files: { '/etc/rsyslog.d/50-siem.conf': conf, [path]: file, ...more } });
  const verdict = async (given: FakeMachine) => {
    const { logForwarding } = await collect(given);
    return judgeForwarding({ logForwarding } as Parameters<typeof judgeForwarding>[0], now, {
      acknowledgedHours: 24,
    } as Parameters<typeof judgeForwarding>[2]);
  };
  const fine = lines(['siem: origin=core.action processed=60 failed=0 suspended=1 suspended.duration=30 resumed=1 ']);

  it('fails where messages were thrown away, though the connection stands', async () => {
    assert.deepEqual(await verdict(machine(fine)), { outcome: 'pass', faults: [], unknowns: [] });
    const lost = fine.replace('failed=0', 'failed=2');
    assert.deepEqual((await verdict(machine(lost))).faults, ['rsyslog has thrown messages away']);
    const logFile = conf.replace('log.file', 'logFile');
    assert.equal((await verdict(machine(lost, { '/etc/rsyslog.d/50-siem.conf': logFile }))).outcome, 'fail');
  });

  it('does not pass where they cannot be read, and stays as it was where there are none yet', async () => {
    for (const file of [miss('denied'), 'garbage\n', { text: fine, truncated: true }])
      assert.equal((await verdict(machine(file))).outcome, 'undetermined', JSON.stringify(file));
    assert.equal((await verdict(machine(miss('absent')))).outcome, 'pass');
    const { cases, wrong } = await falseFines(() => fakeHost(machine(fine.replace('failed=0', 'failed=2'))), now);
    assert.deepEqual(wrong, []);
    assert.ok(cases > 100, String(cases));
  }).timeout(60_000);
});
