import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../../agent/host/door.ts';
import type { Answer, Host } from '../../../agent/host/host.ts';
import { localLinux } from '../../../agent/host/local-linux.ts';
import type { Machine } from '../../../agent/host/machine.ts';
import { recordMachine } from '../../../agent/host/record.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import { decodeBytes } from '../../../collectors/text.ts';
import { fakeMachine } from './fake-machine.ts';
import { temporaryFolder } from './temporary-folder.ts';

function recorded(machine: Machine, folder: string) {
  const recorder = recordMachine(machine, folder);
  assert.ok(recorder.ok, JSON.stringify(recorder));
  return recorder.value;
}

function replayed(folder: string) {
  const opened = openRecording(folder);
  assert.ok(opened.ok, JSON.stringify(opened));
  return opened.value;
}

/** Everything that a collector could learn of this machine in a few questions, the awkward ones among them. */
async function askAll(host: Host, more: readonly string[]): Promise<Answer<unknown>[]> {
  const paths = [
    '/etc/os-release',
    '/etc/passwd',
    '/etc/shadow',
    '/nonexistent',
    '/etc',
    '/dev/null',
    '/etc/machine-id',
    ...more,
  ];
  const answers: Answer<unknown>[] = [await host.identity()];
  for (const path of paths)
    answers.push(await host.readFile(path), await host.list(path), await host.stat(path), await host.readLink(path));
  answers.push(await host.readFile('/etc/passwd', { maxBytes: 20 }), await host.readFile('/etc/passwd'));
  answers.push(await host.exec('dpkg-query'), await host.exec('apt-config-dump'), await host.exec('chronyc-tracking'));
  answers.push(await host.system('system'), await host.system('bios'), await host.exec('dpkg-architecture'));
  return answers;
}

describe('recording a machine', () => {
  const folder = temporaryFolder();

  it('gives the same answers and source records of this very machine when replayed', async function () {
    if (process.platform !== 'linux') this.skip();
    const odd = join(folder(), 'odd');
    mkdirSync(odd);
    writeFileSync(Buffer.concat([Buffer.from(`${odd}/`), Buffer.from([0xff, 0x0a])]), Buffer.from([0, 0xff]));
    writeFileSync(join(odd, 'long'), 'ü'.repeat(5000));
    const more = [
      odd,
      decodeBytes(Buffer.concat([Buffer.from(`${odd}/`), Buffer.from([0xff, 0x0a])])),
      join(odd, 'long'),
    ];
    const place = join(folder(), 'this-machine');
    const { machine, finish } = recorded(localLinux(), place);
    const live = openHost(machine);
    const liveAnswers = await askAll(live.host, more);
    assert.ok(finish().ok);

    const { machine: replay, unread } = replayed(place);
    const again = openHost(replay);
    const answers = await askAll(again.host, more);
    // The hashes of /etc/shadow are masked, so its text differs; everything else is the same.
    const withoutShadow = (list: readonly Answer<unknown>[]) =>
      list.map((answer) => (answer.source === 'file:/etc/shadow' ? answer.status : answer));
    assert.deepEqual(withoutShadow(answers), withoutShadow(liveAnswers));
    assert.deepEqual(again.records(), live.records());
    assert.deepEqual(unread(), []);
  });

  it('writes no secret to the disk, and closes folder and files to others', async () => {
    const hash = `$6$salt$${'x'.repeat(86)}`;
    const contents: Readonly<Record<string, string>> = {
      '/etc/shadow': `root:${hash}:19000:0:99999:7:::\ngames:*:19000:0:99999:7:::\n`,
      '/etc/ssh/ssh_host_rsa_key': 'KEYMATERIAL',
      '/etc/app.conf': `password hash ${hash}\n${'padding\n'.repeat(1000)}`,
    };
    const run = async () => {
      const value = {
        stdout: Buffer.from('TOPSECRET'),
        stderr: Buffer.from(hash),
        exitCode: 0,
        signal: undefined,
        truncated: false,
      };
      return { outcome: 'ok' as const, value };
    };
    const readFile: Machine['readFile'] = async (path) => {
      return { outcome: 'ok', value: { bytes: Buffer.from(contents[path] ?? ''), truncated: false } };
    };
    const system: Machine['system'] = async () => ({ outcome: 'ok', value: { note: `x ${hash}` } });
    const place = join(folder(), 'secrets');
    const { machine, finish } = recorded(fakeMachine({ readFile, run, system }), place);
    const { host } = openHost(machine);
    for (const path of Object.keys(contents)) assert.equal((await host.readFile(path)).status, 'observed');
    await host.system('system');
    await machine.run(
      { programs: ['/usr/bin/secret-tool'], args: [] },
      { maxBytes: 100, deadlineMs: 100, secret: true },
    );
    await machine.run({ programs: ['/usr/bin/tool'], args: [] }, { maxBytes: 1000, deadlineMs: 100 });
    assert.deepEqual(finish(), { ok: true, value: { entries: 6, withheld: 2 } });

    assert.equal(statSync(place).mode & 0o777, 0o700);
    for (const name of readdirSync(place)) {
      assert.equal(statSync(join(place, name)).mode & 0o777, 0o600, name);
      const text = readFileSync(join(place, name), 'utf8');
      for (const secret of [hash, 'x'.repeat(40), 'KEYMATERIAL']) assert.ok(!text.includes(secret), name);
    }
    assert.ok(!readFileSync(join(place, 'host.json'), 'utf8').includes('"secret-tool","stdout"'));

    const again = openHost(replayed(place).machine).host;
    const shadow = await again.readFile('/etc/shadow');
    assert.ok(shadow.status === 'observed');
    assert.match(shadow.value.text, /^root:\$6\$redacted:19000:.*\ngames:\*:19000:/);
    const key = await again.readFile('/etc/ssh/ssh_host_rsa_key');
    assert.ok(key.status === 'failed' && key.reason === 'withheld');
  });

  it('records successive answers of a command, and which program ran', async () => {
    let turn = 0;
    const run: Machine['run'] = async () => {
      turn += 1;
      const value = {
        stdout: Buffer.from(String(turn)),
        stderr: Buffer.of(),
        exitCode: 0,
        signal: undefined,
        truncated: false,
      };
      return { outcome: 'ok', value: { ...value, program: '/usr/bin/dnf5' } };
    };
    const place = join(folder(), 'sequence');
    const { machine, finish } = recorded(fakeMachine({ run }), place);
    const invocation = { programs: ['/usr/bin/dnf', '/usr/bin/dnf5'], args: ['list'] };
    const limits = { maxBytes: 100, deadlineMs: 100 };
    const live = [await machine.run(invocation, limits), await machine.run(invocation, limits)];
    assert.ok(finish().ok);
    const { machine: replay, recording } = replayed(place);
    assert.deepEqual(recording.commands?.[0]?.argv, ['dnf5', 'list']);
    const again = [await replay.run(invocation, limits), await replay.run(invocation, limits)];
    const outputs = (list: typeof live) =>
      list.map((raw) => raw.outcome === 'ok' && Buffer.from(raw.value.stdout).toString());
    assert.deepEqual(outputs(again), outputs(live));
  });

  it('does not pass output off as whole whose end was not seen', async () => {
    const value = { stdout: Buffer.from('half'), stderr: Buffer.of(), exitCode: 0, signal: undefined, truncated: true };
    const place = join(folder(), 'end');
    const { machine, finish } = recorded(fakeMachine({ run: async () => ({ outcome: 'ok', value }) }), place);
    const invocation = { programs: ['/usr/bin/x'], args: [] };
    const limits = { maxBytes: 100, deadlineMs: 100 };
    const live = await machine.run(invocation, limits);
    assert.ok(live.outcome === 'ok' && live.value.truncated);
    assert.ok(finish().ok);
    assert.deepEqual(await replayed(place).machine.run(invocation, limits), {
      outcome: 'failed',
      reason: 'end-not-seen',
    });
  });

  it('refuses a folder that holds anything, and says so when it cannot write', () => {
    const place = join(folder(), 'full');
    mkdirSync(place);
    writeFileSync(join(place, 'x'), '');
    const refused = recordMachine(fakeMachine({}), place);
    assert.ok(!refused.ok && refused.refusal.code === 'folder-not-empty');
    const below = recordMachine(fakeMachine({}), join(place, 'x', 'below'));
    assert.ok(!below.ok && below.refusal.code === 'recording-not-written');
    const taken = join(folder(), 'taken');
    const { finish } = recorded(fakeMachine({}), taken);
    mkdirSync(join(taken, 'host.json'));
    const unfinished = finish();
    assert.ok(!unfinished.ok && unfinished.refusal.code === 'recording-not-written');
  });
});
