import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { provenLine } from '../../../../agent/host/ssh/command-line.ts';
import { readProvenStart } from '../../../../agent/host/ssh/proven-start.ts';

const mark = 'affiant-0123';

/** Runs a line as sshd does: by a shell, with this in its environment. */
function started(shell: string, line: string): { kind: string; uid?: number; rest?: string } {
  const run = spawnSync(shell, ['-c', line], { env: { u: '7', e: '7', IFS: 'U', LEAK: 'x', PATH: '/usr/bin:/bin' } });
  const { kind, ...more } = readProvenStart(run.stdout, mark);
  return 'uid' in more ? { kind, uid: more.uid, rest: more.rest.toString('utf8') } : { kind };
}

describe('the line of a command over SSH', () => {
  const shells = ['/bin/sh', '/bin/bash', '/bin/dash', '/usr/bin/zsh', '/usr/bin/ksh'].filter((shell) =>
    existsSync(shell),
  );
  const uid = process.geteuid?.();

  for (const proof of ['id', 'shell'] as const)
    it(`proves by ${proof} as whom it runs, and leaves the program its arguments and our environment alone`, () => {
      const how = { sudo: 'none', input: 'none', deadlineSeconds: 9, proof } as const;
      for (const shell of shells) {
        const echoed = started(shell, provenLine(['/bin/echo', "a 'b' $HOME", '2'], mark, how));
        assert.deepEqual(echoed, { kind: 'proven', uid, rest: "a 'b' $HOME 2\n" }, shell);
        const environment = started(shell, provenLine(['/usr/bin/env'], mark, how)).rest ?? '';
        assert.doesNotMatch(environment, /LEAK|^[ueIF]+=/m, shell);
      }
    });

  it("never takes a program's output for the shell's proof", () => {
    const line = provenLine(['/bin/echo', '0'], mark, { sudo: 'none', input: 'none', proof: 'shell' });
    for (const shell of shells)
      for (const spoilt of [line.replace('Uid:', 'Nothing:'), line.replace('/proc/self/status', '/nonexistent')])
        assert.notEqual(started(shell, spoilt).kind, 'proven', `${shell} ${spoilt}`);
  });

  it('asks id(1) under sudo, whatever the shell says of itself', () => {
    const line = provenLine(['/bin/true'], mark, { sudo: 'no-password', input: 'none', proof: 'shell' });
    assert.match(line, /'\/usr\/bin\/sudo' '-n' '-u' '#0' '--' '\/usr\/bin\/id' '-u'/);
    assert.doesNotMatch(line, /while/);
  });
});
