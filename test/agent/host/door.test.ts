import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { commands } from '../../../agent/host/commands.ts';
import { openHost } from '../../../agent/host/door.ts';
import type { Limits, RawRun } from '../../../agent/host/machine.ts';
import { sources } from '../../../schemas/generated/validators.js';
import { fakeMachine, fileOf } from './fake-machine.ts';

function ran(parts: Partial<RawRun>): { outcome: 'ok'; value: RawRun } {
  const nothing = new Uint8Array();
  return {
    outcome: 'ok',
    value: { stdout: nothing, stderr: nothing, exitCode: undefined, signal: undefined, truncated: false, ...parts },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('the door to a machine', () => {
  it('writes one record a locator, with size and digest, that its schema takes', async () => {
    const { host, records } = openHost(fakeMachine({ readFile: async () => fileOf('ID=debian\n') }));
    const answer = await host.readFile('/etc/os-release');
    await host.readFile('/etc/os-release');
    await host.stat('/etc/os-release');
    assert.deepEqual(answer, {
      status: 'observed',
      value: { text: 'ID=debian\n', truncated: false },
      source: 'file:/etc/os-release',
    });
    const written = records();
    assert.deepEqual(written, [
      {
        locator: 'file:/etc/os-release',
        kind: 'file',
        outcome: 'ok',
        privilege: 'user',
        bytes: 10,
        sha256: sha256('ID=debian\n'),
      },
      {
        locator: 'stat:/etc/os-release',
        kind: 'stat',
        outcome: 'unsupported',
        reason: 'not-recorded',
        privilege: 'user',
      },
    ]);
    const document = { format: 'affiant-sources/1', blind: 'A'.repeat(43), collector: 'host', records: written };
    assert.ok(sources(document), JSON.stringify(sources.errors));
  });

  it('reads a file that two collectors want once, and gives each the record', async () => {
    let reads = 0;
    const machine = fakeMachine({
      readFile: async () => {
        reads += 1;
        return fileOf('x');
      },
    });
    const door = openHost(machine);
    const [one, two] = [door.forCollector('host'), door.forCollector('updates')];
    await Promise.all([one.host.readFile('/etc/x'), two.host.readFile('/etc/x')]);
    await two.host.readFile('/etc/x');
    assert.equal(reads, 1);
    assert.deepEqual(one.records(), two.records());
    assert.equal(one.records().length, 1);
    assert.deepEqual(door.records(), []);
    await one.host.readFile('/etc/x', { volatile: true });
    assert.equal(reads, 2, 'what is volatile is read anew');
  });

  it('keeps neither digest nor size of what is secret or volatile, whoever forgets to say so', async () => {
    const asked: Limits[] = [];
    const machine = fakeMachine({
      readFile: async (_, limits) => {
        asked.push(limits);
        return fileOf('root:$y$j9T$abc$def:1::::::');
      },
    });
    const { host, records } = openHost(machine);
    await host.readFile('/etc/shadow');
    await host.readFile('/proc/uptime', { volatile: true });
    await host.readFile('/opt/x/token', { secret: true });
    await host.readFile('/opt/x/token');
    assert.deepEqual(
      records().map(({ locator, secret, volatile, bytes, sha256: digest }) => [
        locator,
        secret,
        volatile,
        bytes,
        digest,
      ]),
      [
        ['file:/etc/shadow', true, undefined, undefined, undefined],
        ['file:/opt/x/token', true, undefined, undefined, undefined],
        ['file:/proc/uptime', undefined, true, undefined, undefined],
      ],
    );
    assert.equal(asked[0]?.secret, true, 'a recorder must learn that it may not keep this');
  });

  it('passes every kind of miss on, each as itself', async () => {
    for (const outcome of ['absent', 'denied', 'unsupported', 'timed-out', 'failed'] as const) {
      const { host, records } = openHost(fakeMachine({ list: async () => ({ outcome, reason: 'because' }) }));
      assert.deepEqual(await host.list('/x'), { status: outcome, reason: 'because', source: 'list:/x' });
      assert.equal(records()[0]?.outcome, outcome);
    }
  });

  it('orders names by code point and keeps those that are not UTF-8', async () => {
    const names = [Buffer.from('\u{1f600}'), Buffer.from('\uff5e'), Buffer.from([0xff]), Buffer.from('a')];
    const { host, records } = openHost(fakeMachine({ list: async () => ({ outcome: 'ok', value: names }) }));
    const answer = await host.list('/x');
    assert.ok(answer.status === 'observed');
    assert.deepEqual(answer.value, ['a', '\uff5e', '\u{1f600}', '\udcff']);
    assert.equal(records()[0]?.entries, 4);
  });

  it('calls an unexpected exit code a failure, and quotes the first line of standard error', async () => {
    const stderr = Buffer.from('\nE: broken \u001b[31m\nsecond');
    const { host, records } = openHost(fakeMachine({ run: async () => ran({ exitCode: 100, stderr }) }));
    const source = 'command:dpkg --print-architecture';
    const detail = 'E: broken %1B[31m';
    assert.deepEqual(await host.exec('dpkg-architecture'), { status: 'failed', reason: 'exit-100', detail, source });
    assert.deepEqual(records(), [
      { locator: source, kind: 'command', outcome: 'failed', reason: 'exit-100', privilege: 'user', exitCode: 100 },
    ]);
  });

  it('quotes no standard error that holds a secret', async () => {
    const stderr = Buffer.from('cannot reach https://user:hunter2@mirror.example/');
    const { host } = openHost(fakeMachine({ run: async () => ran({ exitCode: 1, stderr }) }));
    const answer = await host.exec('dpkg-architecture');
    assert.ok(answer.status === 'failed' && answer.detail === undefined);
  });

  it('names the signal that ended a command', async () => {
    const { host, records } = openHost(fakeMachine({ run: async () => ran({ signal: 'SIGKILL' }) }));
    const answer = await host.exec('dpkg-architecture');
    assert.ok(answer.status === 'failed' && answer.reason === 'signal-sigkill');
    assert.equal(records()[0]?.signal, 'SIGKILL');
  });

  it('marks truncated output in the answer and in the record', async () => {
    const run = async () => ran({ exitCode: 0, stdout: Buffer.from('half'), truncated: true });
    const { host, records } = openHost(fakeMachine({ run }));
    const answer = await host.exec('dpkg-architecture');
    assert.ok(answer.status === 'observed' && answer.value.truncated);
    assert.equal(records()[0]?.truncated, true);
  });

  it('throws where an argument is not on the list, and runs nothing', async () => {
    const { host } = openHost(fakeMachine({ run: async () => assert.fail('it ran') }));
    assert.ok(!('rest' in commands['dpkg-architecture']));
    assert.throws(() => host.exec('dpkg-architecture', 'more'), RangeError);
    assert.throws(() => host.exec('dpkg-architecture', '--admindir=/tmp'), RangeError);
  });

  it('touches no path that is relative, has a NUL, is too long or leads to the network', async () => {
    const touch = async () => assert.fail('it was touched');
    const linux = openHost(fakeMachine({ readFile: touch, list: touch, stat: touch, readLink: touch })).host;
    const windows = openHost(fakeMachine({ os: 'windows', readFile: touch })).host;
    const paths = ['etc/passwd', '', '/etc/\0passwd', `/${'x'.repeat(5000)}`];
    for (const path of paths)
      for (const answer of [linux.readFile(path), linux.list(path), linux.stat(path), linux.readLink(path)])
        assert.equal((await answer).status, 'failed');
    for (const path of [String.raw`\\server\share\x`, 'relative', '/etc/passwd'])
      assert.equal((await windows.readFile(path)).status, 'failed');
  });

  it('answers nothing but budget-spent once a collector has used its time', async () => {
    let now = 0;
    const limits: Limits[] = [];
    const machine = fakeMachine({
      readFile: async (_, given) => {
        limits.push(given);
        now += 900;
        return fileOf('x');
      },
    });
    const door = openHost(machine, { monotonicMs: () => now });
    const { host, records } = door.forCollector('slow', { milliseconds: 1000 });
    assert.equal((await host.readFile('/1')).status, 'observed');
    assert.equal((await host.readFile('/2')).status, 'observed');
    const spent = await host.readFile('/3');
    assert.deepEqual(spent, { status: 'timed-out', reason: 'budget-spent', source: 'file:/3' });
    assert.deepEqual(
      limits.map(({ deadlineMs }) => deadlineMs),
      [1000, 100],
    );
    assert.equal(records().at(-1)?.reason, 'budget-spent');
    assert.equal((await door.forCollector('next').host.readFile('/3')).status, 'observed');
  });

  it("does not hand one collector's cut-short answer to another", async () => {
    const { promise: gate, resolve } = Promise.withResolvers<undefined>();
    let reads = 0;
    const machine = fakeMachine({
      readFile: async (_, { deadlineMs }) => {
        reads += 1;
        await gate;
        return deadlineMs < 1000 ? { outcome: 'timed-out', reason: 'deadline' } : fileOf('x');
      },
    });
    const door = openHost(machine, { monotonicMs: () => 0 });
    const hasty = door.forCollector('hasty', { milliseconds: 10 }).host.readFile('/x');
    const patient = door.forCollector('patient').host.readFile('/x');
    resolve(undefined);
    assert.deepEqual(await hasty, { status: 'timed-out', reason: 'budget-spent', source: 'file:/x' });
    assert.equal((await patient).status, 'observed');
    assert.equal(reads, 2);
  });

  it('lets go of an access that is under way when the signal comes', async () => {
    const stop = new AbortController();
    const machine = fakeMachine({ list: () => new Promise(() => undefined) });
    const { host } = openHost(machine).forCollector('hung', { signal: stop.signal });
    const answer = host.list('/dead');
    stop.abort();
    assert.deepEqual(await answer, { status: 'timed-out', reason: 'budget-spent', source: 'list:/dead' });
    assert.equal((await host.stat('/x')).status, 'timed-out');
  });
});
