import assert from 'node:assert/strict';
import { miss } from '../fake-host.ts';
import { debian, fact, pkg, withCommands, withStats } from './debian-machine.ts';

describe('what a Debian server runs', () => {
  describe('a restart', () => {
    const marker = '/run/reboot-required';

    it('is asked for by the marker, whoever wrote it', async () => {
      const machine = {
        ...withStats({ [marker]: {} }),
        files: { ...debian.files, [`${marker}.pkgs`]: 'linux-base\nlinux-base\ndbus\n' },
        commands: { ...debian.commands, 'dpkg-query': pkg('bash') },
      };
      assert.deepEqual(await fact('rebootRequired', machine), { required: true, packages: ['linux-base', 'dbus'] });
    });

    it('is only denied by a missing marker where something would write it', async () => {
      assert.deepEqual(await fact('rebootRequired', debian), { required: false });
      for (const list of [pkg('bash'), pkg('bash') + pkg('unattended-upgrades', 'rc ')]) {
        assert.equal(
          await fact('rebootRequired', withCommands({ 'dpkg-query': list })),
          'unsupported no-notifier-installed',
        );
      }
      assert.equal(await fact('rebootRequired', withStats({ [marker]: miss('denied') })), 'denied permission-denied');
    });

    it('is told by needrestart where that is installed and nothing writes the marker', async () => {
      const answer = (status: number, microcode = 1): string =>
        `NEEDRESTART-VER: 3.6\nNEEDRESTART-KCUR: a\nNEEDRESTART-KEXP: b\nNEEDRESTART-KSTA: ${status}\nNEEDRESTART-UCSTA: ${microcode}\n`;
      const asked = (output: string): Promise<unknown> =>
        fact(
          'rebootRequired',
          withCommands({ 'dpkg-query': pkg('bash') + pkg('needrestart'), 'needrestart-kernel': output }),
        );
      assert.deepEqual(await asked(answer(1)), { required: false });
      assert.deepEqual(await asked(answer(3)), { required: true });
      assert.deepEqual(await asked(answer(1, 2)), { required: true });
      assert.equal(await asked(answer(0)), 'unsupported kernel-not-known');
      assert.equal(await asked('Use of uninitialized value'), 'failed no-answer');
    });

    const elsewhere = { '/proc/self/ns/pid': 'pid:[4026532222]' };

    it('belongs to the machine outside where we look from a container, like its kernel', async () => {
      for (const path of ['/.dockerenv', '/run/.containerenv']) {
        const inside = { ...withStats({ [path]: {}, [marker]: {} }), links: elsewhere };
        assert.equal(await fact('rebootRequired', inside), 'unsupported container-scope');
        assert.equal(await fact('kernels', inside), 'unsupported container-scope');
      }
    });

    it('is not denied where nobody can tell whether this is a container, but asked for all the same', async () => {
      const unsure = { ...debian, links: { '/proc/self/ns/pid': miss('denied') } };
      assert.equal(await fact('rebootRequired', unsure), 'denied scope-undecided');
      const asking = { ...withStats({ [marker]: {} }), links: unsure.links };
      assert.deepEqual(await fact('rebootRequired', asking), { required: true });
    });
  });

  it('sets the running kernel beside the installed ones and concludes nothing (Lynis#1259)', async () => {
    const list =
      pkg('linux-image-6.1.0-37-amd64', 'rc ', '6.1.140-1') +
      pkg('linux-image-6.1.0-40-amd64', 'ii ', '6.1.153-1') +
      pkg('linux-image-6.1.0-40-amd64-dbg', 'ii ', '6.1.153-1') +
      pkg('linux-image-6.1.0-21-amd64-unsigned', 'ii ', '6.1.90-1') +
      pkg('linux-image-unsigned-6.8.0-31-generic', 'ii ', '6.8.0-31.31') +
      pkg('linux-image-6.12.41+deb13-amd64', 'ii ', '6.12.41-1') +
      pkg('linux-image-amd64', 'ii ', '6.1.153-1') +
      pkg('linux-image-2.6-amd64', 'ii ', '2.6.32');
    const found = (await fact('kernels', withCommands({ 'dpkg-query': list }))) as { installed: { release: string }[] };
    assert.deepEqual(
      { ...found, installed: found.installed.map(({ release }) => release) },
      {
        runningRelease: '6.1.0-40-amd64',
        runningVersion: '6.1.153-1',
        installed: ['6.1.0-21-amd64', '6.1.0-40-amd64', '6.12.41+deb13-amd64', '6.8.0-31-generic'],
      },
    );
  });

  it('reads Ubuntu’s kernel build number', async () => {
    const identity = {
      kernelRelease: '6.5.0-41-generic',
      kernelVersion: '#41~22.04.2-Ubuntu SMP PREEMPT_DYNAMIC Mon Jun  3',
    };
    const found = (await fact('kernels', { ...debian, identity })) as { runningVersion: string };
    assert.equal(found.runningVersion, '6.5.0-41.41~22.04.2');
    const other = (await fact('kernels', { ...debian, identity: { kernelVersion: '#1 SMP @0' } })) as object;
    assert.ok(!('runningVersion' in other));
  });
});
