import type { DetectorStretch, HostAudit } from '../../model.ts';
import { detectionBars, detectorStrip, reviewMarks } from '../charts/detector.ts';
import { axisLabels, type TimeAxis } from '../charts/time-axis.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { name, section, table } from '../page.ts';
import { count, dayText, lasting, list } from '../words.ts';

const outcomes: Readonly<Record<DetectorStretch['outcome'], { readonly tone: string; readonly word: string }>> = {
  pass: { tone: 'good', word: '✓ worked' },
  fail: { tone: 'bad', word: '✗ did not work' },
  undetermined: { tone: 'unknown', word: '? not known' },
  'no-evidence': { tone: 'unknown', word: '? no evidence' },
};

export function detectorSection(audit: HostAudit, axis: TimeAxis): Markup {
  const { detector, detections, reviews } = audit;
  const title = 'The detector';
  if (detector.length === 0 && detections.length === 0)
    return section(
      'detector',
      title,
      html`<p>No evidence speaks of a detector: it is not known whether there is one.</p>`,
    );
  const stretches = detector.toReversed();
  return section(
    'detector',
    title,
    html`<div class="chart"><div class="lanes"><span></span>${axisLabels(axis)}<p class="lane-words">worked<br>not known<br>did not work</p>${detectorStrip(detector, axis)}${detections.map(
      (each) =>
        html`<p class="lane-words">${name(each.product)}: new detections</p><div>${detectionBars(each.days, axis)}</div>`,
    )}${
      reviews.length > 0 &&
      html`<p class="lane-words">reviews</p>${reviewMarks(
        reviews.map(({ day }) => day),
        axis,
      )}`
    }<span></span>${axisLabels(axis)}</div></div>`,
    reviews.length > 0 &&
      table(
        'Who said to have looked at detections',
        ['Day', 'Who', 'What they said'],
        reviews.map(({ day, by, text }): Piece[] => [dayText(day), name(by), text]),
      ),
    detections.map(
      (each) =>
        html`<p>${name(each.product)}: ${count(each.total, 'detection')}${each.firstAt !== undefined && `, the first on ${dayText(each.firstAt)}`}. ${
          each.total === 0 ? '' : each.acknowledged ? 'Somebody said to have looked.' : 'Nobody said to have looked.'
        } ${each.trendAlarms.length > 0 && `Three or more files of a web shell's kind came within a week, first on ${dayText(each.trendAlarms[0] ?? '')}.`}</p>`,
    ),
    stretches.length > 0 && stretchTable(stretches),
  );
}

function stretchTable(stretches: readonly DetectorStretch[]): Piece {
  return table(
    'How the detector stood, the newest first',
    ['Days', 'State', 'Why'],
    stretches
      .slice(0, 200)
      .map(({ from, to, outcome, reasons }): Piece[] => [
        from === to
          ? dayText(from)
          : html`${dayText(from)} to ${dayText(to)}<br><span class="soft">${count(lasting(from, to), 'day')}</span>`,
        html`<span class="cell ${outcomes[outcome].tone}">${outcomes[outcome].word}</span>`,
        list(reasons, 6) || '',
      ]),
  );
}
