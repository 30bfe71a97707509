import assert from 'node:assert/strict';
import { judgeUpdates } from '../../../judge/updates.ts';
import { type FakeMachine, miss } from '../fake-host.ts';
import { collect, debian, fact, pkg } from './debian-machine.ts';

const ubuntu: FakeMachine = {
  ...debian,
  files: {
    ...debian.files,
    '/etc/os-release': 'ID=ubuntu\nVERSION_ID="24.04"\n',
    '/var/lib/ubuntu-advantage/status.json': '{"attached":false,"services":[{"name":"esm-infra","available":"yes"}]}',
  },
  commands: {
    ...debian.commands,
    'dpkg-query': pkg('bash') + pkg('jq') + pkg('unattended-upgrades'),
    'apt-list-upgradable': 'Listing...\nbash/noble-updates 2.0-1 amd64 [upgradable from: 1.0-1]\n',
    'apt-cache-policy bash':
      'bash:\n  Installed: 1.0-1\n  Candidate: 2.0-1\n  Version table:\n     2.0-1 500 (phased 20%)\n        500 http://x noble-updates/main\n *** 1.0-1 100\n',
    'pro-updates':
      '{"result":"success","data":{"attributes":{"updates":[{"package":"jq","version":"1.1","origin":"esm.ubuntu.com","provided_by":"esm-apps","status":"pending_attach"}]}}}',
  },
};

type Update = { name: string; phased?: boolean; licenceGated?: boolean };

describe('the updates of an Ubuntu server', () => {
  it('mark what is phased in, and what waits behind a licence', async () => {
    const found = (await fact('availableUpdates', ubuntu)) as readonly Update[];
    assert.deepEqual(
      found.map(({ name, phased, licenceGated }) => [name, phased, licenceGated]),
      [
        ['bash', true, undefined],
        ['jq', undefined, true],
      ],
    );
    const { updates } = await collect(ubuntu);
    const { faults } = judgeUpdates(updates, { at: '2026-11-20T12:00:00Z' });
    assert.ok(faults.includes('1 fix only with a licence: jq'), faults.join('\n'));
  });

  it('leave it an unknown which fixes wait where Ubuntu Pro could not be asked', async () => {
    const silent = { ...ubuntu, commands: { ...ubuntu.commands, 'pro-updates': miss('timed-out') } };
    assert.deepEqual(await fact('subscription', silent), {
      system: 'ubuntu-pro',
      attached: false,
      services: [{ name: 'esm-infra', status: 'not-attached' }],
      tellsGatedFixes: false,
    });
    const { updates } = await collect(silent);
    const { unknowns } = judgeUpdates(updates, { at: '2026-11-20T12:00:00Z' });
    assert.ok(unknowns.includes('which fixes only Ubuntu Pro gives'), unknowns.join('\n'));
  });
});
