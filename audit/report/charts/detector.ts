/**
 * The detector over time. The place of a bar says how it stood: above it worked, in the middle nobody
 * knows, below it did not; where no evidence came there is none. Detections stand below, each day's count.
 */
import { scaleSqrt } from 'd3-scale';
import type { DetectionDay, DetectorStretch } from '../../model.ts';
import { html, type Markup } from '../html.ts';
import { grid, type TimeAxis } from './time-axis.ts';

const lanes = {
  pass: { y: 2, kind: 'works' },
  undetermined: { y: 18, kind: 'not-known' },
  'no-evidence': { y: 18, kind: 'no-evidence' },
  fail: { y: 34, kind: 'fails' },
} as const;
const laneHeight = 14;

export function detectorStrip(stretches: readonly DetectorStretch[], axis: TimeAxis): Markup {
  return html`<svg class="row" width="100%" height="50" aria-hidden="true" focusable="false">${grid(axis, 50)}${stretches.map(
    ({ from, to, outcome }) => {
      const start = axis.at(from);
      const end = axis.end(to);
      const { y, kind } = lanes[outcome];
      return (
        end > start &&
        html`<rect class="bar ${kind}" x="${start}%" y="${y}" width="${Math.max(0.2, Math.round((end - start) * 100) / 100)}%" height="${laneHeight}"/>`
      );
    },
  )}</svg>`;
}

/** A diamond on each day on which somebody said to have looked. */
export function reviewMarks(days: readonly string[], axis: TimeAxis): Markup {
  return html`<svg class="row" width="100%" height="20" aria-hidden="true" focusable="false">${grid(axis, 20)}${days
    .filter((day) => day >= axis.from && day <= axis.to)
    .map(
      (day) =>
        html`<svg x="${axis.at(day)}%" y="0" overflow="visible"><path class="review" d="M0 3l7 7-7 7-7-7z"/></svg>`,
    )}</svg>`;
}

/** A bar a day for what was new on it; square roots, so that a day of one is seen beside a day of many. */
export function detectionBars(days: readonly DetectionDay[], axis: TimeAxis): Markup {
  const height = 46;
  const most = Math.max(1, ...days.map(({ fresh }) => fresh));
  const scale = scaleSqrt([0, most], [0, height - 4]);
  return html`<svg class="row" width="100%" height="${height}" aria-hidden="true" focusable="false">${grid(axis, height)}<line class="base" x1="0" x2="100%" y1="${height - 0.5}" y2="${height - 0.5}"/>${days
    .filter(({ fresh }) => fresh > 0)
    .map(({ day, fresh }) => {
      const tall = Math.round(scale(fresh) * 10) / 10;
      const wide = Math.max(0.25, Math.round((axis.end(day) - axis.at(day)) * 80) / 100);
      return html`<rect class="bar fails" x="${axis.at(day)}%" y="${height - tall}" width="${wide}%" height="${tall}"/>`;
    })}</svg>`;
}
