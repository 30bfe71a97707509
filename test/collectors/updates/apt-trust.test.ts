import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isYes, parseAptConfig } from '../../../collectors/updates/apt-config.ts';
import { judgeUpdates } from '../../../judge/updates.ts';
import { miss } from '../fake-host.ts';
import { collect, debian, fact, withCommands, withFiles } from './debian-machine.ts';

const sources = [
  'deb http://deb.debian.org/debian bookworm main',
  'deb [signed-by=/etc/apt/k.gpg] https://packages.example.org/deb stable main',
  'deb [trusted=yes] http://local.example.org/ ./',
].join('\n');

/** For each archive what must be signed, and whether its server's certificate is checked. */
async function trust(settings: string): Promise<[string, boolean | undefined][]> {
  const { commands } = withCommands({ 'apt-config-dump': settings });
  const { updates } = await collect({
    ...withFiles({ '/etc/apt/sources.list': `${sources}\n` }),
    ...(commands !== undefined && { commands }),
  });
  assert.equal(updates.repositories.status, 'observed');
  return updates.repositories.value.map(({ signaturePolicy, checksTransport }) => [signaturePolicy, checksTransport]);
}

describe('whom apt trusts by its settings', () => {
  it('is what the lines of the archives say where no setting says otherwise', async () => {
    const plain = [
      ['default', undefined],
      ['pinned', undefined],
      ['trusted', undefined],
    ];
    assert.deepEqual(await trust('APT::Get::AllowUnauthenticated "false";\n'), plain);
    assert.deepEqual(await trust('Acquire::https::Verify-Peer "true";\nAcquire::http::Timeout "1";\n'), plain);
    assert.deepEqual(await trust('Acquire::https::other.example.org::Verify-Peer "false";\n'), plain);
  });

  it('is everybody where one setting lets unsigned packages in (symptom: only the lines were read, and all was signed)', async () => {
    for (const name of [
      'APT::Get::AllowUnauthenticated',
      'Acquire::AllowInsecureRepositories',
      'acquire::allowdowngradetoinsecurerepositories',
    ])
      assert.deepEqual(
        (await trust(`${name} "true";\n`)).map(([policy]) => policy),
        ['insecure-allowed', 'insecure-allowed', 'trusted'],
        name,
      );
  });

  it('is any certificate where a setting of all or of the host says so, and the host’s own wins', async () => {
    const checks = async (settings: string) => (await trust(settings)).map(([, checked]) => checked);
    assert.deepEqual(await checks('Acquire::https::Verify-Peer "false";\n'), [undefined, false, undefined]);
    assert.deepEqual(await checks('Acquire::https::packages.example.org::Verify-Host "no";\n'), [
      undefined,
      false,
      undefined,
    ]);
    assert.deepEqual(
      await checks('Acquire::https::Verify-Peer "false";\nAcquire::https::packages.example.org::Verify-Peer "true";\n'),
      [undefined, undefined, undefined],
    );
  });

  it('is not known where the settings could not be seen, and then nothing passes', async () => {
    const unread = withCommands({ 'apt-config-dump': miss('denied') });
    assert.equal(await fact('repositories', unread), 'denied permission-denied');
    assert.equal(
      await fact('repositories', withCommands({ 'apt-config-dump': miss('absent') })),
      'unsupported not-found',
    );
    const { unknowns } = judgeUpdates((await collect(unread)).updates, { at: '2026-11-20T12:00:00Z' });
    assert.match(unknowns.join(), /repositories|archives|signature/);
  });

  it('is a fault for the judge', async () => {
    const { updates } = await collect(
      withCommands({ 'apt-config-dump': `${debian.commands['apt-config-dump']}APT::Get::AllowUnauthenticated "1";\n` }),
    );
    const { faults } = judgeUpdates(updates, { at: '2026-11-20T12:00:00Z' });
    assert.match(faults.join(), /packages are taken without a signature check from http:\/\/deb\.debian\.org/);
  });

  it('is read as apt itself writes it', function () {
    const folder = mkdtempSync(join(tmpdir(), 'affiant-apt-'));
    try {
      const file = join(folder, 'apt.conf');
      writeFileSync(file, 'APT::Get { AllowUnauthenticated "yes"; };\nAcquire::https::Verify-Peer "false";\n');
      const dump = spawnSync('apt-config', ['dump'], { encoding: 'utf8', env: { ...process.env, APT_CONFIG: file } });
      if (dump.error !== undefined) {
        console.log('      skipped: apt-config is missing');
        this.skip();
      }
      const config = parseAptConfig(dump.stdout);
      assert.ok(isYes(config.value('APT::Get::AllowUnauthenticated')));
      assert.equal(config.value('Acquire::https::Verify-Peer'), 'false');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
