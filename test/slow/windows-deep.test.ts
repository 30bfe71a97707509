/** `affiant doctor --deep` over whole recorded servers on a real PowerShell: what a person is told to expect is what comes. */
import assert from 'node:assert/strict';
import { deepChecks } from '../../agent/cli/deep-checks.ts';
import { wholeServers } from '../collectors/windows/whole-servers.ts';
import { engineOrSkip } from '../powershell/engine.ts';
import { engineMachine } from '../powershell/engine-machine.ts';

describe('doctor --deep on a real PowerShell', function () {
  this.timeout(240_000);
  let program = '';
  before(function () {
    program = engineOrSkip(this);
  });

  for (const { name, described } of wholeServers.filter((each) => /2019|exchange/.test(each.name)))
    it(`${name}: no query fails, and the one that hangs costs one process`, async () => {
      const system = String.raw`C:\Windows\System32`;
      const files = {
        ...described.files,
        [system]: { text: 'O:SYG:SYD:(A;;FA;;;SY)' },
        [`${system}\\ntoskrnl.exe`]: { version: '10.0.17763.1' },
      };
      const { machine, engine } = engineMachine(program, { ...described, files });
      try {
        const results = await deepChecks(machine);
        const told = (outcome: string): string[] =>
          results.filter((each) => each.outcome === outcome).map(({ check, detail }) => `${check}: ${detail}`);
        assert.deepEqual(told('failed'), []);
        const there = results.filter(({ outcome }) => outcome === 'ok').map(({ check }) => check);
        for (const check of [
          'session',
          'parameters',
          'registry',
          'file-owners',
          'local-groups',
          'update-search',
          'hang-probe',
        ])
          assert.ok(there.includes(check), check);
        assert.equal(there.includes('exchange-server'), name.includes('exchange'));
        assert.equal(engine.started(), 2);
      } finally {
        engine.close();
      }
    });
});
