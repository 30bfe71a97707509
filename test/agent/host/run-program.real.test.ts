import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RawRun } from '../../../agent/host/machine.ts';
import { runProgram } from '../../../agent/host/run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const limits = { maxBytes: 1024 * 1024, deadlineMs: 15_000 };
const shell = '/bin/sh';

async function runShell(script: string, more: Partial<typeof limits> = {}): Promise<RawRun> {
  const ran = await runProgram(shell, ['-c', script], { ...limits, ...more });
  assert.ok(ran.outcome === 'ok', JSON.stringify(ran));
  return ran.value;
}

/** Whether a process still does anything; one that is dead and not yet reaped does not. */
function isAlive(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

describe('running a program', () => {
  const folder = temporaryFolder();

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('gives both outputs and the exit code', async () => {
    const { stdout, stderr, exitCode, signal, truncated } = await runShell('echo out; echo err >&2; exit 3');
    assert.equal(Buffer.from(stdout).toString(), 'out\n');
    assert.equal(Buffer.from(stderr).toString(), 'err\n');
    assert.deepEqual([exitCode, signal, truncated], [3, undefined, false]);
  });

  it('names the signal that ended a program instead of an exit code', async () => {
    const { exitCode, signal } = await runShell('kill -TERM $$');
    assert.deepEqual([exitCode, signal], [undefined, 'SIGTERM']);
  });

  it('starts it with our own environment only, in /, with nothing to read', async () => {
    process.env['AFFIANT_TEST_LEAK'] = 'leak';
    try {
      const { stdout } = await runShell('pwd; wc -c; env | grep -v ^_= | sort');
      assert.deepEqual(
        Buffer.from(stdout)
          .toString()
          .split('\n')
          .filter((line) => !line.startsWith('SHLVL=')),
        [
          '/',
          '0',
          'HOME=/nonexistent',
          'LANG=C.UTF-8',
          'LC_ALL=C.UTF-8',
          'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
          'PWD=/',
          'TZ=UTC',
          '',
        ],
      );
    } finally {
      delete process.env['AFFIANT_TEST_LEAK'];
    }
  });

  it('ends a hanging program with children and grandchildren that ignore SIGTERM', async () => {
    const pids = join(folder(), 'pids');
    // The deadline starts before the script: the script may use what it needs of it to note its children.
    const script = `trap '' TERM HUP; for n in 1 2; do sh -c "trap '' TERM HUP; sleep 600 & echo \\$! \\$\\$ >> ${pids}; wait" & done; wait`;
    const hung = runProgram(shell, ['-c', script], { ...limits, deadlineMs: 3000 });
    assert.deepEqual(await hung, { outcome: 'timed-out', reason: 'deadline' });
    assert.ok(existsSync(pids));
    const started = readFileSync(pids, 'utf8').trim().split(/\s+/);
    assert.notEqual(started.length, 0);
    while (started.some(isAlive)) await pause(10);
  });

  it('keeps a flood within the cap and ends the program', async () => {
    const flood = await runProgram(shell, ['-c', 'head -c 200000000 /dev/zero; sleep 600'], limits);
    assert.deepEqual(flood, { outcome: 'failed', reason: 'output-too-large' });
    const errors = await runProgram(shell, ['-c', 'head -c 200000000 /dev/zero >&2; sleep 600'], limits);
    assert.deepEqual(errors, { outcome: 'failed', reason: 'output-too-large' });
  });

  it('cuts what is a little too long, says so, and still learns how the program ended', async () => {
    const { stdout, exitCode, truncated } = await runShell('head -c 3000 /dev/zero; exit 1', { maxBytes: 1000 });
    assert.deepEqual([stdout.length, exitCode, truncated], [1000, 1, true]);
  });

  it('does not wait for a grandchild in another session that keeps the pipe open', async () => {
    const pid = join(folder(), 'daemon');
    const script = `setsid sh -c 'echo $$ > ${pid}; exec sleep 600' & while ! test -s ${pid}; do sleep 0.01; done; echo done`;
    // Far past this test's own time: the answer must not come from the deadline.
    const { stdout, exitCode, truncated } = await runShell(script, { deadlineMs: 600_000 });
    const daemon = readFileSync(pid, 'utf8').trim();
    assert.ok(isAlive(daemon));
    process.kill(Number(daemon), 'SIGKILL');
    assert.equal(Buffer.from(stdout).toString(), 'done\n');
    assert.deepEqual([exitCode, truncated], [0, true], 'the end of the output was not seen');
  });

  it('reads all that was written before the end, however much', async () => {
    const { stdout, truncated } = await runShell('head -c 5000000 /dev/zero', { maxBytes: 8_000_000 });
    assert.deepEqual([stdout.length, truncated], [5_000_000, false]);
  });

  it('calls a program without interpreter or execute permission failed or denied, never absent', async () => {
    assert.deepEqual(await runProgram('/nonexistent/program', [], limits), {
      outcome: 'failed',
      reason: 'no-interpreter',
    });
    assert.deepEqual(await runProgram('/etc/passwd', [], limits), { outcome: 'denied', reason: 'permission-denied' });
  });
});
