/** One fix on the time axis: while it was missing, from when a clock was broken, where each clock broke. */
import type { Exposure } from '../../model.ts';
import { html, type Markup } from '../html.ts';
import { dayText } from '../words.ts';
import { grid, type TimeAxis } from './time-axis.ts';

export type Stretch = { readonly from: string; readonly to?: string };

const height = 26;

/** The first day on which any clock of the fix was broken. */
export function firstBreach({ clocks }: Exposure, at: string): string | undefined {
  return clocks
    .filter(({ state, breachDay }) => state === 'breached' && breachDay <= at)
    .map(({ breachDay }) => breachDay)
    .toSorted()[0];
}

/** `stale`: days whose state is only the last known one; they are dotted over. */
export function exposureBar(exposure: Exposure, at: string, axis: TimeAxis, stale: readonly Stretch[]): Markup {
  const late = firstBreach(exposure, at);
  const bars = exposure.missing.map(({ from, to }) => {
    const last = to ?? at;
    const [start, end] = [axis.at(from), to === undefined ? axis.end(last) : axis.at(last)];
    const turn = late === undefined || late > last ? end : Math.max(start, axis.at(late));
    return html`${turn > start && html`<rect class="bar early" x="${start}%" y="7" width="${width(start, turn)}%" height="12"/>`}${
      end > turn && html`<rect class="bar late" x="${turn}%" y="7" width="${width(turn, end)}%" height="12"/>`
    }${stale
      .filter((each) => each.from <= last && (each.to ?? at) >= from)
      .map((each) => {
        const [left, right] = [Math.max(start, axis.at(each.from)), Math.min(end, axis.end(each.to ?? at))];
        return (
          right > left && html`<rect class="over-stale" x="${left}%" y="10" width="${width(left, right)}%" height="6"/>`
        );
      })}`;
  });
  const breaches = exposure.clocks
    .filter(({ state, breachDay }) => state === 'breached' && breachDay <= at && breachDay >= axis.from)
    .map(
      ({ clock, breachDay }) =>
        html`<line class="breach" x1="${axis.at(breachDay)}%" x2="${axis.at(breachDay)}%" y1="3" y2="23"><title>${clock.title}: broken on ${dayText(breachDay)}</title></line>`,
    );
  return html`<svg class="row" width="100%" height="${height}" aria-hidden="true" focusable="false">${grid(axis, height)}${bars}${breaches}</svg>`;
}

function width(from: number, to: number): number {
  // A stretch of one day in 18 months is still seen.
  return Math.max(0.25, Math.round((to - from) * 100) / 100);
}
