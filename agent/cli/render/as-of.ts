/** What was true on a day, and what changed between two, for a terminal. What nobody saw is said to be not known. */
import type { AsOf } from '../../../audit/as-of.ts';
import type { DayComparison } from '../../../audit/compare-days.ts';
import { type Page, serverName, titledTable } from './audit.ts';
import { type Row, wrap } from './table.ts';

export function asOfLines(answers: readonly AsOf[], page: Page): string[] {
  const { attention } = page.style;
  return answers.flatMap((answer) => {
    const rows: Row[] = [...evidenceRows(answer, page)];
    const row = (name: string, text: string, style?: (text: string) => string): void =>
      void rows.push([{ text: name }, { text, ...(style !== undefined && { style }) }]);
    const { bundle, product, detector, seenOn } = answer;
    if (bundle !== undefined && answer.unjudged.length > 0)
      row(
        'not judged',
        `${answer.unjudged.join(', ')}: that bundle does not tell; what is said of them is of older bundles, or nothing`,
        attention,
      );
    if (product !== undefined)
      row(
        'product',
        `${product.product} ${product.branch ?? ''} ${product.update ?? ''}, build ${product.build}, since ${product.from}${product.health === 'broken' ? `; not whole: ${product.healthWhy.join(', ')}` : ''}`,
      );
    for (const { fixId, severity, missingDays, requiresUpgrade, exploited } of answer.missing)
      row(
        'missing',
        `${fixId}, ${severity}, for ${missingDays} days${exploited ? ', exploited' : ''}${requiresUpgrade ? '; only with a newer cumulative update' : ''}`,
        attention,
      );
    if (answer.missing.length === 0)
      row(
        'missing',
        answer.unjudged.includes('missing fixes')
          ? 'not known: no evidence lets judge it'
          : 'no fix that catalogue or server names',
      );
    if (detector === undefined) row('detector', 'not known: no bundle speaks of it');
    else row('detector', `${detector.outcome}${detector.reasons.length > 0 ? `: ${detector.reasons.join('; ')}` : ''}`);
    const old = (day: string | undefined): string =>
      day === undefined || day === bundle?.claimedAt.slice(0, 10)
        ? ''
        : ` (by the bundle of ${day}; none since saw it)`;
    row(
      'detections',
      answer.detections === undefined
        ? 'not known: no bundle saw what any product detected'
        : `${answer.detections}${old(seenOn.detections)}`,
    );
    if (answer.admins === undefined) row('administrator', 'not known: no bundle saw them');
    for (const text of answer.admins ?? []) row('administrator', `${text}${old(seenOn.admins)}`);
    factorRows(answer, old(seenOn.factors), row, attention);
    const failed = answer.openFindings.filter(({ verdict }) => verdict === 'fail').length;
    const notKnown = answer.openFindings.length - failed;
    row(
      'findings',
      bundle === undefined
        ? 'not known: nothing could be judged'
        : `${failed} open on that day${notKnown > 0 ? `, ${notKnown} more not known` : ''}`,
    );
    return titledTable(`${serverName(answer.host)} on ${answer.day}`, rows, [14], page);
  });
}

function evidenceRows({ bundle, bounds, staleDays }: AsOf, { style }: Page): Row[] {
  if (bundle === undefined)
    return [
      [{ text: 'evidence' }, { text: 'none of or before that day: nothing is known of it', style: style.attention }],
    ];
  const text = `bundle ${bundle.bundle.slice(0, 16)} in ${bundle.file}${bundle.logIndex === undefined ? '' : `, number ${bundle.logIndex} of the log`}`;
  return [
    [{ text: 'evidence' }, { text }],
    ...bounds.map((each): Row => [{ text: 'time' }, { text: each }]),
    ...(staleDays > 0
      ? [
          [
            { text: 'stale' },
            { text: `the last known state, ${staleDays} days old`, style: style.attention },
          ] satisfies Row,
        ]
      : []),
  ];
}

function factorRows(
  { oneFactor, factorUnknown = [] }: AsOf,
  old: string,
  row: (name: string, text: string, style?: (text: string) => string) => void,
  attention: (text: string) => string,
): void {
  if (oneFactor === undefined) row('one factor', 'not known: no bundle saw how administrators get in');
  for (const { account, way, requirement } of oneFactor ?? [])
    row('one factor', `${account} by ${way}: ${requirement}${old}`, attention);
  const unknown = [...new Set(factorUnknown.map(({ account }) => account))];
  if (unknown.length > 0) row('one factor', `not known of ${unknown.join(', ')}${old}`, attention);
  else if (oneFactor?.length === 0) row('one factor', `no administrator by any way that was judged${old}`);
}

export function comparisonLines(comparisons: readonly DayComparison[], page: Page): string[] {
  return comparisons.flatMap((comparison) => {
    const { host, from, to, before, after, changes } = comparison;
    return [
      ...titledTable(
        `${serverName(host)}: ${from} → ${to}`,
        changes.map(
          ({ what, before: one, after: other }): Row => [{ text: what }, { text: `${one || '—'} → ${other || '—'}` }],
        ),
        [32],
        page,
        nothingChanged(comparison),
      ),
      ...(isOneBundle(comparison) && changes.length > 0
        ? wrap(oneBundle, page.width - 2).map((line) => `  ${line}`)
        : []),
      ...[before, after].flatMap((side) => (side?.bundle === undefined ? [] : sideLines(side, page))),
      '',
    ];
  });
}

const oneBundle =
  'both days rest on one bundle: what changed is the calendar and what the world knows, and of the server it is not known';

function isOneBundle({ from, to, before, after }: DayComparison): boolean {
  return from !== to && before?.bundle !== undefined && before.bundle.bundle === after.bundle?.bundle;
}

/** The same bundle twice shows no change, whatever happened. */
function nothingChanged(comparison: DayComparison): string {
  const { before, after } = comparison;
  if (before?.bundle === undefined || after.bundle === undefined)
    return 'not known: no bundle is of or before either day';
  return isOneBundle(comparison) ? `not known: ${oneBundle}` : 'nothing changed';
}

function sideLines({ day, bounds, staleDays, unjudged }: AsOf, { width }: Page): string[] {
  const notes = [
    ...(staleDays > 0 ? [`the last known state, ${staleDays} days old`] : []),
    ...(unjudged.length > 0 ? [`does not let judge ${unjudged.join(', ')}`] : []),
  ];
  return wrap(`${day}: ${[...notes, ...bounds].join('; ')}`, width - 2).map((line) => `  ${line}`);
}
