import assert from 'node:assert/strict';
import { type FakeMachine, miss } from '../fake-host.ts';
import { debian, fact, pkg, withFiles, withLinks, withStats } from './debian-machine.ts';

describe('the last install', () => {
  it('is the log’s, in the server’s own zone', async () => {
    assert.deepEqual(await fact('lastInstall', debian), {
      at: '2025-11-20T06:00:00Z',
      basis: 'log',
      upgraded: 1,
      installed: 0,
      removed: 0,
    });
  });

  it('is the database’s where dpkg alone changed something later, or the log has nothing', async () => {
    const change = { at: '2025-11-20T06:26:40Z', basis: 'database-change' };
    const shorter = '/var/log/apt/history.log' as const;
    const early = 'Start-Date: 2025-11-20  07:00:00\nUpgrade: a:amd64 (1, 2)\nEnd-Date: 2025-11-20  07:01:00\n';
    assert.deepEqual(await fact('lastInstall', withFiles({ [shorter]: early })), change);
    assert.deepEqual(await fact('lastInstall', withFiles({ [shorter]: '' })), change);
    assert.deepEqual(await fact('lastInstall', withFiles({ [shorter]: miss('denied') })), change);
    assert.deepEqual(
      await fact('lastInstall', withFiles({ [shorter]: { text: debian.files[shorter], truncated: true } })),
      change,
    );
  });

  it('is not known where neither tells', async () => {
    const noTimes = { 'dpkg-query': pkg('bash', 'ii ', '1', '') };
    const log = '/var/log/apt/history.log';
    const without = (answer: NonNullable<FakeMachine['files']>[string]): FakeMachine => ({
      ...withFiles({ [log]: answer }),
      commands: { ...debian.commands, ...noTimes },
    });
    assert.equal(await fact('lastInstall', without('')), 'unsupported log-empty');
    assert.equal(await fact('lastInstall', without(miss('absent'))), 'unsupported no-log');
    assert.equal(await fact('lastInstall', without(miss('denied'))), 'denied permission-denied');
  });

  it('does not guess the zone', async () => {
    const unknown = 'failed time-zone-unknown';
    assert.equal(await fact('lastInstall', withLinks({ '/etc/localtime': miss('denied') })), unknown);
    assert.equal(
      await fact('lastInstall', withLinks({ '/etc/localtime': '/usr/share/zoneinfo/Mars/Olympus' })),
      unknown,
    );
    const copied = {
      ...withStats({ '/etc/localtime': {} }),
      links: { '/etc/localtime': miss('absent', 'not-a-link') },
    };
    assert.equal(await fact('lastInstall', copied), unknown);
    const named = { ...copied, files: { ...debian.files, '/etc/timezone': 'Europe/Berlin\n' } };
    assert.deepEqual(await fact('lastInstall', named), await fact('lastInstall', debian));
  });

  it('takes a server without any zone for UTC, as tzset(3) does', async () => {
    const log = 'Start-Date: 2025-11-20  07:00:00\nUpgrade: a:amd64 (1, 2)\n';
    const found = await fact('lastInstall', { ...withFiles({ '/var/log/apt/history.log': log }), links: {} });
    assert.equal((found as { at: string }).at, '2025-11-20T07:00:00Z');
  });

  it('leaves a proxy’s password out of the command line', async () => {
    const log =
      'Start-Date: 2026-11-20  07:00:00\nCommandline: apt-get -o Acquire::http::Proxy=http://reader:oakfield@proxy:3128/ install jq\nInstall: jq:amd64 (1)\n';
    const found = await fact('lastInstall', withFiles({ '/var/log/apt/history.log': log }));
    const { commandLine } = found as { commandLine: string };
    assert.equal(commandLine, 'apt-get -o Acquire::http::Proxy=http://proxy:3128/ install jq');
  });
});
