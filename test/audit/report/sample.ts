/** An audit typed by hand, after the figures of the replayed mail server; no evidence stands behind it. */
import { addDays, daysBetween, dueOf, type Limit } from '../../../audit/days.ts';
import type {
  ClockRef,
  DetectionDay,
  EvidenceRef,
  Exposure,
  ExposureClock,
  Finding,
  HostAudit,
} from '../../../audit/model.ts';
import type { ReportContext } from '../../../audit/report/context.ts';

const hex = (seed: number): string => (seed + 1).toString(16).padStart(4, '0').repeat(16);

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

const clock = (id: string, title: string, limit: string, verified = true): ClockRef => ({
  id,
  title,
  limit,
  source: `${title}, 2023`,
  verified,
  status: 'in-force',
});

const rules: readonly (readonly [ClockRef, Limit])[] = [
  [clock('e8-online-crit', 'Essential Eight, critical', '48 hours'), { hours: 48 }],
  [clock('ncsc-vm-internet', 'NCSC, internet-facing', '5 days'), { days: 5 }],
  [clock('ce-14d', 'Cyber Essentials', '14 days'), { days: 14 }],
  [clock('pci-6.3.3', 'PCI DSS 6.3.3', '1 month', false), { months: 1 }],
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

/** The mail server on the last day of 2021, 549 days. */
export function mailServer(): HostAudit {
  const at = '2021-12-31';
  const first = '2020-07-01';
  const releases: readonly (readonly [string, string, Exposure['severity']])[] = [
    ['Sep20SU', '2020-09-08', 'critical'],
    ['Oct20SU', '2020-10-13', 'high'],
    ['Nov20SU', '2020-11-10', 'high'],
    ['Dec20SU', '2020-12-08', 'critical'],
    ['Mar21SU', '2021-03-02', 'critical'],
    ['Apr21SU', '2021-04-13', 'critical'],
    ['May21SU', '2021-05-11', 'high'],
    ['Jul21SU', '2021-07-13', 'high'],
    ['Nov21SU', '2021-11-09', 'critical'],
  ];
  const detections: DetectionDay[] = [];
  let total = 0;
  for (let day = '2021-08-16'; day <= '2021-11-16'; day = addDays(day, 1)) {
    const number = daysBetween('2021-08-16', day);
    const fresh = number === 0 ? 4 : number % 7 === 3 ? 3 : number % 11 === 0 ? 1 : 0;
    total += fresh;
    detections.push({ day, total, fresh });
  }
  const accounts = ['svc-backup', 'adm.lebrun', 'Administrator', 'ext.supplier@partner.example', 'mailroot'];
  return {
    host: { id: hex(3), targetIds: [hex(3)], names: ['mail-01.example.gg'], joinedBy: [] },
    inventory: {
      exposure: 'internet',
      role: 'mail server',
      criticality: 'high',
      owner: 'IT operations',
      inInventory: true,
    },
    at,
    firstDay: first,
    lastDay: at,
    bundles: 529,
    findings: releases.map(([id, day]) => finding(id, day)),
    exposures: releases.map(([id, day, severity], index) =>
      exposure(id, day, at, {
        severity,
        requiresUpgrade: index > 4,
        ...(id === 'May21SU' && { exploitKnownAt: '2021-08-06' }),
      }),
    ),
    detections: [
      {
        product: 'Microsoft Defender Antivirus',
        days: detections,
        firstAt: '2021-08-16',
        total: 54,
        acknowledged: false,
        trendAlarms: ['2021-08-19'],
      },
    ],
    detector: [
      {
        from: first,
        to: '2020-10-31',
        outcome: 'fail',
        reasons: ['the folder of the web server is excluded from scanning'],
      },
      { from: '2020-11-01', to: '2020-11-20', outcome: 'no-evidence', reasons: ['no evidence came'] },
      {
        from: '2020-11-21',
        to: '2021-02-28',
        outcome: 'fail',
        reasons: ['the folder of the web server is excluded from scanning'],
      },
      {
        from: '2021-03-01',
        to: '2021-03-20',
        outcome: 'undetermined',
        reasons: ['the exclusions could not be read: access denied'],
      },
      {
        from: '2021-03-21',
        to: '2021-10-31',
        outcome: 'fail',
        reasons: ['the folder of the web server is excluded from scanning', 'alerts are forwarded to nobody'],
      },
      { from: '2021-11-01', to: at, outcome: 'pass', reasons: [] },
    ],
    adminChanges: [
      {
        day: '2021-05-03',
        kind: 'added',
        account: 'ext.supplier@partner.example',
        ways: ['Domain Admins'],
        evidence: evidence('2021-05-03', 300),
      },
      {
        day: '2021-12-10',
        kind: 'removed',
        account: 'adm.old',
        ways: ['Organization Management'],
        evidence: evidence('2021-12-10', 500),
      },
    ],
    mfa: {
      day: at,
      cells: accounts.flatMap((account, index) => [
        {
          account,
          way: 'OWA',
          kind: 'entry' as const,
          requirement: 'notRequired',
          factors: ['password'],
          witness: ['POST /owa/auth.owa with a password', 'Basic authentication is enabled'],
          since: first,
        },
        {
          account,
          way: 'RDP',
          kind: 'entry' as const,
          requirement: index === 0 ? 'undetermined' : 'required',
          witness: ['an agent asks'],
          since: '2021-12-02',
        },
        {
          account,
          way: 'console',
          kind: 'entry' as const,
          requirement: index === 2 ? 'requiredWithBypass' : 'pathDisabled',
          witness: ['a bypass code'],
          since: first,
        },
      ]),
      outOfBand: ['the hypervisor’s console', 'the management processor'],
      evidence: [evidence(at, 528)],
    },
    blindSpots: [
      { what: 'Exclusions of the detector', reason: 'access denied', from: '2021-03-01', to: '2021-03-20' },
      { what: 'Forwarding of events', reason: 'this host cannot answer', from: first },
    ],
    counters: {
      daysWithoutAnySecurityUpdate: 541,
      missingCriticalCount: 5,
      missingCount: 9,
      oldestMissingCriticalAgeDays: 479,
      oldestMissingAgeDays: 479,
      firstBreachDayByClock: { 'e8-online-crit': '2020-09-11', 'ce-14d': '2020-09-23' },
      daysBreachedBeforeCompromise: 339,
    },
    history: {
      replayed: true,
      gaps: [{ chainId: hex(9), fromSequence: 123, toSequence: 124, after: '2021-06-01', before: '2021-06-04' }],
      faults: [],
      stale: [{ after: '2020-10-31T03:00:04Z', bundle: hex(122), from: '2020-11-01', to: '2020-11-20' }],
      duplicates: [],
    },
  };
}

/** A server of which nothing was verified. */
export function emptyHost(): HostAudit {
  return {
    host: { id: hex(4), targetIds: [hex(4)], names: [], joinedBy: [] },
    inventory: { exposure: 'unknown', inInventory: false },
    at: '2026-11-29',
    bundles: 0,
    findings: [],
    exposures: [],
    detections: [],
    detector: [],
    adminChanges: [],
    blindSpots: [],
    counters: { missingCriticalCount: 0, missingCount: 0, firstBreachDayByClock: {} },
    history: { replayed: false, gaps: [], faults: [], stale: [], duplicates: [] },
  };
}

/** One day of a server in order. */
export function goodHost(): HostAudit {
  const at = '2026-11-29';
  return {
    ...emptyHost(),
    host: { id: hex(5), targetIds: [hex(5)], names: ['web-02'], joinedBy: [] },
    inventory: { exposure: 'internal', inInventory: true },
    at,
    firstDay: at,
    lastDay: at,
    bundles: 1,
    detector: [{ from: at, to: at, outcome: 'pass', reasons: [] }],
    mfa: {
      day: at,
      cells: [{ account: 'root', way: 'ssh', kind: 'entry', requirement: 'required', witness: [], since: at }],
      outOfBand: [],
      evidence: [evidence(at)],
    },
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
