/**
 * The one time axis that every chart of a report shares. Positions are per cent of the width, so that a
 * chart is as wide as the screen and its letters stay as large as the text.
 */
import { type ScaleTime, scaleUtc } from 'd3-scale';
import { utcFormat } from 'd3-time-format';
import { addDays, type Day, daysBetween } from '../../days.ts';
import { html, type Markup } from '../html.ts';

export type TimeAxis = {
  readonly from: Day;
  /** The last day that is shown, whole. */
  readonly to: Day;
  /** Where a day begins, in per cent; days outside stand at the edge. */
  at(day: Day): number;
  /** Where it ends. */
  end(day: Day): number;
  readonly ticks: readonly { readonly at: number; readonly text: string; readonly year: boolean }[];
};

const toDate = (day: Day): Date => new Date(`${day}T00:00:00Z`);

export function timeAxis(from: Day, to: Day): TimeAxis {
  const scale = scaleUtc([toDate(from), toDate(addDays(to, 1))], [0, 100]).clamp(true);
  const at = (day: Day): number => round(scale(toDate(day)));
  return { from, to, at, end: (day) => at(addDays(day, 1)), ticks: ticksOf(scale, daysBetween(from, to) + 1) };
}

function ticksOf(scale: ScaleTime<number, number>, days: number): TimeAxis['ticks'] {
  const written = utcFormat(days > 1200 ? '%Y' : days > 75 ? '%b %Y' : '%-d %b');
  // Less than a week has a tick a day; d3 would cut days into hours.
  const all = days <= 7 ? scale.ticks(days).filter((date) => date.getUTCHours() === 0) : scale.ticks(6);
  return all
    .map((date) => ({ at: round(scale(date)), text: written(date), year: date.getUTCMonth() === 0 }))
    .filter(({ at }) => at < 97);
}

const round = (number: number): number => Math.round(number * 100) / 100;

/** The line of dates above or below a chart. */
export function axisLabels({ ticks }: TimeAxis): Markup {
  return html`<svg class="axis" aria-hidden="true" width="100%" height="20" focusable="false">${ticks.map(
    ({ at, text }, index) =>
      html`<text class="${index % 2 === 1 ? 'every-second' : ''}" x="${at}%" dx="3" y="14">${text}</text>`,
  )}</svg>`;
}

/** Thin upright lines behind a chart of that height. */
export function grid({ ticks }: TimeAxis, height: number): Markup {
  return html`<g class="grid">${ticks.map(({ at }) => html`<line x1="${at}%" x2="${at}%" y1="0" y2="${height}"/>`)}</g>`;
}
