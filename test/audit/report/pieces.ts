/** Pieces of audits, typed by hand; no evidence stands behind them. */
import { addDays, daysBetween, dueOf, type Limit } from '../../../audit/days.ts';
import type { ClockRef, EvidenceRef, Exposure, ExposureClock, Finding } from '../../../audit/model.ts';
import type { ReportContext } from '../../../audit/report/context.ts';

export const hex = (seed: number): string => (seed + 1).toString(16).padStart(4, '0').repeat(16);

export const evidence = (day: string, seed = 0): EvidenceRef => ({
  bundle: hex(seed),
  file: `packs/${day}.json`,
  claimedAt: `${day}T03:00:04Z`,
  logIndex: seed,
  document: 'updates',
  documentDigest: hex(seed + 7),
  pointer: '/facts/exchange',
  sources: ['file:C:\\Program Files\\Exchange\\bin\\ExSetup.exe'],
  says: 'ExSetup.exe is 15.1.2044.4',
});

const clock = (id: string, book: string, title: string, limit: string, verified = true): ClockRef => ({
  id,
  title,
  limit,
  source: `${book}: requirements of 2023`,
  verified,
  status: 'in-force',
});

const rules: readonly (readonly [ClockRef, Limit])[] = [
  [clock('e8-online-crit', 'Essential Eight', 'Online services, critical', '48 hours'), { hours: 48 }],
  [clock('ncsc-vm-internet', 'NCSC', 'Internet-facing services', '5 days'), { days: 5 }],
  [clock('ce-14d', 'Cyber Essentials', 'Critical updates within 14 days', '14 days'), { days: 14 }],
  [clock('pci-6.3.3', 'PCI DSS 6.3.3', 'Critical patches', '1 month', false), { months: 1 }],
];

export function exposure(fixId: string, from: string, at: string, more: Partial<Exposure> = {}): Exposure {
  const clocks: ExposureClock[] = rules.map(([rule, limit]) => {
    const { dueDay, breachDay } = dueOf(from, limit);
    return {
      clock: rule,
      start: { kind: 'fix-release', at: from, text: `the vendor released ${fixId}` },
      dueDay,
      breachDay,
      state: breachDay <= at ? 'breached' : 'running',
      later: [],
      assumed: [],
    };
  });
  return {
    fixId,
    product: 'exchange-2016',
    title: `Security update ${fixId}`,
    cves: ['CVE-2020-16875'],
    severity: 'critical',
    cvss: 8.4,
    releasedAt: from,
    requiresUpgrade: false,
    missing: [{ from, why: 'the build is older than the fixed one' }],
    ageDays: daysBetween(from, at),
    clocks,
    evidence: [evidence(from)],
    ...more,
  };
}

export function finding(fixId: string, from: string, more: Partial<Finding> = {}): Finding {
  const [rule, limit] = rules[2] ?? [];
  return {
    id: `F-${fixId.toLowerCase()}`,
    hostId: hex(3),
    host: 'mail-01',
    rule: 'ce-14d',
    subject: fixId,
    verdict: 'fail',
    level: 'breach',
    title: `${fixId} is missing for longer than Cyber Essentials allows`,
    reason: `The vendor released ${fixId} on ${from}. The program file on the server is older than the fixed build.`,
    ...(rule && limit && { clock: rule, ...dueOf(from, limit), interval: { from: dueOf(from, limit).breachDay } }),
    controls: [{ id: 'ce-sum', source: 'Cyber Essentials 3.3, security update management', verified: true }],
    start: { kind: 'fix-release', at: from, text: 'fix released' },
    interval: { from: addDays(from, 15) },
    evidence: [evidence(from)],
    state: 'open',
    ...more,
  };
}

export function context(bundles = 549, more: Partial<ReportContext> = {}): ReportContext {
  return {
    version: '0.1.0',
    bundles: Array.from({ length: bundles }, (_unused, index) => ({
      bundle: hex(index),
      file: `packs/${index}.json`,
      claimedAt: `${addDays('2020-07-01', index)}T03:00:04Z`,
      logIndex: index,
      receipt: 'verified',
    })),
    refused: [],
    keyIds: [hex(1)],
    logKey: 'log.example+cf2f4d5f+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    ...more,
  };
}
