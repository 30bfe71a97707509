/**
 * `npm run demo:case`: an Exchange server that stopped being updated, played day by day through the real
 * pipeline, and what would have been known when. What is assumed of the case stands in docs/case.md.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { daysBetween } from '../../audit/days.ts';
import type { Finding, HostAudit } from '../../audit/model.ts';
import { compromisedOn, detections, fixture, lastDay, noticedOn } from './fixtures.ts';
import { type PlayedCase, playCase } from './play.ts';
import { finedOn, recoverySeries, steps } from './recovery.ts';
import { demandedOn, secondFactorSeries } from './second-factor.ts';
import { targetIdOf } from './series.ts';

/** Public: the first mass scanning for ProxyShell. */
const massExploitation = '2021-08-07';

export function playMailServer(folder: string): PlayedCase {
  const targets = [targetIdOf('msg-2016')];
  const author = { name: 'Practice manager', role: 'owner' };
  return playCase(fixture('msg-2016'), folder, {
    inventory: `format: affiant-inventory/1\ndate: 2020-07-01\norganisation: A clinic\nservers:\n  - name: mail1\n    exposure: internet\n    role: mail\n    criticality: high\n    owner: Practice manager\n    compromisedOn: ${compromisedOn}\n`,
    policies: ['cyber-essentials', 'essential-eight', 'ncsc', 'pci-dss', 'bod-26-04', 'data-protection'],
    statements: [
      {
        kind: 'claim',
        author,
        madeAt: '2021-12-03T09:00:00Z',
        targets,
        asOf: `${compromisedOn}T12:00:00Z`,
        claim: { kind: 'updates-installed' },
        words: 'updates are installed',
      },
      {
        kind: 'incident-aware',
        author,
        madeAt: `${noticedOn}T10:00:00Z`,
        awareAt: `${noticedOn}T09:00:00Z`,
        what: 'Mail goes out that nobody here wrote',
        targets,
      },
    ],
  });
}

function first(audit: HostAudit, rule: string, subject?: string): Finding | undefined {
  return audit.findings
    .filter((each) => each.rule === rule && (subject === undefined || each.subject === subject))
    .toSorted((one, other) => (one.interval.from < other.interval.from ? -1 : 1))[0];
}

export function storyLines({ audit, packs, folder }: PlayedCase): string[] {
  const { counters, host } = audit;
  const day = (rule: string): string => counters.firstBreachDayByClock[rule] ?? 'never';
  const ahead = (rule: string): string =>
    `${daysBetween(day(rule), massExploitation)} days before the mass exploitation of ${massExploitation}`;
  const claim = first(audit, 'claim-contradicted', 'updates-installed');
  const review = first(audit, 'pci-10.4.1');
  const onTheDay = audit.exposures.filter(({ missing }) =>
    missing.some(({ from, to }) => from <= compromisedOn && (to ?? lastDay) >= compromisedOn),
  );
  const standing = first(audit, 'e8-jit');
  const open = (audit.mfa?.cells ?? []).filter(({ requirement }) => requirement === 'notRequired');
  return [
    `What would have been known when: ${host.names[0]}, ${packs} signed bundles, ${audit.firstDay} to ${audit.lastDay} (a replay; it proves nothing of a server)`,
    '',
    `${standing?.interval.from ?? 'never'}  ${standing?.reason ?? 'who administers it is not known'}`,
    `${day('pci-8.4')}  each of the ${new Set(open.map(({ account }) => account)).size} gets in with one factor, by ${[...new Set(open.map(({ way }) => way))].join(', ')}`,
    `${day('e8-online-crit')}  first breach by a missing update, Essential Eight, 48 hours: Sep20SU is missing; ${ahead('e8-online-crit')}`,
    `${day('ncsc-vm-internet')}  NCSC, 5 days`,
    `${day('ce-14d')}  Cyber Essentials, 14 days; ${ahead('ce-14d')}`,
    `${day('pci-6.3.3')}  PCI DSS 6.3.3, one month`,
    `${day('e8-unsupported')}  the cumulative update is out of support: Windows Update offers nothing any more`,
    `2021-04-13  Apr21SU mends what is exploited in August; it needs a newer cumulative update: ${audit.exposures.find(({ fixId }) => fixId === 'Apr21SU')?.requiresUpgrade === true ? 'said so' : 'not said'}`,
    `${compromisedOn}  the first web shell is removed by the scanner; ${onTheDay.length} updates are missing on that day, ${onTheDay.filter(({ severity }) => severity === 'critical').length} of them critical`,
    `${audit.detections[0]?.trendAlarms[0] ?? 'never'}  files of a web shell's kind keep coming back: alarm`,
    `${review?.breachDay ?? 'never'}  nobody looked at the detection: the daily review is broken`,
    `${noticedOn}  somebody notices, ${daysBetween(compromisedOn, noticedOn)} days later; ${detections.length} files were removed by then`,
    '',
    `The claim "${claim?.attestation?.text ?? 'updates are installed'}" is contradicted: ${claim?.reason.split('. ').slice(1).join('. ') ?? 'not shown'}`,
    '',
    `Days without any security update: ${counters.daysWithoutAnySecurityUpdate}. Missing at the end: ${counters.missingCount}, critical ${counters.missingCriticalCount}. Broken ${counters.daysBreachedBeforeCompromise} days before the compromise.`,
    `Report: ${join(folder, 'report.html')}`,
    `Ask it yourself: npm run -s affiant -- as-of ${compromisedOn} --packs ${join(folder, 'packs')} --key ${join(folder, 'server.pem')} --key ${join(folder, 'person.pem')} --log-key ${join(folder, 'log.vkey')} --inventory ${join(folder, 'inventory.yaml')} --attestations ${join(folder, 'attestations')}`,
  ];
}

export async function playSecondFactor(folder: string): Promise<PlayedCase> {
  const series = await secondFactorSeries();
  return playCase(series, folder, {
    inventory: `format: affiant-inventory/1\ndate: 2024-01-01\nservers:\n  - target: ${targetIdOf(series.name)}\n    exposure: internet\n    role: mail gateway\n    criticality: high\n`,
    policies: ['cyber-essentials', 'essential-eight', 'pci-dss'],
    statements: [
      {
        kind: 'claim',
        author: { name: 'IT contractor', role: 'owner' },
        madeAt: '2024-06-03T09:00:00Z',
        targets: [targetIdOf(series.name)],
        asOf: '2024-03-01T12:00:00Z',
        claim: { kind: 'second-factor-required' },
        words: 'administrators use a second factor',
      },
    ],
  });
}

function secondFactorLines({ audit, packs, folder }: PlayedCase): string[] {
  const open = audit.findings
    .filter(({ rule }) => rule === 'pci-8.4')
    .toSorted((one, other) => (one.interval.from < other.interval.from ? -1 : 1));
  const claim = first(audit, 'claim-contradicted');
  const ssh = (audit.mfa?.cells ?? []).filter(({ way, since }) => way === 'ssh' && since === demandedOn);
  const of = (requirement: string): number => ssh.filter((cell) => cell.requirement === requirement).length;
  return [
    '',
    `No second factor for five months: ${audit.host.names[0]}, ${packs} signed bundles, ${audit.firstDay} to ${audit.lastDay}`,
    ...open
      .slice(0, 4)
      .map(
        ({ interval, title, reason }) =>
          `${interval.from}  ${title}${interval.to === undefined ? '' : `, until ${interval.to}`}: ${reason}`,
      ),
    `${demandedOn}  sshd demands a key and a password: of ${ssh.length} ways by ssh ${of('pathDisabled')} is closed, ${of('required')} asks for two factors, ${of('undetermined')} are not known (${ssh.find((cell) => cell.requirement === 'undetermined')?.witness[0] ?? ''}); the console still takes one factor`,
    `The claim "${claim?.attestation?.text ?? ''}" is contradicted: ${claim?.reason.split('. ').slice(1).join('. ') ?? 'not shown'}`,
    `Report: ${join(folder, 'report.html')}`,
  ];
}

/** After the fine: what closes the items of the plan, and when. */
export async function playRecovery(folder: string): Promise<PlayedCase> {
  const series = await recoverySeries();
  const targets = [targetIdOf(series.name)];
  return playCase(series, folder, {
    inventory: `format: affiant-inventory/1\ndate: ${finedOn}\norganisation: A clinic\nservers:\n  - name: mail1\n    exposure: internet\n    role: mail\n    criticality: high\n    owner: IT operations\n`,
    policies: ['cyber-essentials', 'essential-eight', 'pci-dss'],
    plan: join(import.meta.dirname, '../../docs/examples/odpa-msg-plan.yaml'),
    statements: [
      {
        kind: 'detection-acknowledged',
        author: { name: 'Jane Doe', role: 'reviewer' },
        madeAt: `${steps.reviewedOn}T09:00:00Z`,
        targets,
        detections: { upTo: `${steps.reviewedOn}T08:00:00Z` },
        disposition: 'incident',
        outcome: 'A file of August 2021 that a backup brought back; removed, and the backup with it.',
      },
      {
        kind: 'claim',
        author: { name: 'John Roe', role: 'officer' },
        madeAt: '2025-12-15T10:00:00Z',
        targets,
        asOf: '2025-12-15T10:00:00Z',
        claim: { kind: 'other' },
        words: 'Item payment: the first part of the fine was paid.',
      },
    ],
  });
}

export function recoveryLines({ audit, packs, folder, plan }: PlayedCase): string[] {
  return [
    '',
    `After the fine: ${audit.host.names[0]}, ${packs} signed bundles, ${audit.firstDay} to ${audit.lastDay}; ${plan?.title ?? ''}`,
    ...(plan?.items ?? []).map(
      ({ id, state, doneOn, text }) =>
        `${state === 'done' ? doneOn : '          '}  ${state.padEnd(12)} ${id}: ${text}`,
    ),
    `Report: ${join(folder, 'report.html')}`,
  ];
}

if (import.meta.main) {
  const [given] = process.argv.slice(2);
  const folder = given === undefined ? mkdtempSync(join(tmpdir(), 'affiant-case-')) : resolve(given);
  const began = performance.now();
  process.stdout.write(`${storyLines(playMailServer(join(folder, 'mail-server'))).join('\n')}\n`);
  process.stdout.write(`${recoveryLines(await playRecovery(join(folder, 'recovery'))).join('\n')}\n`);
  process.stdout.write(`${secondFactorLines(await playSecondFactor(join(folder, 'second-factor'))).join('\n')}\n`);
  process.stdout.write(
    `\n${((performance.now() - began) / 1000).toFixed(1)} s, ${(process.cpuUsage().user / 1e6).toFixed(1)} s of one core\n`,
  );
}
