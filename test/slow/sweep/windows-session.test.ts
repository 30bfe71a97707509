/** One PowerShell behind a channel: what hangs, what dies in mid-line, what makes noise, and what is left and written there. What is real and what is recorded: windows-lab.ts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from '../../../agent/host/ssh/connection.ts';
import { type WindowsBehindSsh, windowsOverSsh } from '../../../agent/host/ssh/windows-over-ssh.ts';
import { engineOrSkip } from '../../powershell/engine.ts';
import type { WindowsMachine } from '../../powershell/engine-machine.ts';
import { type Lab, labMissing, must, openLab, type Sshd } from './lab.ts';
import { connectTo } from './seen.ts';
import { openWindowsLab, type WindowsLab, windowsAccount } from './windows-lab.ts';
import { windowsServer } from './windows-server.ts';
import { attached, changedPaths, straceWords } from './written.ts';

const limits = { maxBytes: 1024 * 1024, deadlineMs: 60_000 };
const hotfix = { HotFixID: 'KB5044281', Description: 'Update', InstalledOn: '10/9/2024' };

describe('a PowerShell on a swept Windows', function () {
  this.timeout(240_000);
  let lab: Lab;
  let windows: WindowsLab;
  let sshd: Sshd;
  let server: WindowsMachine;
  const open: Connection[] = [];
  before(async function () {
    const engine = engineOrSkip(this);
    const missing = labMissing();
    if (missing !== undefined) {
      console.error(`skipped: a PowerShell on a recorded Windows: ${missing}`);
      this.skip();
    }
    lab = openLab();
    windows = openWindowsLab(lab, engine);
    sshd = await windows.sshd();
    server = windowsServer(readFileSync(join(lab.folder, 'host.pub'), 'utf8'));
  });
  beforeEach(() => {
    windows.login('cmd');
    windows.record(server);
    windows.powershell();
  });
  afterEach(() => {
    for (const connection of open.splice(0)) connection.end();
  });
  after(() => lab?.close());

  async function machineOf(): Promise<WindowsBehindSsh> {
    const connection = await connectTo(lab, sshd, windowsAccount);
    open.push(connection);
    const machine = await windowsOverSsh(connection);
    assert.ok(machine.ok, JSON.stringify(machine));
    return machine.value;
  }

  it('is ended with its query where that one hangs, and the next query has a new one', async () => {
    windows.record({ ...server, cim: { ...server.cim, Win32_QuickFixEngineering: { hang: 600 } } });
    const [before, killed] = [windows.started(), windows.killed().length];
    const machine = await machineOf();
    const hung = await machine.query('hotfixes', { ...limits, deadlineMs: 1500 });
    assert.deepEqual(hung, { outcome: 'timed-out', reason: 'deadline' });
    const after = await machine.registry(String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`, limits);
    assert.equal(after.outcome, 'ok', JSON.stringify(after));
    machine.close?.();
    await machine.settled();
    assert.equal(windows.started() - before, 2);
    const ended = windows.killed().slice(killed);
    assert.equal(ended.length, 1);
    assert.ok(!existsSync(`/proc/${ended[0]}`), 'the one that hung is gone');
  });

  it('costs one query where it dies in the middle of a line', async () => {
    windows.record(
      { ...server, cim: { ...server.cim, Win32_QuickFixEngineering: [hotfix] } },
      "function Get-CimInstance { [Console]::Out.Write('<half an answ'); [Environment]::Exit(3) }\n",
    );
    const machine = await machineOf();
    const died = await machine.query('hotfixes', limits);
    assert.equal(died.outcome !== 'ok' && died.reason, 'powershell-ended');
    assert.equal((await machine.registry(String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`, limits)).outcome, 'ok');
    machine.close?.();
    await machine.settled();
  });

  it('is heard through greetings, and through XML on standard error, which is no word for a person', async () => {
    windows.noise('Authorised use only.\r\n<0> [x end]\r\n', '#< CLIXML\r\n<Objs Version="1.1.0.1"></Objs>\r\n');
    windows.record({
      ...server,
      cim: { ...server.cim, Win32_QuickFixEngineering: { error: { kind: 'cim', code: '80041003', message: 'non' } } },
    });
    const machine = await machineOf();
    assert.equal((await machine.registry(String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`, limits)).outcome, 'ok');
    assert.deepEqual(await machine.query('hotfixes', limits), {
      outcome: 'denied',
      reason: 'access-denied',
      detail: 'non',
    });
    machine.close?.();
    await machine.settled();
  });

  it('ends by itself at the end of its input, whatever shell it has', async () => {
    for (const shell of ['cmd', 'powershell', 'bash'] as const) {
      windows.login(shell);
      const killed = windows.killed().length;
      const machine = await machineOf();
      machine.close?.();
      await machine.settled();
      assert.equal(windows.killed().length, killed);
      assert.deepEqual(windows.running(), [], shell);
    }
  });

  it('writes nothing: every process of the server is listened to', async function () {
    if (!existsSync('/usr/bin/strace') || sshd.child.pid === undefined) {
      console.error('skipped: what a sweep writes on a Windows: /usr/bin/strace is not there');
      this.skip();
    }
    const log = join(lab.folder, 'written');
    const words = straceWords(log).filter((word) => word !== '-qq');
    const strace = spawn('/usr/bin/strace', [...words, '-p', String(sshd.child.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await attached(strace);
    try {
      const machine = await machineOf();
      const file = String.raw`C:\ProgramData\ssh\ssh_host_ed25519_key.pub`;
      assert.equal((await machine.readFile(file, limits)).outcome, 'ok');
      assert.equal((await machine.query('services', limits)).outcome, 'ok');
      machine.close?.();
      await machine.settled();
      // The listener is heard: a login that writes shows.
      windows.login('sh');
      const unknown = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
      const where = ['-p', String(sshd.port), `${windowsAccount}@127.0.0.1`];
      must('ssh', ['-i', lab.keyFile, ...unknown, ...where, `echo x > ${join(lab.folder, 'left-behind')}`]);
    } finally {
      strace.kill('SIGINT');
      await once(strace, 'exit');
    }
    // What sshd and the runtime of .NET do of themselves: who is killed first, names of threads, a socket for
    // debuggers; and the lab's own log, which is the home of PowerShell too.
    const own = /^\/proc\/(?:self|\d+)\/(?:oom_(?:score_)?adj|task\/\d+\/comm)$|\/CoreFxPipe_PSHost|\/windows\/log\//;
    assert.deepEqual(
      changedPaths(log).filter((path) => !own.test(path)),
      [join(lab.folder, 'left-behind')],
    );
  });
});
