/** The report of a server and of a fleet for a terminal: the six answers first. */
import type { FleetAudit, HostAudit } from '../../../audit/model.ts';
import type { PlanProgress } from '../../../audit/plan/progress.ts';
import { openFailures, stillMissing, type Tone } from '../../../audit/report/answer.ts';
import { answersOf } from '../../../audit/report/answers.ts';
import { lateClocks } from '../../../audit/report/answers-late.ts';
import type { ReportContext } from '../../../audit/report/context.ts';
import { type FleetState, rankedHosts, silentSince } from '../../../audit/report/fleet-state.ts';
import { noticesOf } from '../../../audit/report/notices.ts';
import { bookOf } from '../../../audit/report/words.ts';
import { planLines } from './plan.ts';
import { type Row, type Style, tableLines } from './table.ts';

const marks: Readonly<Record<Tone, string>> = { bad: '!', good: '+', unknown: '?' };
const shownFindings = 30;

export function hostLines(
  audit: HostAudit,
  context: ReportContext,
  plan: PlanProgress | undefined,
  width: number,
  style: Style,
): string[] {
  const paint: Readonly<Record<Tone, (text: string) => string>> = {
    bad: style.attention,
    good: style.good,
    unknown: style.attention,
  };
  const name = audit.host.names[0] ?? audit.host.id;
  const answers = answersOf(audit).flatMap(({ question, tone, sentences }): string[] => [
    '',
    ...tableLines(
      [
        [
          { text: marks[tone], style: paint[tone] },
          { text: question, style: style.bold },
        ],
      ],
      width,
      [1],
      0,
    ),
    ...tableLines(
      sentences.map((text): Row => [{ text }]),
      width,
      [],
      3,
    ),
  ]);
  const open = audit.findings.filter(({ state }) => state === 'open');
  const findings = open
    .slice(0, shownFindings)
    .map(
      ({ id, verdict, level, title, interval }): Row => [
        { text: verdict === 'fail' ? `! ${level}` : '? undecided', style: style.attention },
        { text: interval.from },
        { text: id },
        { text: title },
      ],
    );
  return [
    ...tableLines([[{ text: `${name}, state of ${audit.at}`, style: style.bold }]], width, [], 0),
    ...tableLines(
      noticesOf(audit, context).map((text): Row => [{ text: '!', style: style.attention }, { text }]),
      width,
      [1],
      0,
    ),
    ...answers,
    ...(findings.length === 0
      ? []
      : [
          '',
          style.bold('Open findings'),
          ...tableLines(findings, width, [12, 10, 16]),
          ...(open.length > shownFindings ? [`  and ${open.length - shownFindings} more (--format json)`] : []),
        ]),
    ...(plan === undefined ? [] : ['', ...planLines(plan, width, style)]),
    '',
    ...tableLines(
      [
        [
          {
            text: `From ${audit.bundles} verified bundles; \`affiant explain FINDING\` names the evidence of a finding, --out FILE.html writes the whole report.`,
          },
        ],
      ],
      width,
      [],
      0,
    ),
  ];
}

const stateWords: Readonly<Record<FleetState, string>> = {
  wrong: '! broken rule',
  silent: '? silent',
  'not-known': '? not known',
  'in-order': '+ in order',
};

export function fleetLines(fleet: FleetAudit, plan: PlanProgress | undefined, width: number, style: Style): string[] {
  const rows = rankedHosts(fleet).map(({ audit, state, late }): Row => {
    const silent = silentSince(audit);
    const clock = late ?? lateClocks(audit)[0];
    const story = [
      ...(clock === undefined ? [] : [`${bookOf(clock.clock)} since ${clock.breachDay}`]),
      `${audit.exposures.filter(stillMissing).length} fixes missing`,
      `${openFailures(audit).length} open findings`,
      ...(silent === undefined ? [] : [audit.bundles === 0 ? 'never seen' : `silent since ${silent}`]),
    ];
    return [
      { text: stateWords[state], style: state === 'in-order' ? style.good : style.attention },
      { text: audit.host.names[0] ?? audit.host.id },
      { text: story.join('; ') },
    ];
  });
  return [
    style.bold(`${fleet.hosts.length} servers, state of ${fleet.at}, the worst first`),
    ...(rows.length === 0 ? ['  ? no evidence of any server was verified'] : tableLines(rows, width, [13, 40])),
    ...(plan === undefined ? [] : ['', ...planLines(plan, width, style)]),
  ];
}
