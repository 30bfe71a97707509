/** What a review looked at, what a sample showed, whose signatures count: none of them says more than it is about. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Attestation } from '../../audit/attestations.ts';
import { observeProtection } from '../../audit/observe-protection.ts';
import type { Draft } from '../../collectors/collector.ts';
import type { DetectionProof, EdrDocument } from '../../schemas/generated/types.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { targetIdOf } from '../../tools/case/series.ts';
import { clamServer, collect, mdatpServer, now, server } from '../collectors/edr/machine.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

const policies = allPolicies();

describe('a review of administrators', () => {
  const series = { ...fixture('msg-2016'), from: '2021-08-01', to: '2021-08-31' };
  const entries = entriesOf(series);
  const at = (day: string): (typeof entries)[number] => {
    const entry = entries.find((each) => each.day === day);
    ok(entry);
    return entry;
  };
  const review = (reviewed: readonly object[], more: object = {}): Attestation =>
    ({
      id: 'a'.repeat(64),
      file: 'review',
      predicate: {
        kind: 'admins-reviewed',
        author: { name: 'Jane Doe', role: 'reviewer' },
        madeAt: '2021-08-20T08:00:00Z',
        targets: [targetIdOf('msg-2016')],
        reviewed,
        decision: 'accepted',
        outcome: 'All known.',
        ...more,
      },
    }) as unknown as Attestation;
  const started = (list: typeof entries, ...attestations: Attestation[]): string | undefined => {
    // A limit of no days makes the age of every day a finding, so that its start shows.
    const clocks = policies.clocks
      .filter(({ clock }) => clock.id === 'affiant-admin-review')
      .map((compiled) => ({ ...compiled, clock: { ...compiled.clock, limit: { days: 0 } } }));
    ok(clocks.length === 1);
    return auditOf(list, '2021-08-31', { policies: { ...policies, clocks }, attestations }).findings.findLast(
      ({ rule, state }) => rule === 'affiant-admin-review' && state === 'open',
    )?.start.at;
  };

  it('counts from its day where it looked at what still was so', () => {
    equal(started(entries), '2021-08-01');
    equal(started(entries, review([{ bundle: at('2021-08-20').bundle }])), '2021-08-20');
    equal(started(entries, review([{ document: at('2021-08-20').documents['admins'] }])), '2021-08-20');
  });

  it('says nothing of administrators that it did not look at: those of another server, or of nowhere', () => {
    equal(started(entries, review([{ bundle: 'b'.repeat(64) }])), '2021-08-01');
    equal(started(entries, review([{ document: at('2021-08-20').documents['edr'] }])), '2021-08-01');
  });

  it('reaches only as far as what it looked at, where others came before it was made', () => {
    const changed = entries.map((entry) =>
      entry.day <= '2021-08-10' ? entry : { ...entry, documents: { ...entry.documents, admins: 'd'.repeat(64) } },
    );
    equal(started(changed, review([{ bundle: at('2021-08-05').bundle }])), '2021-08-10');
    equal(started(changed, review([{ bundle: at('2021-08-12').bundle }])), '2021-08-20');
    const late = review([{ bundle: at('2021-08-22').bundle }]);
    equal(started(changed, late), '2021-08-01');
  });

  it('is over when it says so', () => {
    const reviewed = [{ bundle: at('2021-08-20').bundle }];
    equal(started(entries, review(reviewed, { expiresAt: '2021-08-25T00:00:00Z' })), '2021-08-01');
    equal(started(entries, review(reviewed, { expiresAt: '2021-09-25T00:00:00Z' })), '2021-08-20');
  });
});

function seenIn(edr: Draft<'edr'>, proofs: readonly Partial<DetectionProof>[] = []) {
  const list = proofs.map((proof) => ({ nonceDigest: 'a'.repeat(64), cleanedUp: true, ...proof }));
  const detectionProofs = { status: 'observed', value: list, sources: ['command:affiant prove'] };
  const document = { format: 'affiant-edr/1', blind: 'b', ...edr, detectionProofs } as unknown as EdrDocument;
  const seen = observeProtection(document, now);
  ok(seen.status === 'observed');
  return seen.value;
}

describe('a proof of detection', () => {
  const tried = (method: DetectionProof['method'], outcome: DetectionProof['outcome'], startedAt: string) => ({
    method,
    outcome,
    startedAt,
    product: 'defender-endpoint',
  });
  const early = '2026-11-20T08:00:00Z';
  const late = '2026-11-22T08:00:00Z';

  it('counts as a test where a sample was detected, and fails protection where the last one was not', async () => {
    const edr = await collect(mdatpServer());
    equal(seenIn(edr).outcome, 'pass');
    const good = seenIn(edr, [tried('eicar-on-access', 'detected', late)]);
    deepEqual([good.outcome, good.provedAt], ['pass', late]);
    const bad = seenIn(edr, [
      tried('eicar-on-access', 'detected', early),
      tried('eicar-on-access', 'not-detected', late),
    ]);
    deepEqual([bad.outcome, bad.provedAt], ['fail', early]);
    match(bad.faults.join(), /did not see what it was tried with \(eicar-on-access, 2026-11-22/);
    const mended = [tried('eicar-on-access', 'not-detected', early), tried('eicar-on-access', 'detected', late)];
    equal(seenIn(edr, mended).outcome, 'pass');
    equal(seenIn(edr, [tried('eicar-on-demand', 'detected', late), ...mended.slice(0, 1)]).outcome, 'fail');
  });

  it('is none by what records alone, or by what an exclusion lets through', async () => {
    const edr = await collect(mdatpServer());
    const other = seenIn(edr, [
      tried('auditd-canary', 'detected', late),
      tried('eicar-excluded-path', 'not-detected', late),
      tried('eicar-on-access', 'inconclusive', late),
    ]);
    deepEqual([other.outcome, other.provedAt], ['pass', undefined]);
  });
});

describe('the age of signatures', () => {
  it('is that of what works, not of a scanner beside it (symptom: a ClamAV that nobody calls kept the clock of signatures fresh)', async () => {
    const [product] = valueOf(await collect(mdatpServer()));
    const [idle] = valueOf(await collect(clamServer({ processes: ['clamd', 'freshclam'] })));
    ok(product && idle);
    const dated = (from: typeof product, date: string) => ({
      ...from,
      signatureUpdatedAt: { status: 'observed', value: { moment: { at: date }, basis: 'built' }, sources: ['x:y'] },
    });
    const edr = await collect(server({}));
    const [old, fresh] = ['2026-11-21T00:00:00Z', '2026-11-23T05:00:00Z'];
    const both = (...list: object[]) =>
      seenIn({ ...edr, products: { status: 'observed', value: list, sources: ['x:y'] } } as unknown as Draft<'edr'>);
    equal(both(dated(product, old), dated(idle, fresh)).signatureAt, old);
    equal(both(dated(product, fresh), dated(idle, old)).signatureAt, fresh);
    equal(both(dated(idle, fresh)).signatureAt, fresh);
  });
});

function valueOf({ products }: Draft<'edr'>) {
  ok(products.status === 'observed');
  return products.value;
}
