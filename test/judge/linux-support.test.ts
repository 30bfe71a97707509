import assert from 'node:assert/strict';
import { catalogues } from '../../catalogue/list.ts';
import { observed, unseen } from '../../collectors/fact.ts';
import { judgeLinuxSupport, productOf } from '../../judge/linux-support.ts';
import { conclude } from '../../judge/list.ts';
import type { Verdict } from '../../judge/verdict.ts';
import type { OperatingSystem, Repository, UpdatesDocument } from '../../schemas/generated/types.ts';

const source = 'file:/etc/os-release';
const linux = catalogues.find(({ id }) => id === 'linux');
const day = '2026-11-20';

type Given = Partial<Pick<UpdatesDocument, 'subscription' | 'repositories' | 'metadata'>>;

function system(id: string, versionId?: string, prettyName?: string): OperatingSystem {
  return {
    family: 'linux',
    id,
    ...(versionId !== undefined && { versionId }),
    ...(prettyName !== undefined && { prettyName }),
  };
}

function repository(id: string, uri = 'https://mirror.example.org/'): Repository {
  return {
    id,
    definedIn: '/etc/yum.repos.d/x.repo',
    types: ['rpm'],
    uris: [uri],
    suites: [],
    components: [],
    enabled: true,
    signaturePolicy: 'default',
  };
}

function judged(os: OperatingSystem, given: Given = {}, at = day): Verdict {
  const updates = {
    subscription: unseen('not-applicable', 'no-subscription', [source]),
    repositories: observed([repository('base')], source),
    metadata: observed([], source),
    ...given,
  };
  return judgeLinuxSupport(observed(os, source), updates, linux, at);
}

const archives = (...ids: string[]): Given => ({
  repositories: observed(
    ids.map((id) => repository(id)),
    source,
  ),
});

describe('whether a Linux is still mended', () => {
  it('fails a system whose archives stand still since its support ended, on the day after and not before', () => {
    assert.match(
      judged(system('centos', '7', 'CentOS Linux 7 (Core)')).faults.join(),
      /out of support since 2024-06-30/,
    );
    assert.equal(judged(system('debian', '11')).outcome, 'fail');
    assert.equal(judged(system('debian', '11'), {}, '2026-08-31').outcome, 'pass');
    assert.equal(judged(system('debian', '11'), {}, '2026-09-01').outcome, 'fail');
    assert.equal(judged(system('alpine', '3.19.1')).outcome, 'fail');
    assert.equal(judged(system('amzn', '2')).outcome, 'fail');
  });

  it('passes those that are supported, by the part of their version that counts', () => {
    for (const [id, version] of [
      ['debian', '12'],
      ['ubuntu', '24.04'],
      ['almalinux', '9.4'],
      ['rocky', '8.10'],
      ['rhel', '9.5'],
      ['sles', '15.7'],
      ['alpine', '3.23.4'],
    ] as const)
      assert.deepEqual(judged(system(id, version)), { outcome: 'pass', faults: [], unknowns: [] }, id);
    assert.equal(judged(system('arch')).outcome, 'pass');
  });

  it('takes no service pack for another, and no stream for the release beside it', () => {
    assert.equal(judged(system('sles', '15.5')).outcome, 'fail');
    assert.equal(judged(system('sles', '15.9')).outcome, 'undetermined');
    const products = linux?.products ?? [];
    assert.equal(productOf(system('centos', '8', 'CentOS Linux 8'), { products })?.id, 'centos-8');
    assert.equal(productOf(system('centos', '8', 'CentOS Stream 8'), { products })?.id, 'centos-stream-8');
    assert.equal(judged(system('centos', '9', 'CentOS Stream 9')).outcome, 'pass');
  });

  it('says of no system that it is supported where the catalogue does not have it', () => {
    for (const os of [system('debian'), system('linuxmint', '22'), system('fedora', '99'), system('centos', '9')])
      assert.equal(judged(os).outcome, 'undetermined', JSON.stringify(os));
    const updates = { subscription: unseen('absent', 'x', [source]), repositories: observed([], source) };
    const none = { ...updates, metadata: observed([], source) };
    assert.equal(judgeLinuxSupport(undefined, none, linux, day).outcome, 'undetermined');
    assert.equal(
      judgeLinuxSupport(observed(system('debian', '12'), source), none, undefined, day).outcome,
      'undetermined',
    );
    assert.equal(
      judgeLinuxSupport(unseen('denied', 'permission-denied', [source]), none, linux, day).outcome,
      'undetermined',
    );
  });

  it('takes paid support only where its archive is in use, and for as long as there is any', () => {
    assert.equal(judged(system('rhel', '7.9')).outcome, 'fail');
    assert.equal(judged(system('rhel', '7.9'), archives('rhel-7-server-els-rpms')).outcome, 'pass');
    assert.equal(judged(system('rhel', '7.9'), archives('rhel-7-server-els-rpms'), '2028-07-01').outcome, 'fail');
    assert.equal(judged(system('sles', '15.5'), archives('SLE-Module-LTSS-15-SP5-Updates')).outcome, 'pass');
    assert.equal(judged(system('sles', '15.5'), archives('SLE-Product-SLES15-SP5-Updates')).outcome, 'fail');
    const off = { ...repository('rhel-7-server-els-rpms'), enabled: false };
    assert.equal(judged(system('rhel', '7.9'), { repositories: observed([off], source) }).outcome, 'fail');
  });

  it('takes Ubuntu Pro only where the server is attached and holds its archive', () => {
    const pro = (attached: boolean): Given => ({ subscription: observed({ system: 'ubuntu-pro', attached }, source) });
    const held: Given = {
      metadata: observed(
        [{ archive: 'esm', suite: 'focal-infra-security', fetchedAt: '2026-11-19T00:00:00Z' }],
        source,
      ),
    };
    const focal = system('ubuntu', '20.04');
    assert.equal(judged(focal, pro(false)).outcome, 'fail');
    assert.equal(judged(focal, { ...pro(true), ...held }).outcome, 'pass');
    assert.equal(judged(focal, pro(true)).outcome, 'undetermined');
    assert.equal(judged(focal).outcome, 'undetermined');
  });

  it('leaves open what an archive of somebody else mends', () => {
    const uri = 'https://deb.freexian.com/extended-lts';
    const repositories = observed([repository('x', uri)], source);
    assert.equal(judged(system('debian', '9'), { repositories }).outcome, 'undetermined');
    const denied = { repositories: unseen('denied', 'permission-denied', [source]) };
    assert.equal(judged(system('debian', '9'), denied).outcome, 'undetermined');
  });

  it('is part of what is concluded of the updates of a server', () => {
    const of = (versionId: string) => {
      const host = { os: observed(system('centos', versionId, 'CentOS Linux'), source) };
      const updates = {
        ...Object.fromEntries(
          'packageFamily availableUpdates advisories heldPackages brokenPackages metadata lastCheck rebootRequired kernels staleProcesses deployments subscription'
            .split(' ')
            .map((name) => [name, unseen('unsupported', 'not-recorded', [source])]),
        ),
        repositories: observed([], source),
        osBuild: unseen('not-applicable', 'linux', [source]),
        exchange: unseen('not-applicable', 'linux', [source]),
      };
      return conclude({ host, updates } as never, { at: `${day}T12:00:00Z`, catalogues })[0]?.verdict;
    };
    assert.match(of('7')?.faults.join() ?? '', /CentOS Linux 7 is out of support/);
  });
});
