/** Amazon Linux 2023, which looks into one release only: nothing there is not nothing at all. */
import assert from 'node:assert/strict';
import { updates } from '../../../collectors/updates/index.ts';
import { judgeUpdates } from '../../../judge/updates.ts';
import type { UpdatesDocument } from '../../../schemas/generated/types.ts';
import { assertValid, digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';

const cache = '/var/cache/dnf/amazonlinux-0123456789abcdef/repodata/repomd.xml';
const gone = miss('absent', 'no-such-program');

function amazon(
  files: NonNullable<FakeMachine['files']>,
  commands: NonNullable<FakeMachine['commands']> = {},
): FakeMachine {
  return {
    restIsAbsent: true,
    stats: { '/var/lib/rpm/rpmdb.sqlite': { size: 9 }, [cache]: { mtime: '2026-11-20T05:00:00Z' } },
    lists: { '/var/cache/dnf': ['amazonlinux-0123456789abcdef'], '/etc/yum.repos.d': ['amazonlinux.repo'] },
    files: {
      '/etc/os-release': 'ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n',
      '/etc/yum.repos.d/amazonlinux.repo': '[amazonlinux]\nenabled=1\ngpgcheck=1\n',
      [cache]: '<repomd><revision>1790000000</revision><data type="updateinfo"/></repomd>',
      ...files,
    },
    commands: {
      'rpm-qa': 'bash\t0\t5.2\t1.amzn2023\tx86_64\tbash-5.2-1.amzn2023.src.rpm\tAmazon Linux\t1790000000\n',
      'dnf5-check-upgrade': gone,
      'dnf-check-update': { stdout: '', exitCode: 0 },
      'dnf-updateinfo-list': '',
      'dnf-updateinfo-info': '',
      ...commands,
    },
  };
}

async function document(machine: FakeMachine): Promise<Omit<UpdatesDocument, 'format' | 'blind'>> {
  const drafts = await updates.collect(fakeHost(machine), digests);
  assertValid(drafts, 'updates');
  assert.ok(drafts.updates);
  return drafts.updates;
}

async function available(machine: FakeMachine): Promise<unknown> {
  const { availableUpdates: fact } = await document(machine);
  return fact.status === 'observed' ? fact.value.map(({ name }) => name) : `${fact.status} ${fact.reason}`;
}

const named = (text: string): NonNullable<FakeMachine['files']> => ({ '/etc/dnf/vars/releasever': text });

describe('a release that is locked', () => {
  it('is not up to date because it offers nothing (symptom: Amazon Linux 2023 that never moved on had no update)', async () => {
    for (const files of [{}, named('2023.5.20240708\n')]) {
      const found = await document(amazon(files));
      assert.equal(found.availableUpdates.status === 'unsupported' && found.availableUpdates.reason, 'release-locked');
      assert.equal(found.advisories.status === 'unsupported' && found.advisories.reason, 'release-locked');
      const verdict = judgeUpdates(found, { at: '2026-11-20T12:00:00Z' });
      assert.ok(
        verdict.outcome !== 'pass' && verdict.unknowns.join().includes('release-locked'),
        verdict.unknowns.join(),
      );
    }
  });

  it('is none where the newest one is asked for, on other systems, and on Amazon Linux 2', async () => {
    assert.deepEqual(await available(amazon(named('latest\n'))), []);
    for (const release of ['ID="amzn"\nVERSION_ID="2"\n', 'ID="rocky"\nVERSION_ID="9.4"\n'])
      assert.deepEqual(await available(amazon({ '/etc/os-release': release })), [], release);
  });

  it('is not ruled out where that could not be read', async () => {
    assert.equal(await available(amazon({ '/etc/dnf/vars/releasever': miss('denied') })), 'denied permission-denied');
  });

  it('still names the security updates that it has', async () => {
    const commands = {
      'dnf-check-update': { stdout: '\nbash.x86_64  5.3-1.amzn2023  amazonlinux\n', exitCode: 100 },
      'dnf-updateinfo-list': 'ALAS2023-2026-001 Important/Sec. bash-5.3-1.amzn2023.x86_64\n',
    };
    assert.deepEqual(await available(amazon({}, commands)), ['bash']);
    const plain = { ...commands, 'dnf-updateinfo-list': 'ALAS2023-2026-002 bugfix bash-5.3-1.amzn2023.x86_64\n' };
    assert.equal(await available(amazon({}, plain)), 'unsupported release-locked');
  });
});
