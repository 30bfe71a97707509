/** Statements of persons and inventories against the evidence. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { openSignedText, signText } from '../../audit/signed-text.ts';
import { signAttestation } from '../../evidence/attestation.ts';
import { createPrivateKeyPem, signerFromPem, verificationKeyOf } from '../../evidence/signing-key.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { targetIdOf } from '../../tools/case/series.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

const policies = allPolicies();

describe('what persons say', () => {
  const entries = entriesOf({ ...fixture('msg-2016'), from: '2021-08-01', to: '2021-08-31' });
  const targets = [targetIdOf('msg-2016')];
  const signer = signerFromPem(createPrivateKeyPem(), 'file');
  ok(signer.ok);
  const person = signer.value;
  const attest = (predicate: object): { id: string; file: string; predicate: never } => {
    const signed = signAttestation({ author: { name: 'Jane Doe', role: 'owner' }, targets, ...predicate }, person);
    ok(signed.ok, JSON.stringify(signed));
    const payload = JSON.parse(Buffer.from(signed.value.bundle.dsseEnvelope.payload, 'base64').toString('utf8')) as {
      predicate: never;
    };
    return { id: signed.value.digest, file: 'a', predicate: payload.predicate };
  };
  const audit = (attestations: readonly ReturnType<typeof attest>[]): ReturnType<typeof auditOf> =>
    auditOf(entries, '2021-08-31', { policies, attestations });

  it('ends a review of detections only up to what was acknowledged', () => {
    const acknowledge = (upTo: string, madeAt: string): ReturnType<typeof attest> =>
      attest({
        kind: 'detection-acknowledged',
        madeAt,
        detections: { upTo },
        disposition: 'incident',
        outcome: 'Web shells; taken from the net.',
      });
    const early = audit([acknowledge('2021-08-17T00:00:00Z', '2021-08-17T08:00:00Z')]).findings.find(
      ({ rule }) => rule === 'pci-10.4.1',
    );
    equal(early?.breachDay, '2021-08-19');
    const all = audit([acknowledge('2021-08-31T22:59:00Z', '2021-08-31T23:00:00Z')]).findings.find(
      ({ rule }) => rule === 'pci-10.4.1',
    );
    deepEqual(
      [all?.state, all?.interval.from, all?.interval.to, all?.ended?.by],
      ['ended', '2021-08-18', '2021-08-30', 'attestation'],
    );
  });
  const exception = (kind: string, id: string, expiresAt = '2021-09-30T00:00:00Z'): ReturnType<typeof attest> =>
    attest({
      kind: 'exception',
      madeAt: '2021-08-02T08:00:00Z',
      expiresAt,
      about: { kind, id },
      reason: 'Migration in September',
      compensatingMeasure: 'Taken from the internet',
      owner: 'Jane Doe',
    });
  const foundOn = (fix: string, ...attestations: ReturnType<typeof attest>[]) =>
    audit(attestations).findings.filter(({ subject, rule }) => subject === fix && rule === 'ce-14d');
  it('suspends what an exception names until it expires, and no longer', () => {
    const of = (expiresAt: string): string[] =>
      foundOn('Apr21SU', exception('fix', 'Apr21SU', expiresAt)).map(({ state }) => state);
    deepEqual(of('2021-09-30T00:00:00Z'), ['suspended']);
    deepEqual(of('2021-08-30T00:00:00Z'), ['open']);
    deepEqual(
      foundOn('Mar21SU', exception('fix', 'Apr21SU')).map(({ state }) => state),
      ['open'],
    );
  });
  it('bears no update for one of the holes that it mends', () => {
    const [open] = foundOn('Apr21SU', exception('fix', 'CVE-2021-34473'));
    equal(open?.state, 'open');
    match(open.attestation?.text ?? '', /for CVE-2021-34473 alone, not for CVE-/);
    const cves = audit([]).exposures.find(({ fixId }) => fixId === 'Apr21SU')?.cves ?? [];
    ok(cves.length > 1);
    equal(foundOn('Apr21SU', ...cves.map((id) => exception('fix', id)))[0]?.state, 'suspended');
    const expired = cves.map((id, at) => exception('fix', id, at === 0 ? '2021-08-20T00:00:00Z' : undefined));
    equal(foundOn('Apr21SU', ...expired)[0]?.state, 'open');
  });
  it('bears no breach of several controls for one of them', () => {
    const controls = foundOn('Apr21SU')[0]?.controls.map(({ id }) => id) ?? [];
    ok(controls.length > 1, controls.join());
    const [open] = foundOn('Apr21SU', exception('control', controls[0] ?? ''));
    equal(open?.state, 'open');
    ok(open.attestation?.text.includes(`for ${controls[0]} alone, not for ${controls[1]}`), open.attestation?.text);
    equal(foundOn('Apr21SU', ...controls.map((id) => exception('control', id)))[0]?.state, 'suspended');
    equal(foundOn('Apr21SU', exception('clock', 'ce-14d'))[0]?.state, 'suspended');
  });
  it('takes no account for a fix that has its name', () => {
    const states = (list: ReturnType<typeof audit>) => list.findings.map(({ state }) => state);
    const all = audit([]);
    const fixes = new Set(all.exposures.map(({ fixId }) => fixId));
    const other = all.findings.find(({ subject, state }) => state === 'open' && !fixes.has(subject));
    ok(other !== undefined);
    deepEqual(states(audit([exception('fix', other.subject)])), states(all));
  });
  it('turns a claim that evidence contradicts into a finding, with that evidence, and leaves a true one', () => {
    const claim = (kind: object, words: string): ReturnType<typeof attest> =>
      attest({ kind: 'claim', madeAt: '2021-08-20T08:00:00Z', asOf: '2021-08-16T12:00:00Z', claim: kind, words });
    const lies = audit([
      claim({ kind: 'updates-installed' }, 'All updates are installed.'),
      claim({ kind: 'no-detections' }, 'Nothing was found.'),
      claim({ kind: 'detection-active' }, 'The scanner works.'),
      claim({ kind: 'fix-installed', fix: 'CVE-2021-26855' }, 'ProxyLogon is mended.'),
      claim({ kind: 'not-exposed' }, 'It is not on the internet.'),
    ]);
    const found = lies.findings.filter(({ rule }) => rule === 'claim-contradicted');
    deepEqual(found.map(({ subject }) => subject).toSorted(), [
      'detection-active',
      'fix-installed',
      'no-detections',
      'not-exposed',
      'updates-installed',
    ]);
    for (const finding of found) ok(finding.evidence.length > 0, finding.subject);
    match(
      found.find(({ subject }) => subject === 'updates-installed')?.reason ?? '',
      /9 updates missing on that day, 4 of them critical/,
    );
    deepEqual(
      audit([claim({ kind: 'fix-installed', fix: 'CVE-2020-0688' }, 'That one is in.')]).findings.filter(
        ({ rule }) => rule === 'claim-contradicted',
      ),
      [],
    );
  });
  it('starts the clock of notification where somebody was aware, and claims no notification', () => {
    const aware = attest({
      kind: 'incident-aware',
      madeAt: '2021-08-20T10:00:00Z',
      awareAt: '2021-08-20T09:00:00Z',
      what: 'Strange mail',
    });
    const finding = audit([aware]).findings.find(({ rule }) => rule === 'breach-notify');
    deepEqual([finding?.breachDay, finding?.verdict], ['2021-08-23', 'undetermined']);
  });
  it('takes an inventory only whole, signed, and by a trusted key', () => {
    const text = 'format: affiant-inventory/1\n';
    const signature = signText(text, 'inventory.yaml', person);
    const key = verificationKeyOf(person);
    const trusted = (id: string): typeof key | undefined => (id === key.keyId ? key : undefined);
    ok(openSignedText(text, signature, trusted).ok);
    const code = (result: ReturnType<typeof openSignedText>): string => (result.ok ? '' : result.refusal.code);
    equal(code(openSignedText(`${text}date: 2026-01-01\n`, signature, trusted)), 'text-changed');
    equal(code(openSignedText(text, signature, () => undefined)), 'key-unknown');
    const forged = Buffer.from(signature)
      .toString('utf8')
      .replace(
        /("sig":"M[A-Za-z0-9+/]{40})([A-Za-z0-9+/])/,
        (_all, start: string, char: string) => `${start}${char === 'A' ? 'B' : 'A'}`,
      );
    equal(openSignedText(text, Buffer.from(forged), trusted).ok, false);
  });
});

describe('an unknown exposure', () => {
  it('takes the stricter clock, and says so', () => {
    const entries = entriesOf({ ...fixture('msg-2016'), from: '2020-09-01', to: '2020-09-30' });
    const audit = auditOf(entries, '2020-09-30', {
      policies,
      inventory: { format: 'affiant-inventory/1', date: '2020-07-01', servers: [] },
    });
    const clock = audit.exposures[0]?.clocks.find((each) => each.clock.id === 'e8-online-crit');
    equal(clock?.breachDay, '2020-09-11');
    match(clock?.assumed.join() ?? '', /exposure is not known/);
    match(
      audit.findings.find(({ rule }) => rule === 'e8-online-crit')?.reason ?? '',
      /as if it were reached from the internet/,
    );
  });
  it('is contradicted where the inventory says internal and Exchange publishes an address', () => {
    const entries = entriesOf({ ...fixture('msg-2016'), from: '2020-09-01', to: '2020-09-05' });
    const audit = auditOf(entries, '2020-09-05', {
      policies,
      inventory: {
        format: 'affiant-inventory/1',
        date: '2020-07-01',
        servers: [{ name: 'MAIL1.example.org', exposure: 'internal' }],
      },
    });
    equal(audit.findings.find(({ rule }) => rule === 'inventory-contradicted')?.subject, 'exposure');
  });
});
