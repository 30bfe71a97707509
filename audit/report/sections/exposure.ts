import type { ClockRef, Exposure, HostAudit } from '../../model.ts';
import { missingSince, stillMissing, worstFirst } from '../answer.ts';
import { exposureBar, firstBreach } from '../charts/exposure.ts';
import { axisLabels, type TimeAxis } from '../charts/time-axis.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { name, section, table } from '../page.ts';
import { bookOf, count, dayText, lasting, list } from '../words.ts';

/** More rows than this go behind a fold; none is left out. */
const shownRows = 25;

export function exposureSection(audit: HostAudit, axis: TimeAxis): Markup {
  const title = 'Missing fixes against their clocks';
  if (audit.exposures.length === 0)
    return section(
      'exposure',
      title,
      html`<p>${
        audit.bundles === 0
          ? 'No evidence was verified, so it is not known whether a fix is missing.'
          : audit.unjudged.includes('missing fixes')
            ? 'It is not known whether a fix is missing: the newest evidence does not let judge it.'
            : 'No missing fix was seen. Whether that was looked at on every day stands under what could not be seen.'
      }</p>`,
    );
  const rows = worstFirst(audit.exposures);
  const shown = rows.slice(0, shownRows).toSorted(byDay);
  const stale = audit.history.stale;
  const chart = (list: readonly Exposure[]): Piece =>
    html`<div class="chart">${axisLabels(axis)}<ul>${list.map(
      (exposure) =>
        html`<li><p class="fix"><b>${exposure.fixId}</b><span>${inWords(exposure, audit.at)}</span></p>${exposureBar(exposure, audit.at, axis, stale)}</li>`,
    )}</ul>${axisLabels(axis)}</div>`;
  const rest = rows.slice(shownRows);
  return section(
    'exposure',
    title,
    html`<p>Each bar is one fix, drawn while the server lacked it. It turns dark where the first clock was broken; each upright stroke is a clock that broke on that day.</p>
<ul class="legend"><li>${sample('early')}missing, in time</li><li>${sample('late')}missing, too late</li><li>${sampleBreach()}a clock breaks</li>${stale.length > 0 && html`<li>${sample('stale')}no evidence, last known state</li>`}</ul>`,
    chart(shown),
    rest.length > 0 &&
      html`<details><summary>${count(rest.length, 'further fix', 'further fixes')}</summary>${chart(rest)}</details>`,
    clockTable([...shown, ...rest], audit.at),
  );
}

function inWords(exposure: Exposure, at: string): string {
  const since = missingSince(exposure);
  const last = exposure.missing.at(-1);
  const late = firstBreach(exposure, at);
  const parts = [
    exposure.severity === 'unknown' ? 'severity not known' : exposure.severity,
    ...(exposure.releasedAt === undefined ? ['release day not known'] : [`released ${dayText(exposure.releasedAt)}`]),
    since === undefined
      ? `was missing until ${last?.to === undefined ? 'now' : dayText(last.to)}`
      : `missing for ${count(lasting(since, at), 'day')}`,
    ...(late === undefined ? [] : [`first too late on ${dayText(late)}`]),
    ...(exposure.exploitKnownAt === undefined ? [] : [`exploit known ${dayText(exposure.exploitKnownAt)}`]),
    ...(exposure.requiresUpgrade ? ['needs a newer cumulative update first'] : []),
    ...(exposure.mitigation === undefined ? [] : [`mitigation seen: ${exposure.mitigation}; it stops no clock`]),
    ...(exposure.missing.length > 1 ? [`missing ${count(exposure.missing.length, 'time')}`] : []),
  ];
  return parts.join(' · ');
}

/** What is missing now before what was, each by its first day: the oldest stands on top. */
function byDay(one: Exposure, other: Exposure): number {
  const key = (each: Exposure): string => (stillMissing(each) ? '0' : '1') + (each.missing[0]?.from ?? '');
  return key(one) < key(other) ? -1 : 1;
}

/** Days by fix and clock, the strictest clock first. */
function clockTable(rows: readonly Exposure[], at: string): Piece {
  const clocks = new Map<string, { clock: ClockRef; first: string }>();
  for (const { clocks: each } of rows)
    for (const { clock, breachDay } of each) {
      const known = clocks.get(clock.id);
      if (known === undefined || breachDay < known.first) clocks.set(clock.id, { clock, first: breachDay });
    }
  if (clocks.size === 0) return html`<p>No clock applies to these fixes.</p>`;
  const columns = [...clocks.values()].toSorted((one, other) => (one.first < other.first ? -1 : 1));
  const head: Piece[] = [
    'Fix',
    ...columns.map(
      ({ clock }) =>
        html`${bookOf(clock)}<br><span class="soft">${clock.title}${/\d/.test(clock.title) ? '' : `, ${clock.limit}`}${clock.status === 'in-force' ? '' : `, ${clock.status}`}${clock.verified ? '' : ', not verified'}</span>`,
    ),
  ];
  const body = rows.map((exposure): Piece[] => [
    html`${name(exposure.fixId)}${!stillMissing(exposure) && html`<br><span class="soft">missing until ${exposure.missing.at(-1)?.to}</span>`}`,
    ...columns.map(({ clock }): Piece => {
      const found = exposure.clocks.find((each) => each.clock.id === clock.id);
      if (found === undefined) return html`<span class="soft">does not apply</span>`;
      const assumed = found.assumed.length > 0 && html`<br><small>assumed: ${list(found.assumed, 2)}</small>`;
      if (found.state === 'met') return html`<span class="cell good">✓ in time</span>${assumed}`;
      if (found.state === 'running' || found.breachDay > at)
        return html`<span class="cell unknown">runs</span> until ${found.dueDay}${assumed}`;
      return html`<span class="cell bad">✗ ${found.breachDay}</span>${found.duty !== undefined && html`<br><small>and ${found.duty.split(':', 1)[0]}</small>`}${assumed}`;
    }),
  ]);
  return html`<details${rows.length <= shownRows && html` open`}><summary>Every clock of every fix, with the day on which it broke</summary>${table('The day on which each clock broke, by fix', head, body)}</details>`;
}

function sample(kind: 'early' | 'late' | 'stale'): Markup {
  return html`<svg width="28" height="12" aria-hidden="true" focusable="false"><rect class="bar ${kind === 'early' ? 'early' : 'late'}" width="28" height="12"/>${kind === 'stale' && html`<rect class="over-stale" y="3" width="28" height="6"/>`}</svg>`;
}

function sampleBreach(): Markup {
  return html`<svg width="8" height="18" aria-hidden="true" focusable="false"><line class="breach" x1="4" x2="4" y1="0" y2="18"/></svg>`;
}
