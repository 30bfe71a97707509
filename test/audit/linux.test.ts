/** Linux servers whose distribution nobody mends any more, in findings over many bundles. */
import { deepEqual, equal, match } from 'node:assert/strict';
import type { HistoryEntry } from '../../audit/history-model.ts';
import { observe, observeMemory } from '../../audit/observe.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { observed, unseen } from '../../collectors/fact.ts';
import type { OperatingSystem } from '../../schemas/generated/types.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

const policies = allPolicies();
const source = 'file:/etc/os-release';
const place = { document: 'host', pointer: '/os', sources: [source] };

type Paid = NonNullable<HistoryEntry['seen']['paidFixes']>;

function running(
  osOn: (day: string) => OperatingSystem,
  paidOn: (day: string) => Paid | undefined = () => ({ vendor: false, others: false }),
  from = '2024-06-28',
  to = '2024-07-03',
) {
  const entries = entriesOf({ ...fixture('good'), from, to }).map((entry) => {
    const paidFixes = paidOn(entry.day);
    return {
      ...entry,
      seen: {
        unseen: [],
        linux: { ...place, status: 'observed' as const, value: osOn(entry.day) },
        ...(paidFixes !== undefined && { paidFixes }),
      },
    };
  });
  return auditOf(entries, to, { policies }).findings;
}

const linux = (id: string, versionId: string): OperatingSystem => ({ family: 'linux', id, versionId });
const unsupported = (findings: ReturnType<typeof running>) =>
  findings
    .filter(({ rule }) => rule === 'ce-unsupported')
    .map(({ subject, verdict, interval: { from, to } }) => [subject, verdict, from, to]);

describe('support of Linux over time', () => {
  it('is a finding from the day after its end until something newer runs', () => {
    const seven = linux('centos', '7');
    deepEqual(unsupported(running(() => seven)), [['centos-7', 'fail', '2024-07-01', undefined]]);
    const moved = running((day) => (day < '2024-07-03' ? seven : linux('almalinux', '9.4')));
    deepEqual(unsupported(moved), [['centos-7', 'fail', '2024-07-01', '2024-07-02']]);
    deepEqual(unsupported(running(() => linux('debian', '12'))), []);
    deepEqual(unsupported(running(() => linux('arch', 'rolling'))), []);
  });

  it('is none where fixes are paid for, and not known where that was not seen or somebody else may mend it', () => {
    const seven = linux('rhel', '7.9');
    const paid = (fixes: Paid) =>
      unsupported(
        running(
          () => seven,
          () => fixes,
        ),
      );
    deepEqual(paid({ vendor: true, others: false }), []);
    deepEqual(paid({ vendor: false, others: false }), [['rhel-7', 'fail', '2024-07-01', undefined]]);
    deepEqual(paid({ vendor: 'unseen', others: false }), [['rhel-7', 'undetermined', '2024-07-01', undefined]]);
    deepEqual(paid({ vendor: false, others: 'an archive' }), [['rhel-7', 'undetermined', '2024-07-01', undefined]]);
  });

  it('keeps what was known of the archives over bundles that did not ask for updates', () => {
    const paid = (day: string): Paid | undefined =>
      day === '2024-06-28' ? { vendor: true, others: false } : undefined;
    deepEqual(unsupported(running(() => linux('rhel', '7.9'), paid)), []);
  });

  it('is not known of what the catalogue does not have', () => {
    const [gap] = running(() => linux('linuxmint', '22')).filter(({ rule }) => rule === 'catalogue-gap');
    equal(gap?.verdict, 'undetermined');
    match(gap.reason, /until when linuxmint 22 is supported/);
  });

  it('is read from the documents of a bundle', () => {
    const updates = {
      subscription: unseen('not-applicable', 'none', [source]),
      repositories: observed([], source),
      metadata: observed([], source),
    };
    const drafts = { host: { os: observed(linux('rhel', '7.9'), source) }, updates } as unknown as Drafts;
    const documents = new Map(
      Object.entries(drafts).map(([name, document]): [string, { digest: string; document: object }] => [
        name,
        { digest: name, document: Object.assign(blank(), document) },
      ]),
    );
    const { linux: found, paidFixes } = observe(documents, '2026-11-20T12:00:00Z', observeMemory());
    deepEqual([found?.status, paidFixes], ['observed', { vendor: false, others: false }]);
  });
});

/** A document in which every other fact was not seen. */
function blank(): object {
  const fact = unseen('unsupported', 'not-recorded', [source]);
  const names =
    'hostname machineId smbiosUuid sshHostKeys exchange exchangeServer exchangeClaims windowsUpdateHistory osBuild hotpatch supportLicences sqlInstances pendingReboot rebootRequired availableUpdates advisories packageFamily';
  return Object.fromEntries(names.split(' ').map((name) => [name, fact]));
}
