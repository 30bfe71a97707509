/**
 * A Windows seen through SSH says what the same recorded Windows says to a collector on it: byte for byte, sources included,
 * under each shell that a server may give the login. What is real and what is recorded: windows-lab.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { windowsOverSsh } from '../../../agent/host/ssh/windows-over-ssh.ts';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import { engineOrSkip } from '../../powershell/engine.ts';
import { engineMachine, type WindowsMachine } from '../../powershell/engine-machine.ts';
import { type Lab, labMissing, openLab, type Sshd } from './lab.ts';
import { collectOptions, connectTo } from './seen.ts';
import { openWindowsLab, type WindowsLab, windowsAccount } from './windows-lab.ts';
import { fixedClock, windowsServer } from './windows-server.ts';

describe('a Windows server seen through SSH', function () {
  this.timeout(240_000);
  let lab: Lab | undefined;
  let windows: WindowsLab;
  let sshd: Sshd;
  let server: WindowsMachine;
  let inside: Record<string, object>;
  before(async function () {
    const engine = engineOrSkip(this);
    const missing = labMissing();
    if (missing !== undefined) {
      console.error(`skipped: a sweep of a recorded Windows: ${missing}`);
      this.skip();
    }
    lab = openLab();
    windows = openWindowsLab(lab, engine);
    sshd = await windows.sshd();
    server = windowsServer(readFileSync(join(lab.folder, 'host.pub'), 'utf8'));
    const local = engineMachine(engine, server, fixedClock);
    inside = Object.fromEntries((await runCollectors(local.machine, collectOptions)).documents);
  });
  after(() => lab?.close());

  for (const shell of ['cmd', 'powershell', 'bash'] as const)
    it(`gives the same documents as from inside, where the login's shell is ${shell}, by one process`, async () => {
      assert.ok(lab);
      windows.login(shell);
      windows.record(server, fixedClock);
      const before = windows.started();
      const connection = await connectTo(lab, sshd, windowsAccount);
      try {
        const machine = await windowsOverSsh(connection);
        assert.ok(machine.ok, JSON.stringify(machine));
        const seen = Object.fromEntries((await runCollectors(machine.value, collectOptions)).documents);
        await machine.value.settled();
        assert.deepEqual(Object.keys(seen).toSorted(), Object.keys(inside).toSorted());
        // A file and a program were really reached.
        assert.match(JSON.stringify(seen['host']), new RegExp(connection.hostKey.fingerprint.replace(/[+]/g, '[+]')));
        assert.match(JSON.stringify(seen['edr']), /"7\.9\.5\.318"/);
        for (const [name, document] of Object.entries(inside)) assert.deepEqual(seen[name], document, name);
      } finally {
        connection.end();
      }
      assert.equal(windows.started() - before, 1);
      assert.deepEqual(windows.killed(), []);
    });
});
