import type { FleetAudit, HostAudit } from '../model.ts';
import type { PlanProgress } from '../plan/progress.ts';
import { openFailures, stillMissing, type Tone, toneWords } from './answer.ts';
import { answersOf } from './answers.ts';
import type { ReportContext } from './context.ts';
import { type FleetState, type RankedHost, rankedHosts, silentSince } from './fleet-state.ts';
import { html, type Piece } from './html.ts';
import { name, page, section } from './page.ts';
import { refusedTable, verifySection } from './sections/evidence.ts';
import { planSection } from './sections/plan.ts';
import { bookOf, count, dayText, lasting } from './words.ts';

/** Worst first. Silence stands beside what is wrong: a server that says nothing is not in order. */
const states: readonly {
  readonly state: FleetState;
  readonly mark: string;
  readonly word: string;
  readonly tone: Tone;
}[] = [
  { state: 'wrong', mark: '✗', word: 'attention', tone: 'bad' },
  { state: 'silent', mark: '…', word: 'silent', tone: 'unknown' },
  { state: 'not-known', mark: '?', word: 'not known', tone: 'unknown' },
  { state: 'in-order', mark: '✓', word: 'in order', tone: 'good' },
];

/** The file beside the fleet's in which a server's own page is written. */
export type FileOf = (audit: HostAudit) => string;

/** The report of a fleet: one HTML file, the worst server first. Servers are links where their pages lie beside it. */
export function fleetPage(fleet: FleetAudit, context: ReportContext, plan?: PlanProgress, fileOf?: FileOf): string {
  const rows = rankedHosts(fleet);
  const numbers = states.map((each) => ({ ...each, count: rows.filter(({ state }) => state === each.state).length }));
  const silent = rows.filter(({ audit }) => silentSince(audit) !== undefined);
  return page({
    title: count(rows.length, 'server'),
    lede: `State of ${dayText(fleet.at)}, the worst first.`,
    notices: [
      ...(context.notices ?? []),
      ...(rows.some(({ audit }) => audit.history.replayed)
        ? ['Some of the evidence is replayed: recorded or constructed machines, signed with a throw-away key.']
        : []),
      ...(fleet.refused.length === 0
        ? []
        : [
            `${count(fleet.refused.length, 'pack', 'packs')} refused: what does not verify counts for nothing here; see below.`,
          ]),
    ],
    body: [
      html`<ul class="states">${numbers.map(
        ({ tone, mark, word, count }) =>
          html`<li><b><span class="cell ${tone}">${mark} ${count}</span></b>${word}</li>`,
      )}</ul>`,
      html`<p>${summary(numbers, silent.length)}</p>`,
      rows.length === 0
        ? html`<p>No evidence of any server was verified, so nothing is known.</p>`
        : section('servers', 'Every server', serverTable(rows, fileOf)),
      plan !== undefined && planSection(plan),
      fleet.refused.length > 0 && section('blind', 'Refused packs', refusedTable(fleet.refused)),
      verifySection({ ...context, bundles: [] }),
    ],
    foot: html`<p>Written by affiant ${context.version}. Days are UTC; times of collection are the servers' own claims. This file asks nothing of any network and runs no script.</p>`,
  });
}

function rank(state: FleetState): number {
  return states.findIndex((each) => each.state === state);
}

function summary(numbers: readonly { state: FleetState; count: number }[], silent: number): string {
  const of = (state: FleetState): number => numbers.find((each) => each.state === state)?.count ?? 0;
  return [
    `${count(of('wrong'), 'server needs', 'servers need')} attention, ${of('not-known')} cannot be decided, ${count(of('in-order'), 'is', 'are')} in order`,
    `; ${count(silent, 'server is', 'servers are')} silent`,
    '.',
  ].join('');
}

function serverTable(rows: readonly RankedHost[], fileOf: FileOf | undefined): Piece {
  const caption = 'Servers by their worst state';
  return html`<div class="scroll long fleet" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">Server</th><th scope="col">State</th><th scope="col">First clock broken</th><th scope="col" class="number">Days late</th><th scope="col" class="number">Fixes missing</th><th scope="col">One factor</th><th scope="col">Detector</th><th scope="col">Last evidence</th></tr></thead><tbody>${rows.map((row) => serverRow(row, fileOf))}</tbody></table></div>`;
}

function serverRow({ audit, state, late }: RankedHost, fileOf: FileOf | undefined): Piece {
  const { mark, word, tone } = states[rank(state)] ?? { mark: '?', word: 'not known', tone: 'unknown' };
  const answers = new Map(answersOf(audit).map((answer) => [answer.id, answer.tone]));
  const silent = silentSince(audit);
  const others = openFailures(audit).filter(({ clock }) => clock === undefined).length;
  const server = name(audit.host.names[0] ?? audit.host.id);
  const linked = fileOf === undefined ? server : html`<a href="./${fileOf(audit)}">${server}</a>`;
  return html`<tr><th scope="row">${linked}</th><td><span class="cell ${tone}">${mark} ${word}</span></td><td>${
    late === undefined
      ? others > 0
        ? count(others, 'finding without a clock', 'findings without a clock')
        : ''
      : `${bookOf(late.clock)}, ${late.breachDay}`
  }</td><td class="number">${late !== undefined && lasting(late.breachDay, audit.at)}</td><td class="number">${
    audit.unjudged.includes('missing fixes') ? '?' : audit.exposures.filter(stillMissing).length
  }</td><td>${toned(answers.get('factor'), 'possible', 'no')}</td><td>${toned(answers.get('detector'), 'failed', 'worked')}</td><td class="date">${audit.lastDay ?? 'never'}${
    silent !== undefined &&
    html` <span class="cell unknown">… silent${audit.bundles > 0 && ` ${lasting(silent, audit.at)} d`}</span>`
  }</td></tr>`;
}

function toned(tone: Tone | undefined, bad: string, good: string): Piece {
  return tone === 'bad' ? `✗ ${bad}` : tone === 'good' ? `✓ ${good}` : `${toneWords.unknown.mark} not known`;
}
