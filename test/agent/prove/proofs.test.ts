import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningProcess } from '../../../agent/host/host.ts';
import { holdsCanary, parseStatus } from '../../../agent/prove/audit-canary.ts';
import { controlBytes, eicarBytes } from '../../../agent/prove/eicar.ts';
import { announce, sweepLeavings, tracesOf } from '../../../agent/prove/leavings.ts';
import { keptProofs, markTold } from '../../../agent/prove/ledger.ts';
import { invocationOf, type ProofCommand } from '../../../agent/prove/programs.ts';
import { isDue, type ProofKind, prove } from '../../../agent/prove/prove.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import type { DetectionProof } from '../../../schemas/generated/types.ts';
import { type FakeMachine, fakeHost } from '../../collectors/fake-host.ts';
import { must, scratchFolder } from '../spool/bundles.ts';
import { type FakeProof, type FakeProofMachine, fakeProofMachine, ran } from './fake-proof-machine.ts';

const clamdConf =
  'LogFile /var/log/clamd.log\nOnAccessIncludePath /home\nOnAccessIncludePath /opt/scan\nOnAccessExcludePath /opt/scan/cache\n';

function server(names: readonly string[], files: NonNullable<FakeMachine['files']> = {}) {
  const processes: RunningProcess[] = ['systemd', ...names].map((name, at) => ({ pid: at + 1, name, goneFiles: [] }));
  const host = fakeHost({
    restIsAbsent: true,
    files: {
      '/proc/self/mountinfo': '22 1 254:1 / / rw - ext4 /dev/vda1 rw\n',
      '/proc/2/cmdline': 'clamonacc\0-F\0--log=/var/log/onacc.log\0',
      '/etc/clamav/clamd.conf': clamdConf,
      ...files,
    },
  });
  return {
    ...host,
    processes: () =>
      Promise.resolve({
        status: 'observed' as const,
        value: { processes, complete: true, namesComplete: true },
        source: 'walk:/proc',
      }),
  };
}

describe('proofs of detection', () => {
  let home: string;
  let state: State;
  beforeEach(() => {
    home = scratchFolder();
    state = must(openState(join(home, 'state'), { create: true, now: () => new Date() }));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  async function run(
    fake: FakeProof,
    kinds: readonly ProofKind[],
    host: ReturnType<typeof server>,
    folder?: string,
  ): Promise<{ proofs: DetectionProof[]; machine: FakeProofMachine }> {
    const machine = fakeProofMachine(fake);
    const proofs = must(await prove({ machine, host, state, folder, waitMs: 2000 }, kinds));
    return { proofs, machine };
  }

  function shown(proofs: readonly DetectionProof[]): unknown[] {
    return proofs.map(({ method, outcome, reason, stages }) => [method, outcome, reason ?? stages ?? []]);
  }

  it('use the test file of EICAR, and a harmless one as long', () => {
    assert.equal(
      createHash('sha256').update(eicarBytes()).digest('hex'),
      '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
    );
    assert.equal(controlBytes().length, 68);
  });

  it('detect where the watcher stops the access, and tell that its log names the file', async () => {
    const logs = new Map([['/var/log/onacc.log', 'old affiant lines FOUND\n']]);
    const touched: FakeProof['touched'] = (path) => {
      if (!path.endsWith('.com')) return undefined;
      logs.set('/var/log/onacc.log', `${logs.get('/var/log/onacc.log')}${path}: Eicar FOUND\n`);
      return { state: 'blocked' };
    };
    const { proofs, machine } = await run({ touched, logs }, ['eicar'], server(['clamonacc']));
    assert.deepEqual(shown(proofs)[0], ['eicar-on-access', 'detected', ['blocked', 'local-log']]);
    assert.equal(proofs[0]?.product, 'clamav');
    assert.match(machine.made[0] ?? '', /^\/opt\/scan\/affiant-prove-[0-9a-f]{32}$/);
    assert.equal(machine.files.size, 0);
  });

  it('detect where the file goes away, and not where the harmless one goes too', async () => {
    const taken: FakeProof['touched'] = (path, files, elapsed) => {
      if (path.endsWith('.com') && elapsed >= 500) files.delete(path);
      return undefined;
    };
    assert.deepEqual(shown((await run({ touched: taken }, ['eicar'], server(['clamonacc']))).proofs)[0], [
      'eicar-on-access',
      'detected',
      ['quarantined'],
    ]);
    const cleaner: FakeProof['touched'] = (path, files, elapsed) => {
      if (path.endsWith('.com') && elapsed >= 500) files.clear();
      return undefined;
    };
    assert.deepEqual(shown((await run({ touched: cleaner }, ['eicar'], server(['clamonacc']))).proofs)[0], [
      'eicar-on-access',
      'inconclusive',
      'control-gone',
    ]);
  });

  it('do not detect where nothing happens in the time given', async () => {
    const { proofs } = await run({}, ['eicar'], server(['clamonacc']));
    assert.deepEqual(shown(proofs)[0], ['eicar-on-access', 'not-detected', 'deadline-passed']);
  });

  it('make nothing where no scanner watches, where it ignores the file, or where the folder is not for that', async () => {
    const cases: [Parameters<typeof server>[0], string | undefined, unknown[]][] = [
      [[], undefined, ['eicar-on-access', 'not-applicable', 'no-on-access-scanner']],
      [['falcon-sensor'], undefined, ['eicar-on-access', 'not-applicable', 'ignores-test-file']],
      [['clamonacc'], '/tmp', ['eicar-on-access', 'inconclusive', 'folder-not-watched']],
      [['clamonacc'], '/home', ['eicar-on-access', 'refused', 'forbidden-home']],
    ];
    for (const [names, folder, expected] of cases) {
      const { proofs, machine } = await run({ folders: { '/home': {} } }, ['eicar'], server(names), folder);
      assert.deepEqual(shown(proofs)[0], expected);
      assert.ok(
        machine.made.every((path) => !path.startsWith('/home') && !path.startsWith('/opt')),
        machine.made.join(' '),
      );
    }
  });

  it('believe a scan only after the harmless file came out clean', async () => {
    const scanner =
      (clean: number, infected: (file: string) => [number, string]): FakeProof['runs'] =>
      (command) => {
        if (command.id !== 'clamdscan') return ran(1);
        if (command.file.endsWith('.txt')) return ran(clean);
        const [code, text] = infected(command.file);
        return ran(code, text);
      };
    const cases: [FakeProof['runs'], unknown[]][] = [
      [scanner(0, (file) => [1, `${file}: Eicar FOUND\n`]), ['eicar-on-demand', 'detected', []]],
      [scanner(0, () => [0, '']), ['eicar-on-demand', 'not-detected', 'scanned-clean']],
      [scanner(0, () => [2, '']), ['eicar-on-demand', 'inconclusive', 'scanner-error']],
      [scanner(0, () => [1, '/another/file: Eicar FOUND\n']), ['eicar-on-demand', 'inconclusive', 'scanner-error']],
      [scanner(1, (file) => [1, `${file}: X FOUND\n`]), ['eicar-on-demand', 'inconclusive', 'control-found']],
      [scanner(2, () => [1, '']), ['eicar-on-demand', 'inconclusive', 'scanner-error']],
      [
        () => ({ outcome: 'absent', reason: 'no-such-program' }),
        ['eicar-on-demand', 'not-applicable', 'no-on-demand-scanner'],
      ],
    ];
    for (const [runs, expected] of cases) {
      const { proofs, machine } = await run(runs === undefined ? {} : { runs }, ['eicar'], server([]));
      assert.deepEqual(shown(proofs)[1], expected);
      assert.equal(machine.files.size, 0);
    }
  });

  it('find their message in the audit log, and say why not', async () => {
    const audit = (status: string, found: (nonce: string) => string, sent = 0): FakeProof['runs'] => {
      let nonce = '';
      return (command: ProofCommand) => {
        if (command.id === 'auditctl-status') return ran(0, status);
        if (command.id === 'auditctl-message') {
          ({ nonce } = command);
          return ran(sent);
        }
        return ran(0, found(nonce));
      };
    };
    const line = (nonce: string): string =>
      `----\ntime->Mon\ntype=USER msg=audit(1.2:3): pid=1 msg='text=affiant-canary-${nonce} exe="/usr/sbin/auditctl"'\n`;
    const cases: [FakeProof['runs'], unknown[]][] = [
      [audit('enabled 2\npid 81\n', line), ['auditd-canary', 'detected', ['local-log']]],
      [audit('enabled 1\npid 81\n', () => '<no matches>'), ['auditd-canary', 'not-detected', 'deadline-passed']],
      [audit('enabled 0\npid 81\n', () => ''), ['auditd-canary', 'not-detected', 'audit-disabled']],
      [audit('enabled 1\npid 0\n', line), ['auditd-canary', 'not-detected', 'auditd-not-running']],
      [audit('enabled 1\npid 81\n', line, 1), ['auditd-canary', 'inconclusive', 'canary-not-sent']],
      [audit('what?\n', line), ['auditd-canary', 'inconclusive', 'audit-status-not-understood']],
      [
        () => ({ outcome: 'absent', reason: 'no-such-program' }),
        ['auditd-canary', 'not-applicable', 'auditd-not-installed'],
      ],
      [
        () => ({ outcome: 'denied', reason: 'permission-denied' }),
        ['auditd-canary', 'inconclusive', 'permission-denied'],
      ],
    ];
    for (const [runs, expected] of cases)
      assert.deepEqual(shown((await run(runs === undefined ? {} : { runs }, ['auditd'], server([]))).proofs), [
        expected,
      ]);
    assert.deepEqual(parseStatus('AUDIT_STATUS: enabled=1 flag=1 pid=812 rate_limit=0'), { enabled: 1, pid: 812 });
    assert.equal(holdsCanary(`type=USER_CMD msg=affiant-canary-${'a'.repeat(32)}`, 'a'.repeat(32)), false);
  });

  it('stay in the state folder until they were told, the newest after that too', async () => {
    await run({}, ['auditd'], server([]));
    await run({}, ['auditd'], server([]));
    const kept = must(keptProofs(state));
    assert.equal(kept.length, 2);
    must(
      markTold(
        state,
        kept.map(({ name }) => name),
      ),
    );
    const after = must(keptProofs(state));
    assert.deepEqual(
      after.map(({ told }) => told),
      [true],
    );
    assert.equal(must(isDue(state, 30, new Date('2026-12-22T00:00:00Z'))), false);
    assert.equal(must(isDue(state, 30, new Date('2026-12-24T00:00:00Z'))), true);
  });

  it('say that something is left, and remove it at the next start', async () => {
    const stuck = (path: string): boolean => path.endsWith('.com');
    const { proofs, machine } = await run({ stuck, runs: () => ran(0) }, ['eicar'], server([]));
    assert.equal(proofs[1]?.cleanedUp, false);
    assert.equal(machine.files.size, 1);
    assert.equal(must(sweepLeavings(state, { ...machine, remove: (path) => machine.files.delete(path) || true })), 0);
    assert.equal(machine.files.size, 0);
  });

  it('never remove a folder that is not theirs', () => {
    must(announce(state, '/opt/scan', 'b'.repeat(32)));
    const { folder } = tracesOf('/opt/scan', 'b'.repeat(32));
    for (const look of [{ uid: 1000 }, { directory: false }]) {
      const machine = fakeProofMachine({ folders: { [folder]: look } });
      assert.equal(must(sweepLeavings(state, machine)), 1);
      assert.ok(machine.look(folder));
    }
  });

  it('start programs with arguments of their own making only', () => {
    assert.deepEqual(invocationOf({ id: 'auditctl-message', nonce: 'a'.repeat(32) }).args, [
      '-m',
      `affiant-canary-${'a'.repeat(32)}`,
    ]);
    assert.throws(() => invocationOf({ id: 'auditctl-message', nonce: '-D' }), RangeError);
    assert.throws(() => invocationOf({ id: 'clamdscan', file: '--remove' }), RangeError);
    assert.throws(() => invocationOf({ id: 'clamdscan', file: '/x', config: 'y' }), RangeError);
  });
});
