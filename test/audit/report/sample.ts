/** Audits typed by hand, after the figures of the replayed mail server; no evidence stands behind them. */
import { addDays, daysBetween } from '../../../audit/days.ts';
import type { DetectionDay, Exposure, HostAudit } from '../../../audit/model.ts';
import { evidence, exposure, finding, hex } from './pieces.ts';

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
    withinTime: [],
    reviews: [],
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
    unjudged: [],
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
    withinTime: [],
    reviews: [],
    exposures: [],
    detections: [],
    detector: [],
    adminChanges: [],
    blindSpots: [],
    counters: { missingCriticalCount: 0, missingCount: 0, firstBreachDayByClock: {} },
    unjudged: ['missing fixes', 'threat detection', 'administrators', 'second factors'],
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
    unjudged: [],
    detector: [{ from: at, to: at, outcome: 'pass', reasons: [] }],
    mfa: {
      day: at,
      cells: [{ account: 'root', way: 'ssh', kind: 'entry', requirement: 'required', witness: [], since: at }],
      outOfBand: [],
      evidence: [evidence(at)],
    },
  };
}
