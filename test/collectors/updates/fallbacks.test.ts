/** What is asked where the first answer cannot be had or read. */
import assert from 'node:assert/strict';
import { updates } from '../../../collectors/updates/index.ts';
import { digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';
import { collect, debian, fact, withCommands } from './debian-machine.ts';
import { aptSimulation, dpkgStatus, zypperPatchTable, zypperUpdateTable } from './sample-texts.ts';

describe('where apt list cannot be had or is not understood', () => {
  const simulate = (stdout: string, list: NonNullable<FakeMachine['commands']>[string], stderr = ''): FakeMachine =>
    withCommands({ 'apt-list-upgradable': list, 'apt-get-simulate': { stdout, stderr } });

  it('the updates are those of the solver, with who offers them and what is held', async () => {
    for (const list of [miss('absent', 'no-such-program'), miss('unsupported'), 'Listing...\nbash 2 -> 3\n', '']) {
      const value = (await fact('availableUpdates', simulate(aptSimulation, list))) as Record<string, unknown>[];
      assert.deepEqual(
        value.map((each) => [
          each['name'],
          each['installedVersion'],
          each['candidateVersion'],
          each['securityRelevant'],
        ]),
        [
          ['apt', '2.6.1', '2.6.3', 'unknown'],
          ['base-files', '12.4', '12.4+deb12u11', 'yes'],
          ['google-cloud-cli', '1-0', '2-0', 'unknown'],
        ],
      );
      assert.deepEqual(value[1]?.['suites'], ['oldstable', 'oldstable-security']);
    }
  });

  it('an update that the solver keeps back, or only names, leaves the list open', async () => {
    const back =
      'The following packages have been kept back:\n  linux-image-amd64 netplan.io\n0 upgraded, 2 not upgraded.\n';
    assert.equal(await fact('availableUpdates', simulate(back, '')), 'failed updates-kept-back');
    const named = 'The following packages will be upgraded:\n  bash\n1 upgraded, 0 newly installed.\n';
    assert.equal(await fact('availableUpdates', simulate(named, '')), 'failed updates-kept-back');
  });

  it('a line of another shape, or a source that could not be read, is a failure', async () => {
    assert.equal(await fact('availableUpdates', simulate('Inst bash ??\n', '')), 'failed unexpected-line');
    const unread = 'W: Unable to read /etc/apt/sources.list.d/a.list - open (13: Permission denied)\n';
    assert.equal(await fact('availableUpdates', simulate('', '', unread)), 'failed apt-could-not-read');
  });

  it('a list that apt gave, however it ended, is not asked for again', async () => {
    for (const list of [miss('failed', 'exit-100'), miss('timed-out'), 'Listing...\n']) {
      const host = fakeHost(simulate(aptSimulation, list));
      await updates.collect(host, digests);
      assert.ok(!host.asked.some((each) => each.includes('apt-get')), JSON.stringify(list));
    }
  });
});

describe('where there is no dpkg to ask', () => {
  const { 'dpkg-query': _query, ...commands } = debian.commands;
  const without = { ...debian, commands: { ...commands, 'dpkg-query': miss('absent', 'no-such-program') } };

  it('packages, holds and damage are those of its database', async () => {
    const machine = { ...without, files: { ...debian.files, '/var/lib/dpkg/status': dpkgStatus } };
    const { updates: document, packages } = await collect(machine);
    assert.ok(packages.packages.status === 'observed');
    assert.deepEqual(
      packages.packages.value.map(({ name, version, sourceVersion }) => [name, version, sourceVersion]),
      [
        ['bash', '5.2.15-2+b8', '5.2.15-2'],
        ['libc6', '2.36-9', undefined],
      ],
    );
    assert.ok(document.heldPackages.status === 'observed' && document.brokenPackages.status === 'observed');
    assert.deepEqual(
      document.heldPackages.value.map(({ name }) => name),
      ['libc6'],
    );
    assert.deepEqual(
      document.brokenPackages.value.map(({ state }) => state),
      ['half-configured reinst-required'],
    );
  });

  it('packages of an image without dpkg are those of the stanzas in status.d', async () => {
    const stanza = (name: string): string => `Package: ${name}\nVersion: 1\nArchitecture: amd64\n`;
    const folder = '/var/lib/dpkg/status.d';
    const machine: FakeMachine = {
      ...without,
      files: {
        '/etc/os-release': 'ID=debian\n',
        [`${folder}/base`]: stanza('base-files'),
        [`${folder}/tz`]: stanza('tzdata'),
      },
      lists: { ...debian.lists, [folder]: ['base', 'base.md5sums', 'tz'] },
      stats: { [folder]: { type: 'directory' } },
    };
    const names = async (changed: FakeMachine): Promise<unknown> => {
      const { packages } = (await collect(changed)).packages;
      return packages.status === 'observed'
        ? packages.value.map(({ name }) => name)
        : `${packages.status} ${packages.reason}`;
    };
    assert.deepEqual(await names(machine), ['base-files', 'tzdata']);
    const denied = { ...machine, files: { ...machine.files, [`${folder}/tz`]: miss('denied') } };
    assert.equal(await names(denied), 'denied permission-denied');
  });

  it('a database that cannot be read is no server without packages', async () => {
    const machine = { ...without, files: { ...debian.files, '/var/lib/dpkg/status': miss('denied') } };
    const { packages } = (await collect(machine)).packages;
    assert.ok(packages.status === 'denied', JSON.stringify(packages));
  });
});

describe('where the XML of zypper cannot be read', () => {
  const rpm = (name: string, version: string): string => `${name}\t0\t${version}\tx86_64\t(none)\tSUSE\t1790000000\n`;
  const machine: FakeMachine = {
    restIsAbsent: true,
    files: { '/etc/os-release': 'ID=sles\nID_LIKE=suse\n' },
    stats: { '/usr/lib/sysimage/rpm/Packages.db': { size: 9 } },
    commands: {
      'rpm-qa': rpm('iproute2', '5.14\t1.8') + rpm('ConsoleKit', '0.2.10\t64.65.1'),
      'zypper-list-updates': { stdout: 'Warning: not XML\n', exitCode: 100 },
      'zypper-list-updates-text': { stdout: zypperUpdateTable },
      'zypper-list-patches': { stdout: '' },
      'zypper-list-patches-text': { stdout: zypperPatchTable, exitCode: 101 },
    },
  };

  it('updates and needed patches are those of its tables', async () => {
    const drafts = await updates.collect(fakeHost(machine), digests);
    const available = drafts.updates?.availableUpdates;
    assert.ok(available?.status === 'observed', JSON.stringify(available));
    assert.deepEqual(
      available.value.map(({ name, candidateVersion }) => `${name} ${candidateVersion}`),
      ['ConsoleKit 0.2.10-64.69.1', 'iproute2 6.4-7.3.1'],
    );
    const advisories = drafts.updates?.advisories;
    assert.ok(advisories?.status === 'observed', JSON.stringify(advisories));
    assert.deepEqual(
      advisories.value.map(({ id, kind, severity, restart }) => [id, kind, severity, restart]),
      [
        ['SUSE-1', 'security', 'important', 'reboot'],
        ['SUSE-2', 'bugfix', 'moderate', 'package-manager'],
      ],
    );
    // The table names no packages: no update may then be called free of security fixes.
    assert.ok(available.value.every(({ securityRelevant }) => securityRelevant === 'unknown'));
  });

  it('an error of zypper itself stays what it is', async () => {
    const commands = { ...machine.commands, 'zypper-list-updates': miss('failed', 'exit-7') };
    const host = fakeHost({ ...machine, commands });
    const drafts = await updates.collect(host, digests);
    const available = drafts.updates?.availableUpdates;
    assert.ok(available?.status === 'failed' && available.reason === 'exit-7');
  });
});
