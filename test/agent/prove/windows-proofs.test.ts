/** The proofs of Windows over a machine in memory; what only a real Windows shows stands in docs/windows-untested.md. */
import assert from 'node:assert/strict';
import type { ProofCommand } from '../../../agent/prove/programs.ts';
import { invocationOf } from '../../../agent/prove/programs.ts';
import type { ProofContext } from '../../../agent/prove/proof.ts';
import { holdsEvent, proveAmsi, proveEventLog, readAmsi } from '../../../agent/prove/windows-proofs.ts';
import { fakeHost } from '../../collectors/fake-host.ts';
import { type FakeProof, fakeProofMachine, ran } from './fake-proof-machine.ts';

function contextOf(runs: FakeProof['runs'], os: 'windows' | 'linux' = 'windows'): ProofContext {
  const machine = fakeProofMachine(runs === undefined ? {} : { runs });
  // Neither proof touches the state folder.
  return { machine, host: fakeHost({ os }), state: undefined as never, folder: undefined, waitMs: 2000 };
}

describe('proofs of detection on Windows', () => {
  it('take only the refusal of PowerShell itself for a detection by AMSI', async () => {
    const outcomes = async (stdout: string): Promise<unknown> => {
      const { outcome, reason } = await proveAmsi(contextOf(() => ran(0, stdout)));
      return [outcome, reason];
    };
    assert.deepEqual(await outcomes('ScriptContainedMaliciousContent\r\n'), ['detected', undefined]);
    assert.deepEqual(await outcomes('affiant-ran\r\n'), ['not-detected', 'script-ran']);
    assert.deepEqual(await outcomes('MethodInvocationNotSupportedInConstrainedLanguage'), [
      'inconclusive',
      'constrained-language',
    ]);
    assert.deepEqual(await outcomes(''), ['inconclusive', 'unexpected-output']);
    assert.deepEqual(readAmsi('something affiant-ran', 1).outcome, 'inconclusive');
  });

  it('find the event again by its nonce, wait no longer than told, and say why it was not sent', async () => {
    const commands: ProofCommand[] = [];
    let nonce = '';
    let looks = 0;
    const found = await proveEventLog(
      contextOf((command) => {
        commands.push(command);
        if (command.id === 'eventcreate') nonce = command.nonce;
        looks += command.id === 'wevtutil-canary' ? 1 : 0;
        return ran(0, looks > 1 ? `<Event><EventData><Data>affiant-canary-${nonce}</Data></EventData></Event>` : '');
      }),
    );
    assert.deepEqual([found.outcome, found.stages], ['detected', ['local-log']]);
    assert.deepEqual(
      commands.map(({ id }) => id),
      ['eventcreate', 'wevtutil-canary', 'wevtutil-canary'],
    );
    assert.equal(
      (await proveEventLog(contextOf(() => ran(0, '<Data>affiant-canary-0</Data>')))).outcome,
      'not-detected',
    );
    assert.deepEqual(
      (await proveEventLog(contextOf((command) => ran(command.id === 'eventcreate' ? 1 : 0)))).reason,
      'canary-not-sent',
    );
    assert.ok(holdsEvent('<\0D\0a\0t\0a\0>\0affiant-canary-ab</Data>', 'ab'));
  });

  it('apply to Windows alone, run programs of its system folder alone, and hold no sample in one piece', async () => {
    assert.equal((await proveAmsi(contextOf(undefined, 'linux'))).outcome, 'not-applicable');
    for (const command of [
      { id: 'amsi-sample' },
      { id: 'eventcreate', nonce: 'a'.repeat(32) },
      { id: 'wevtutil-canary' },
    ] as const) {
      const { programs, args } = invocationOf(command);
      assert.ok(programs.every((program) => program.startsWith('%System32%\\')));
      assert.ok(!args.join(' ').includes('7e72c3ce-861b-4339-8740-0ac1484c1386'));
    }
    assert.throws(() => invocationOf({ id: 'eventcreate', nonce: '"; calc' }), RangeError);
  });
});
