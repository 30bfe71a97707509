import assert from 'node:assert/strict';
import { updates } from '../../../collectors/updates/index.ts';
import { digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';
import {
  debian,
  fact,
  lists,
  pkg,
  withCommands,
  withFiles,
  withLinks,
  withLists,
  withStats,
} from './debian-machine.ts';

describe('how a Debian server is kept up to date', () => {
  describe('automatic updates', () => {
    const wants = '/etc/systemd/system/timers.target.wants';
    const running = { '/run/systemd/system': { type: 'directory' } } as const;

    async function short(machine: FakeMachine): Promise<string> {
      const found = (await fact('automaticUpdates', machine)) as { [name: string]: unknown };
      return `${String(found['mechanism'])} ${String(found['refreshes'])} ${String(found['installs'])} ${String(found['installed'])}`;
    }
    const config = (text: string): FakeMachine => withCommands({ 'apt-config-dump': text });

    it('are on where they are told and nothing stops them', async () => {
      assert.equal(await short(debian), 'unattended-upgrades true true true');
      assert.equal(
        await short(config('APT::Periodic::Unattended-Upgrade "12h";\n')),
        'unattended-upgrades false true true',
      );
      assert.equal(
        await short(config('APT::Periodic::Unattended-Upgrade "always";\n')),
        'unattended-upgrades false true true',
      );
    });

    it('are off where a setting or a timer stops them', async () => {
      assert.equal(
        await short(config('APT::Periodic::Unattended-Upgrade "0";\n')),
        'unattended-upgrades false false true',
      );
      const disabled = `${debian.commands['apt-config-dump']}APT::Periodic::Enable "0";\n`;
      assert.equal(await short(config(disabled)), 'unattended-upgrades false false true');
      const masked = withLinks({ '/etc/systemd/system/apt-daily-upgrade.timer': '/dev/null' });
      assert.equal(await short(masked), 'unattended-upgrades true false true');
      const notWanted = {
        ...withStats(running),
        links: { [`${wants}/apt-daily.timer`]: '/lib/systemd/system/apt-daily.timer' },
      };
      assert.equal(await short(notWanted), 'unattended-upgrades true false true');
    });

    it('are not said to be on where the timer that would start them could not be looked at', async () => {
      const hidden = withLinks({ [`${wants}/apt-daily-upgrade.timer`]: miss('denied') });
      const { updates: found } = await updates.collect(fakeHost(hidden), digests);
      assert.equal(found?.automaticUpdates.status, 'denied');
    });

    it('are told apart from a mechanism that is configured and not there', async () => {
      assert.equal(await short(withCommands({ 'dpkg-query': pkg('bash') })), 'unattended-upgrades true true false');
      assert.equal(
        await short({
          ...debian,
          commands: { ...debian.commands, 'dpkg-query': pkg('bash'), 'apt-config-dump': 'APT "";\n' },
        }),
        'none false false false',
      );
      assert.equal(
        await short(withCommands({ 'dpkg-query': miss('denied') })),
        'unattended-upgrades true true undefined',
      );
    });

    it('keep the origins as written, and no mail address', async () => {
      const text =
        'Unattended-Upgrade::Origins-Pattern:: "origin=Debian";\nUnattended-Upgrade::Allowed-Origins:: "Ubuntu:noble";\n' +
        'Unattended-Upgrade::Mail "dora@example.org";\nUnattended-Upgrade::Automatic-Reboot "true";\n';
      const found = (await fact('automaticUpdates', config(text))) as { origins: string[]; settings: object };
      assert.deepEqual(found.origins, ['origin=Debian', 'Ubuntu:noble']);
      assert.deepEqual(found.settings, { 'Unattended-Upgrade::Automatic-Reboot': 'true' });
    });

    it('are not known where apt-config does not answer', async () => {
      assert.equal(
        await fact('automaticUpdates', withCommands({ 'apt-config-dump': miss('timed-out') })),
        'timed-out deadline',
      );
    });
  });

  describe('repositories', () => {
    const folder = '/etc/apt/sources.list.d';

    it('are all or none: one file that we may not read hides the fact', async () => {
      const machine = {
        ...withLists({ [folder]: ['a.list'] }),
        files: { ...debian.files, [`${folder}/a.list`]: miss('denied') },
      };
      assert.equal(await fact('repositories', machine), 'denied permission-denied');
      assert.equal(await fact('repositories', withLists({ [folder]: miss('denied') })), 'denied permission-denied');
      assert.equal(
        await fact('repositories', withFiles({ '/etc/apt/sources.list': { text: 'deb', truncated: true } })),
        'failed file-truncated',
      );
      assert.equal(
        await fact('repositories', withFiles({ '/etc/apt/sources.list': 'deb x\n' })),
        'failed malformed-source-entry',
      );
    });

    it('are absent where neither the file nor the folder is there', async () => {
      const machine = {
        ...debian,
        lists: { [lists]: debian.lists[lists] ?? [] },
        files: { ...debian.files, '/etc/apt/sources.list': miss('absent') },
      };
      assert.equal(await fact('repositories', machine), 'absent no-sources');
    });
  });
});
