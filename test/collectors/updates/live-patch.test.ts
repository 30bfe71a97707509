import assert from 'node:assert/strict';
import { parseKcarectlInfo, parseUptrackShow } from '../../../collectors/updates/live-patch-vendors.ts';
import { type FakeMachine, miss } from '../fake-host.ts';
import { collect, debian, fact, withCommands, withFiles } from './debian-machine.ts';

describe('patches of the running kernel', () => {
  const uptrack =
    'Installed updates:\n[r9hrmw28] Enablement update for live patching.\n[kgn8gqqi] CVE-2018-10879: Use-after-free on ext4.\n\nEffective kernel version is 5.15.0-89.99\n';
  const kcare =
    'kpatch-state: patch is applied\nkpatch-for: Linux version 5.4.0-1028-raspi (buildd@bos02) #31-Ubuntu SMP\nkpatch-build-time: Thu Feb 11 23:02:52 2021\nkpatch-description: 1-:1615812815;5.4.0-1028.31\n';

  it('of Ksplice are told with the kernel that they amount to, where the kernel itself shows none', async () => {
    assert.deepEqual(await fact('livePatch', withCommands({ 'uptrack-show': uptrack })), {
      patches: [
        { name: 'r9hrmw28 Enablement update for live patching.', enabled: true },
        { name: 'kgn8gqqi CVE-2018-10879: Use-after-free on ext4.', enabled: true },
      ],
      client: { name: 'ksplice', patchState: 'applied', version: '5.15.0-89.99', cveIds: ['CVE-2018-10879'] },
    });
    const none = parseUptrackShow('Installed updates:\nNone\n\nEffective kernel version is 5.15.0-89.99\n');
    assert.ok(none.ok && none.value.client?.patchState === 'none');
    assert.equal(await fact('livePatch', withCommands({ 'uptrack-show': miss('failed', 'exit-1') })), 'failed exit-1');
  });

  it('of KernelCare are told with its own word where they are not applied', async () => {
    assert.deepEqual(await fact('livePatch', withCommands({ 'kcarectl-info': kcare })), {
      patches: [{ name: 'kernelcare 5.4.0-1028.31', enabled: true }],
      client: { name: 'kernelcare', patchState: 'applied', kernel: '5.4.0-1028-raspi', version: '5.4.0-1028.31' },
    });
    const unapplied = parseKcarectlInfo(kcare.replace('patch is applied', 'patch is unapplied'));
    assert.ok(unapplied.ok);
    assert.deepEqual(
      unapplied.value.patches.map(({ enabled }) => enabled),
      [false],
    );
    assert.equal(parseKcarectlInfo('Traceback (most recent call last):\n').ok, false);
  });

  it('of kpatch that are installed and not loaded are not called applied', async () => {
    const installed = '/var/lib/kpatch/6.1.0-40-amd64';
    const machine = (modules: readonly string[]): FakeMachine => ({
      ...debian,
      lists: { ...debian.lists, '/sys/kernel/livepatch': ['kpatch_5_14_0_1'], [installed]: modules },
      files: { ...debian.files, '/sys/kernel/livepatch/kpatch_5_14_0_1/enabled': '1\n' },
    });
    const state = async (modules: readonly string[]): Promise<unknown> =>
      ((await fact('livePatch', machine(modules))) as { client?: { patchState?: string } }).client?.patchState;
    assert.equal(await state(['kpatch-5_14_0_1.ko']), 'applied');
    assert.equal(await state(['kpatch-5_14_0_1.ko', 'kpatch-5_14_0_2.ko']), 'not-loaded');
  });
});

describe('what apt did before its log was rotated', () => {
  const entry = (day: string): string =>
    `Start-Date: ${day}  07:00:00\nUpgrade: bash:amd64 (1, 2)\nEnd-Date: ${day}  08:00:00\n\n`;
  const machine = {
    ...withFiles({}),
    lists: {
      ...debian.lists,
      '/var/log/apt': ['history.log', 'history.log.10.gz', 'history.log.2.gz', 'history.log.1.gz', 'term.log'],
    },
    commands: {
      ...debian.commands,
      'apt-history-rotated /var/log/apt/history.log.1.gz': entry('2025-10-20'),
      'apt-history-rotated /var/log/apt/history.log.2.gz': entry('2025-09-20'),
      'apt-history-rotated /var/log/apt/history.log.10.gz': entry('2025-01-20'),
    },
  } satisfies FakeMachine;

  it('is read from every rotation in order of age, as far as they can be read', async () => {
    const days = async (changed: FakeMachine): Promise<string[]> => {
      const { packages } = await collect(changed);
      assert.ok(packages.history.status === 'observed', JSON.stringify(packages.history));
      return packages.history.value.map(({ at }) => at.slice(0, 10));
    };
    assert.deepEqual(await days(machine), ['2025-11-20', '2025-10-20', '2025-09-20', '2025-01-20']);
    const commands = { ...machine.commands, 'apt-history-rotated /var/log/apt/history.log.2.gz': miss('denied') };
    assert.deepEqual(await days({ ...machine, commands }), ['2025-11-20', '2025-10-20']);
  });
});
