import assert from 'node:assert/strict';
import { observed, unseen } from '../../collectors/fact.ts';
import { windowsFactsOnLinux } from '../../collectors/updates/platform-facts.ts';
import { judgeUpdates } from '../../judge/updates.ts';
import type { Verdict } from '../../judge/verdict.ts';
import type { Fact, UpdatesDocument } from '../../schemas/generated/types.ts';

type Updates = Omit<UpdatesDocument, 'format' | 'blind'>;

const source = 'command:dnf -q -C check-update';
const none = unseen('not-applicable', 'not-image-based', [source]);
const at = '2026-11-20T12:00:00Z';

/** A server of which all is seen and nothing is wrong. */
const fine: Updates = {
  packageFamily: observed('rpm', source),
  availableUpdates: observed([], source),
  advisories: observed([], source),
  heldPackages: observed([], source),
  brokenPackages: none,
  metadata: observed([{ archive: 'baseos', fetchedAt: '2026-11-20T05:00:00Z', hasAdvisories: true }], source),
  lastCheck: observed({ at: '2026-11-20T05:00:00Z', basis: 'metadata-change' }, source),
  lastInstall: observed({ at: '2026-11-19T05:00:00Z', basis: 'log' }, source),
  automaticUpdates: observed({ mechanism: 'none', refreshes: false, installs: false }, source),
  lastAutomaticRun: none,
  rebootRequired: observed({ required: false }, source),
  kernels: observed(
    {
      runningRelease: '5.14.0-70.el9.x86_64',
      runningVersion: '5.14.0-70.el9',
      installed: [
        { name: 'kernel-core', version: '5.14.0-9.el9', release: '5.14.0-9.el9.x86_64' },
        { name: 'kernel-core', version: '5.14.0-70.el9', release: '5.14.0-70.el9.x86_64' },
      ],
    },
    source,
  ),
  staleProcesses: observed({ complete: true, processes: [] }, source),
  livePatch: none,
  deployments: none,
  repositories: observed(
    [
      {
        id: 'baseos',
        definedIn: '/etc/yum.repos.d/x.repo',
        types: ['rpm'],
        uris: [],
        suites: [],
        components: [],
        enabled: true,
        signaturePolicy: 'default',
      },
    ],
    source,
  ),
  subscription: none,
  ...windowsFactsOnLinux([source]),
};

function judged(
  changes: Partial<Updates>,
  thresholds: { metadataDays?: number; graceDays?: number; at?: string } = {},
): Verdict {
  return judgeUpdates({ ...fine, ...changes }, { at, ...thresholds });
}

const security = {
  name: 'openssl',
  architecture: 'x86_64',
  installedVersion: '1-1',
  candidateVersion: '1-2',
  securityRelevant: 'yes',
  suites: ['baseos'],
  advisoryIds: ['RHSA-2026:1'],
} as const;
const advisory = { id: 'RHSA-2026:1', kind: 'security', cveIds: [], packages: [] } as const;

describe('the judge of updates, one thing at a time', () => {
  it('passes nobody whom the vendor does not know, unless a cloud serves it', () => {
    for (const system of ['subscription-manager', 'suse-connect'] as const) {
      const known = (attached: boolean) => observed({ system, attached }, source);
      const subscription = known(false);
      assert.equal(judged({ subscription }).outcome, 'undetermined', system);
      assert.equal(judged({ subscription: known(true) }).outcome, 'pass', system);
      const repositories = fine.repositories;
      assert.ok(repositories.status === 'observed' && repositories.value[0] !== undefined);
      const rhui = {
        ...repositories,
        value: [{ ...repositories.value[0], id: 'rhel-9-baseos-rhui-rpms', enabled: true }],
      };
      const metadata = observed(
        [{ archive: 'rhel-9-baseos-rhui-rpms', fetchedAt: '2026-11-20T05:00:00Z', hasAdvisories: true }],
        source,
      );
      assert.equal(judged({ subscription, repositories: rhui, metadata }).outcome, 'pass', system);
    }
  });

  it('passes a server of which all is seen and nothing is wrong', () => {
    assert.deepEqual(judged({}), { outcome: 'pass', faults: [], unknowns: [] });
  });

  it('fails a missing security update, and not a plain one', () => {
    const updates = [{ ...security, suites: [...security.suites], advisoryIds: [...security.advisoryIds] }];
    assert.equal(judged({ availableUpdates: observed(updates, source) }).outcome, 'fail');
    const plain = updates.map((entry) => ({ ...entry, securityRelevant: 'no' as const, advisoryIds: [] }));
    assert.equal(judged({ availableUpdates: observed(plain, source) }).outcome, 'pass');
    const unclear = updates.map((entry) => ({ ...entry, securityRelevant: 'unknown' as const, advisoryIds: [] }));
    assert.equal(judged({ availableUpdates: observed(unclear, source) }).outcome, 'undetermined');
    const gated = updates.map((entry) => ({ ...entry, licenceGated: true }));
    assert.match(judged({ availableUpdates: observed(gated, source) }).faults[0] ?? '', /only with a licence/);
  });

  it('gives days of grace from the release of the oldest fix, and none where nobody knows that day', () => {
    const updates = [{ ...security, suites: [...security.suites], advisoryIds: [...security.advisoryIds] }];
    const dated = (releasedAt?: string): Verdict =>
      judged(
        {
          availableUpdates: observed(updates, source),
          advisories: observed(
            [{ ...advisory, cveIds: [], packages: [], ...(releasedAt === undefined ? {} : { releasedAt }) }],
            source,
          ),
        },
        { graceDays: 14 },
      );
    assert.equal(dated('2026-11-10T00:00:00Z').outcome, 'pass');
    assert.equal(dated('2026-11-01T00:00:00Z').outcome, 'fail');
    assert.equal(dated().outcome, 'fail');
  });

  it('takes no silence of dnf for an answer on packages that it was told to leave alone (symptom: exclude=kernel* passed)', () => {
    const kernel = { name: 'kernel-core', architecture: 'x86_64', version: '5.14.0-70.el9', rule: 'kernel*' };
    const held = judged({ heldPackages: observed([kernel], source) });
    assert.deepEqual(held.unknowns, ['updates of 1 package held back, which none would show: kernel-core']);
    const update = {
      ...security,
      name: 'kernel-core',
      suites: ['baseos'],
      advisoryIds: [],
      securityRelevant: 'no' as const,
    };
    const shown = { heldPackages: observed([kernel], source), availableUpdates: observed([update], source) };
    assert.equal(judged(shown).outcome, 'pass');
    assert.equal(judged({ heldPackages: unseen('denied', 'permission-denied', [source]) }).outcome, 'undetermined');
  });

  it('does not overlook an advisory that no update carries', () => {
    const verdict = judged({ advisories: observed([{ ...advisory, cveIds: [], packages: [] }], source) });
    assert.deepEqual(verdict.faults, ['1 security advisory not installed: RHSA-2026:1']);
  });

  const old = '2026-11-10T05:00:00Z';
  const doubts: readonly (readonly [string, Partial<Updates>, RegExp])[] = [
    [
      'old metadata',
      { lastCheck: observed({ at: old, basis: 'success-stamp' }, source) },
      /more than 7 days old: last check/,
    ],
    [
      'one old repository among fresh ones',
      {
        metadata: observed(
          [
            { archive: 'baseos', fetchedAt: '2026-11-20T05:00:00Z' },
            { archive: 'epel', fetchedAt: old },
          ],
          source,
        ),
      },
      /metadata more than 7 days old: epel/,
    ],
    [
      'a repository in use without metadata',
      { metadata: observed([{ archive: 'epel', fetchedAt: at }], source) },
      /no metadata of baseos/,
    ],
    [
      'metadata that has expired',
      { metadata: observed([{ archive: 'baseos', fetchedAt: at, validUntil: '2026-11-19T00:00:00Z' }], source) },
      /expired metadata: baseos/,
    ],
    [
      'a check in the future (NTP-skewed times of files)',
      { lastCheck: observed({ at: '2027-01-01T00:00:00Z', basis: 'success-stamp' }, source) },
      /lies in the future/,
    ],
    [
      'processes that could not be looked at',
      { staleProcesses: observed({ complete: false, processes: [] }, source) },
      /not every process/,
    ],
  ];
  for (const [symptom, changes, unknown] of doubts) {
    it(`does not take no updates for up to date by ${symptom}`, () => {
      const verdict = judged(changes);
      assert.equal(verdict.outcome, 'undetermined');
      assert.match(verdict.unknowns.join('\n'), unknown);
    });
  }

  it('takes the age of metadata as told', () => {
    const changes = {
      lastCheck: observed<{ at: string; basis: 'success-stamp' }>({ at: old, basis: 'success-stamp' }, source),
    };
    assert.equal(judged(changes, { metadataDays: 30 }).outcome, 'pass');
  });

  it('does not hold the archive’s own times against apt, which gives them to its files', () => {
    const changes: Partial<Updates> = {
      packageFamily: observed('deb', source),
      brokenPackages: observed([], source),
      metadata: observed(
        [
          { archive: 'debian_dists_bookworm', fetchedAt: '2026-07-11T10:00:00Z' },
          { archive: 'security', suite: 'bookworm-security', fetchedAt: '2026-07-11T10:00:00Z' },
        ],
        source,
      ),
      kernels: observed(
        {
          runningRelease: '6.1',
          runningVersion: '6.1-1',
          installed: [{ name: 'linux-image-6.1', version: '6.1-1', release: '6.1' }],
        },
        source,
      ),
    };
    assert.deepEqual(judged(changes), { outcome: 'pass', faults: [], unknowns: [] });
  });

  it('compares kernels by the family’s rules: an older one on disk is no reason to restart (Lynis#1259)', () => {
    const running = (version: string): Verdict =>
      judged({
        rebootRequired: unseen('unsupported', 'no-such-program', [source]),
        kernels: observed(
          {
            runningRelease: `${version}.x86_64`,
            runningVersion: version,
            installed: ['5.14.0-9.el9', '5.14.0-70.el9'].map((each) => ({
              name: 'kernel-core',
              version: each,
              release: `${each}.x86_64`,
            })),
          },
          source,
        ),
      });
    assert.equal(running('5.14.0-70.el9').outcome, 'pass');
    assert.deepEqual(running('5.14.0-9.el9').faults, ['kernel 5.14.0-9.el9 runs, newer 5.14.0-70.el9 is installed']);
  });

  it('leaves kernel and restart of a container to the machine outside', () => {
    const outside = unseen('unsupported', 'container-scope', ['link:/proc/self/ns/pid']);
    const verdict = judged({ kernels: outside, rebootRequired: outside, livePatch: outside, deployments: outside });
    assert.equal(verdict.outcome, 'pass');
  });

  it('fails an image that waits for a restart, and old code that runs', () => {
    const staged = observed<Extract<Updates['deployments'], { status: 'observed' }>['value']>(
      {
        system: 'bootc',
        deployments: [
          { id: 'a', role: 'booted' },
          { id: 'b', role: 'staged', version: '42' },
        ],
      },
      source,
    );
    assert.deepEqual(judged({ deployments: staged }).faults, ['an image waits for a restart: 42']);
    const stale = {
      complete: true,
      processes: [{ name: 'sshd', unit: 'ssh.service', processes: 1, files: ['/usr/lib/x.so'] }],
    };
    assert.deepEqual(judged({ staleProcesses: observed(stale, source) }).faults, ['old code still runs: ssh.service']);
  });

  it('passes no server with any fact denied that it rests on', () => {
    const names = [
      'packageFamily',
      'availableUpdates',
      'metadata',
      'lastCheck',
      'brokenPackages',
      'rebootRequired',
      'kernels',
      'staleProcesses',
      'deployments',
      'repositories',
    ] as const;
    for (const name of names) {
      const denied: Fact<never> = unseen('denied', 'permission-denied', [source]);
      assert.equal(judged({ [name]: denied }).outcome, 'undetermined', name);
    }
  });
});
