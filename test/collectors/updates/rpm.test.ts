import assert from 'node:assert/strict';
import { updates } from '../../../collectors/updates/index.ts';
import type { UpdatesDocument } from '../../../schemas/generated/types.ts';
import { assertValid, digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';

const gone = miss('absent', 'no-such-program');
const bash = 'bash\t0\t5.2\t1.fc43\tx86_64\tbash-5.2-1.fc43.src.rpm\tFedora Project\t1790000000\n';
const kernel = 'kernel-core\t0\t6.17.1\t300.fc43\tx86_64\tkernel-6.17.1-300.fc43.src.rpm\tFedora Project\t1790000000\n';

function repomd(advisories: boolean): string {
  return `<repomd><revision>1790000000</revision>${advisories ? '<data type="updateinfo"/>' : ''}</repomd>`;
}

const cache = '/var/cache/libdnf5/updates-0123456789abcdef/repodata/repomd.xml';
const fedora = {
  restIsAbsent: true,
  identity: { kernelRelease: '6.17.1-300.fc43.x86_64' },
  stats: { '/usr/lib/sysimage/rpm/rpmdb.sqlite': { size: 9 }, [cache]: { mtime: '2026-11-20T05:00:00Z' } },
  lists: { '/var/cache/libdnf5': ['updates-0123456789abcdef'], '/etc/yum.repos.d': ['fedora.repo'] },
  links: { '/proc/self/ns/pid': 'pid:[4026531836]', '/proc/self/ns/mnt': 'mnt:[1]', '/proc/1/ns/mnt': 'mnt:[1]' },
  processes: { processes: [], complete: true },
  files: {
    '/etc/os-release': 'ID=fedora\nVERSION_ID=43\n',
    '/etc/yum.repos.d/fedora.repo': '[updates]\nenabled=1\ngpgcheck=1\n',
    [cache]: repomd(true),
  },
  commands: {
    'rpm-qa': bash + kernel,
    'dnf5-check-upgrade': '{"upgrades":[{"name":"bash","arch":"x86_64","evr":"0:5.3-1.fc43","repository":"updates"}]}',
    'dnf5-advisory-list':
      '[{"name":"FEDORA-2026-1","type":"security","severity":"important/Sec.","nevra":"bash-5.3-1.fc43.x86_64","buildtime":1791000000}]',
    'dnf5-advisory-info':
      '{"FEDORA-2026-1":{"Name":"FEDORA-2026-1","Type":"security","Severity":"Important","Issued":"2026-10-02 03:04:05","references":[{"Id":"CVE-2026-1234","Title":"x"}]}}',
    'dnf5-history-info':
      '[{"id":1,"start_time":1790000000,"status":"Ok","packages":[{"nevra":"bash-5.2-1.fc43.x86_64","action":"Install"}]}]',
    'dnf5-needs-restarting': { stdout: '[{"type":"reboot","reboot_required":false}]', exitCode: 0 },
  },
} satisfies FakeMachine;

type Name = Exclude<keyof UpdatesDocument, 'format' | 'blind'>;

async function fact(name: Name, machine: FakeMachine): Promise<unknown> {
  const drafts = await updates.collect(fakeHost(machine), digests);
  assertValid(drafts, name);
  const found = drafts.updates?.[name];
  assert.ok(found !== undefined);
  return found.status === 'observed' ? found.value : `${found.status} ${found.reason}`;
}

function withCommands(commands: NonNullable<FakeMachine['commands']>): FakeMachine {
  return { ...fedora, commands: { ...fedora.commands, ...commands } };
}

const update = {
  name: 'bash',
  architecture: 'x86_64',
  installedVersion: '5.2-1.fc43',
  candidateVersion: '5.3-1.fc43',
  securityRelevant: 'yes',
  suites: ['updates'],
  advisoryIds: ['FEDORA-2026-1'],
};

describe('the updates of a server with dnf5', () => {
  it('come with their advisory, its date, severity and CVE identifiers', async () => {
    assert.deepEqual(await fact('availableUpdates', fedora), [update]);
    assert.deepEqual(await fact('advisories', fedora), [
      {
        id: 'FEDORA-2026-1',
        kind: 'security',
        severity: 'important',
        releasedAt: '2026-10-02T03:04:05Z',
        cveIds: ['CVE-2026-1234'],
        packages: ['bash-5.3-1.fc43.x86_64'],
      },
    ]);
    assert.deepEqual(await fact('rebootRequired', fedora), { required: false });
  });

  it('are read as text from a dnf5 that refuses --json', async () => {
    const old = withCommands({
      'dnf5-check-upgrade': miss('failed', 'exit-2'),
      'dnf5-check-upgrade-text': { stdout: 'Available upgrades\nbash.x86_64 5.3-1.fc43 updates\n', exitCode: 100 },
      'dnf5-needs-restarting': miss('failed', 'exit-2'),
      'dnf5-needs-restarting-text': { stdout: 'Reboot should not be necessary.\n', exitCode: 0 },
    });
    assert.deepEqual(await fact('availableUpdates', old), [update]);
    assert.deepEqual(await fact('rebootRequired', old), { required: false });
  });

  it('do not count where a repository was passed over', async () => {
    const half = withCommands({
      'dnf5-check-upgrade': {
        stdout: '{}',
        stderr: '>>> Failed to download metadata for repo updates, ignoring this repo',
      },
    });
    assert.equal(await fact('availableUpdates', half), 'failed sources-passed-over');
  });

  it('are unknown, not plain, where the repository tells of no advisories (CentOS Stream, third parties)', async () => {
    const stream = {
      ...withCommands({ 'dnf5-advisory-list': '[]', 'dnf5-advisory-info': '{}' }),
      files: { ...fedora.files, [cache]: repomd(false) },
    };
    const [found] = (await fact('availableUpdates', stream)) as readonly { securityRelevant: string }[];
    assert.equal(found?.securityRelevant, 'unknown');
    assert.equal(await fact('advisories', stream), 'unsupported no-advisories-in-metadata');
  });

  it('are not none where there is no metadata to look into', async () => {
    const blind = { ...withCommands({ 'dnf5-check-upgrade': '{}' }), lists: { '/etc/yum.repos.d': ['fedora.repo'] } };
    assert.equal(await fact('availableUpdates', blind), 'unsupported no-metadata');
  });

  it('are not told by a needs-restarting that only failed with exit code 1', async () => {
    const broken = withCommands({
      'dnf5-needs-restarting': { stdout: '', exitCode: 1 },
      'dnf5-needs-restarting-text': { stdout: '', stderr: 'No such command', exitCode: 1 },
    });
    assert.equal(await fact('rebootRequired', broken), 'failed no-answer');
  });
});

describe('the updates of a server with an older tool', () => {
  const older = (commands: NonNullable<FakeMachine['commands']>): FakeMachine => ({
    ...fedora,
    lists: { ...fedora.lists, '/var/cache/yum/x86_64/7': ['updates'] },
    stats: { ...fedora.stats, '/var/cache/yum/x86_64/7/updates/repomd.xml': { mtime: '2026-11-20T05:00:00Z' } },
    files: { ...fedora.files, '/var/cache/yum/x86_64/7/updates/repomd.xml': repomd(true) },
    commands: { 'rpm-qa': bash + kernel, 'dnf5-check-upgrade': gone, ...commands },
  });

  it('come from yum where neither dnf5 nor dnf is there', async () => {
    const yum = older({
      'dnf-check-update': gone,
      'yum-check-update': { stdout: '\nbash.x86_64    5.3-1.fc43    updates\n', exitCode: 100 },
      'yum-updateinfo-list': 'FEDORA-2026-1 Important/Sec. bash-5.3-1.fc43.x86_64\n',
      'yum-updateinfo-info': '',
    });
    assert.deepEqual(await fact('availableUpdates', yum), [update]);
  });

  it('say that no tool is there', async () => {
    const none = older({ 'dnf-check-update': gone, 'yum-check-update': gone, 'tdnf-list-updates': gone });
    assert.equal(await fact('availableUpdates', none), 'unsupported no-such-program');
  });

  it('do not trust rows that the exit code does not promise', async () => {
    const odd = older({ 'dnf-check-update': { stdout: '', exitCode: 100 } });
    assert.equal(await fact('availableUpdates', odd), 'failed exit-code-disagrees');
  });
});

describe('an rpm system', () => {
  it('without packages is a failure, not a fact, and keys are no packages (wazuh#13553)', async () => {
    const key = 'gpg-pubkey\t0\t350d275d\t6279464b\t(none)\t(none)\t(none)\t1790000000\n';
    const drafts = await updates.collect(fakeHost(withCommands({ 'rpm-qa': key })), digests);
    assert.ok(drafts.packages?.packages.status === 'failed');
    assert.equal(drafts.packages.packages.reason, 'no-packages-listed');
  });

  it('in a container leaves kernel, restart, live patches and images to the machine outside', async () => {
    const inside = {
      ...fedora,
      stats: { ...fedora.stats, '/run/.containerenv': {} },
      links: { '/proc/self/ns/pid': 'pid:[4026532222]' },
    };
    for (const name of ['kernels', 'rebootRequired', 'livePatch', 'deployments'] as const)
      assert.equal(await fact(name, inside), 'unsupported container-scope', name);
  });

  it('made of images tells the booted one from the staged one', async () => {
    const ostree = {
      ...withCommands({
        'rpm-ostree-status':
          '{"deployments":[{"checksum":"b","staged":true,"version":"43.2"},{"checksum":"a","booted":true,"version":"43.1"}]}',
      }),
      stats: { ...fedora.stats, '/run/ostree-booted': {} },
    };
    assert.deepEqual(await fact('deployments', ostree), {
      system: 'rpm-ostree',
      deployments: [
        { id: 'b', role: 'staged', version: '43.2' },
        { id: 'a', role: 'booted', version: '43.1' },
      ],
    });
  });
});

describe('a registration with the vendor', () => {
  const machine = (osRelease: string, stats: NonNullable<FakeMachine['stats']>): FakeMachine => ({
    ...fedora,
    files: { ...fedora.files, '/etc/os-release': osRelease },
    stats: { ...fedora.stats, ...stats },
  });
  const credentials = '/etc/zypp/credentials.d/SCCcredentials';
  const sles = 'ID="sles"\nID_LIKE="suse"\nVERSION_ID="15.6"\n';

  it('of SUSE shows in its credentials, which are looked at and never read', async () => {
    const files = { [credentials]: { size: 64 } };
    assert.deepEqual(await fact('subscription', machine(sles, files)), { system: 'suse-connect', attached: true });
    assert.deepEqual(await fact('subscription', machine(sles, {})), { system: 'suse-connect', attached: false });
    const denied = { [credentials]: miss('denied') };
    assert.match(String(await fact('subscription', machine(sles, denied))), /^denied /);
  });

  it('is no question where fixes are free to all', async () => {
    for (const id of ['opensuse-leap', 'fedora', 'rocky'])
      assert.match(String(await fact('subscription', machine(`ID="${id}"\n`, {}))), /^not-applicable /);
  });
});
