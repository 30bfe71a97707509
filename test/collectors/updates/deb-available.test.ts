import assert from 'node:assert/strict';
import { type FakeMachine, miss } from '../fake-host.ts';
import { debian, fact, lists, pkg, release, withCommands, withFiles, withLists, withStats } from './debian-machine.ts';

const older = { size: 5, mtime: '2026-11-20T05:00:00Z' };
const fresh = {
  '/var/cache/apt/pkgcache.bin': { mtime: '2026-11-20T06:00:00Z' },
  '/var/lib/dpkg/status': older,
  '/etc/apt/sources.list': older,
  '/etc/apt/sources.list.d': older,
  [lists]: older,
};
const cached = {
  ...debian,
  commands: {
    ...debian.commands,
    'apt-list-upgradable-cached': 'Listing...\nbash/stable 3.0-1 amd64 [upgradable from: 1.0-1]\n',
  },
};

describe('the updates of a Debian server', () => {
  describe('available updates', () => {
    it('tell what each archive says, and what is held', async () => {
      const commands = {
        'dpkg-query': debian.commands['dpkg-query'] + pkg('jq', 'hi '),
        'apt-list-upgradable':
          'Listing...\njq/stable,stable-security 2 amd64 [upgradable from: 1.0-1]\nbash/stable 2 amd64 [upgradable from: 1]\n',
      };
      const value = (await fact('availableUpdates', withCommands(commands))) as { name: string }[];
      assert.deepEqual(value, [
        {
          name: 'bash',
          architecture: 'amd64',
          installedVersion: '1',
          candidateVersion: '2',
          securityRelevant: 'no',
          suites: ['stable'],
        },
        {
          name: 'jq',
          architecture: 'amd64',
          installedVersion: '1.0-1',
          candidateVersion: '2',
          securityRelevant: 'yes',
          suites: ['stable', 'stable-security'],
          held: true,
        },
      ]);
    });

    it('are never an empty list where apt has no index to look into (a fresh container)', async () => {
      const nothing = { ...debian.commands, 'apt-list-upgradable': 'Listing...\n' };
      const empty = { ...debian, commands: nothing };
      assert.deepEqual(await fact('availableUpdates', empty), []);
      assert.equal(
        await fact('availableUpdates', { ...empty, lists: { [lists]: ['lock', 'partial'] } }),
        'unsupported no-metadata',
      );
      assert.equal(
        await fact('availableUpdates', { ...empty, lists: { [lists]: ['main_InRelease'] } }),
        'unsupported no-metadata',
      );
      assert.equal(await fact('availableUpdates', { ...empty, lists: {} }), 'unsupported no-metadata');
      assert.equal(
        await fact('availableUpdates', { ...empty, lists: { [lists]: miss('denied') } }),
        'denied permission-denied',
      );
    });

    it("come from apt's own cache where that is newer than all that it is made from, else from its lists", async () => {
      const candidate = async (stats: NonNullable<FakeMachine['stats']>): Promise<string | undefined> => {
        const value = await fact('availableUpdates', { ...cached, stats: { ...debian.stats, ...stats } });
        assert.ok(Array.isArray(value), JSON.stringify(value));
        return (value as { candidateVersion: string }[])[0]?.candidateVersion;
      };
      assert.equal(await candidate(fresh), '3.0-1');
      for (const path of Object.keys(fresh)) {
        const spoilt = path.endsWith('.bin') ? '2026-11-20T05:00:00Z' : '2026-11-20T06:00:00Z';
        assert.equal(await candidate({ ...fresh, [path]: { size: 5, mtime: spoilt } }), '2.0-1', path);
        // Without its database dpkg is not there, and apt not asked.
        if (path !== '/var/lib/dpkg/status')
          assert.equal(await candidate({ ...fresh, [path]: miss('denied') }), '2.0-1', path);
      }
      assert.equal(await candidate({ ...fresh, '/etc/apt/sources.list': miss('absent') }), '3.0-1');
    });

    it("are told from apt's policy for each package where that is cheaper, and from its list where that is not plain", async () => {
      const head = 'bash:\n  Installed: 1.0-1\n  Candidate: 4.0-1\n  Version table:\n     4.0-1 500\n';
      const offered = '        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages\n';
      const policy = `${head}${offered} *** 1.0-1 100\n        100 /var/lib/dpkg/status\n`;
      const name = 'deb.debian.org_debian-security_dists_bookworm-security_InRelease';
      const asked = async (
        text: NonNullable<FakeMachine['commands']>[string],
        more: string[] = [],
      ): Promise<unknown> => {
        const value = (await fact('availableUpdates', {
          ...cached,
          files: { ...debian.files, [`${lists}/${name}`]: release('bookworm-security', 'Debian-Security') },
          stats: { ...debian.stats, ...fresh, [`${lists}/${name}`]: {} },
          lists: { ...debian.lists, [lists]: [...debian.lists[lists], name, ...more] },
          commands: { ...cached.commands, 'dpkg-query': pkg('bash'), 'apt-cache-policy-installed bash:amd64': text },
        })) as { candidateVersion: string; securityRelevant: string }[] | string;
        return Array.isArray(value)
          ? value.map(({ candidateVersion, securityRelevant }) => `${candidateVersion} ${securityRelevant}`)
          : value;
      };
      assert.deepEqual(await asked(policy), ['4.0-1 yes']);
      assert.deepEqual(await asked(policy, ['main_binary-i386_Packages.xz']), ['3.0-1 no']);
      for (const text of [
        policy.replace('debian-security', 'other'),
        policy.replace('Installed', 'Installiert'),
        policy.replace('Installed: 1.0-1', 'Installed: 1.1-1'),
        '',
        { stdout: policy, truncated: true },
        { stdout: policy, stderr: 'W: Unable to read /etc/apt/sources.list.d/a.list - open (13: Permission denied)\n' },
        miss('unsupported', 'not-recorded'),
        miss('failed', 'exit-100'),
      ])
        assert.deepEqual(await asked(text), ['3.0-1 no'], JSON.stringify(text));
    });

    it('are no list where apt could not read one of its sources, says so on standard error alone, and ends with 0', async () => {
      const cli = '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n';
      const listed = async (stderr: string): Promise<unknown> =>
        await fact('availableUpdates', withCommands({ 'apt-list-upgradable': { stdout: 'Listing...\n', stderr } }));
      const unread = 'W: Unable to read /etc/apt/sources.list.d/security.list - open (13: Permission denied)\n';
      assert.equal(await listed(cli + unread), 'failed apt-could-not-read');
      assert.deepEqual(await listed(cli), []);
      const passwords = 'W: Unable to read /etc/apt/auth.conf.d/esm.conf - open (13: Permission denied)\n';
      assert.deepEqual(await listed(cli + passwords), []);
    });

    it('say why apt gave no answer', async () => {
      const answers: readonly (readonly [NonNullable<FakeMachine['commands']>[string], string])[] = [
        [miss('absent', 'no-such-program'), 'unsupported no-such-program'],
        [miss('failed', 'exit-100'), 'failed exit-100'],
        [{ stdout: 'Listing...\n', truncated: true }, 'failed output-truncated'],
        ['', 'failed empty-output'],
      ];
      for (const [answer, expected] of answers) {
        assert.equal(await fact('availableUpdates', withCommands({ 'apt-list-upgradable': answer })), expected);
      }
    });
  });

  describe('metadata', () => {
    it('name each archive with its signature', async () => {
      const value = (await fact('metadata', debian)) as { archive: string; fetchedAt: string; signed: boolean }[];
      assert.deepEqual(
        value.map(({ archive, fetchedAt, signed }) => [archive, fetchedAt, signed]),
        [
          ['main', '2026-11-20T03:00:00Z', true],
          ['security', '2026-11-20T04:00:00Z', false],
        ],
      );
    });

    it('are absent where apt has fetched none, and denied where we may not look', async () => {
      assert.equal(await fact('metadata', withLists({ [lists]: ['lock'] })), 'absent no-metadata');
      assert.equal(await fact('metadata', withLists({ [lists]: miss('denied') })), 'denied permission-denied');
      assert.equal(
        await fact('metadata', withFiles({ [`${lists}/main_Release`]: miss('denied') })),
        'denied permission-denied',
      );
      assert.equal(
        await fact('metadata', withFiles({ [`${lists}/main_Release`]: miss('absent') })),
        'failed changed-while-reading',
      );
    });

    it('prefer InRelease, and find the fields before the place where the file was cut', async () => {
      const long = `${release('stable')}${' 00 1 Packages\n'.repeat(9000)}`;
      const value = (await fact('metadata', {
        ...withLists({ [lists]: ['main_InRelease', 'main_Release'] }),
        files: { ...debian.files, [`${lists}/main_InRelease`]: `-----BEGIN PGP SIGNED MESSAGE-----\n${long}` },
        stats: { ...debian.stats, [`${lists}/main_InRelease`]: {} },
      })) as { suite: string; signed: boolean }[];
      assert.deepEqual(
        value.map(({ suite, signed }) => [suite, signed]),
        [['stable', true]],
      );
    });
  });

  describe('the last check', () => {
    const stamp = '/var/lib/apt/periodic/update-success-stamp';

    it('is the newest of stamps and metadata', async () => {
      assert.deepEqual(await fact('lastCheck', debian), { at: '2026-11-20T04:00:00Z', basis: 'metadata-change' });
      const stamped = withStats({ [stamp]: { mtime: '2026-11-22T06:00:00.000Z' } });
      assert.deepEqual(await fact('lastCheck', stamped), { at: '2026-11-22T06:00:00Z', basis: 'success-stamp' });
      const old = withStats({ [stamp]: { mtime: '2026-10-22T06:00:00Z' } });
      assert.deepEqual(await fact('lastCheck', old), { at: '2026-11-20T04:00:00Z', basis: 'metadata-change' });
    });

    it('is not known where there is neither', async () => {
      assert.equal(await fact('lastCheck', withLists({ [lists]: [] })), 'unsupported no-metadata');
      assert.equal(await fact('lastCheck', withLists({ [lists]: miss('denied') })), 'denied permission-denied');
    });
  });
});
