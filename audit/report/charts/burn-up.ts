/** How many items of a plan were done on each day, against all of them and the days on which they fall due. */
import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import type { Day } from '../../days.ts';
import { html, type Markup } from '../html.ts';
import { axisLabels, grid, type TimeAxis } from './time-axis.ts';

export type BurnUpPoint = { readonly day: Day; readonly done: number; readonly due: number };

const height = 140;

/** `points` are ordered by day; `at` is today, after which only what falls due is drawn. */
export function burnUp(points: readonly BurnUpPoint[], total: number, at: Day, axis: TimeAxis): Markup {
  const y = scaleLinear([0, Math.max(1, total)], [height - 2, 6]);
  // Drawn in a box of 100 by its own height that is stretched: only lines stand in it, and they do not stretch in width.
  const end = (list: readonly BurnUpPoint[]): readonly BurnUpPoint[] => {
    const last = list.at(-1);
    return last === undefined ? [] : [...list, { ...last, day: axis.to }];
  };
  const past = points.filter(({ day }) => day <= at);
  const today = past.at(-1);
  const done = today === undefined ? past : [...past, { ...today, day: at }];
  const doneArea = area<BurnUpPoint>()
    .x(({ day }) => axis.at(day))
    .y0(y(0))
    .y1((point) => y(point.done))
    .curve(curveStepAfter);
  const dueLine = line<BurnUpPoint>()
    .x(({ day }) => axis.at(day))
    .y((point) => y(point.due))
    .curve(curveStepAfter);
  return html`<svg class="row" width="100%" height="${height}" aria-hidden="true" focusable="false">${grid(axis, height)}
<line class="goal" x1="0" x2="100%" y1="${y(total)}" y2="${y(total)}"/>
<svg viewBox="0 0 100 ${height}" preserveAspectRatio="none" width="100%" height="${height}"><path class="area" d="${doneArea([...done]) ?? ''}"/><path class="due" d="${dueLine([...end(points)]) ?? ''}"/></svg>
<text class="mark" x="4" y="${y(total) + 15}">${total} in all</text>${
    today !== undefined &&
    html`<text class="mark done" x="${axis.at(at)}%" dx="-6" y="${Math.max(y(today.done) + 15, y(total) + 30)}" text-anchor="end">${today.done} done</text>`
  }
<line class="today" x1="${axis.at(at)}%" x2="${axis.at(at)}%" y1="0" y2="${height}"/></svg>${axisLabels(axis)}`;
}
