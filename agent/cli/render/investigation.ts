/** What an investigator reads first. */
import type { Investigation } from '../../../audit/investigate.ts';
import { type Page, serverName, titledTable } from './audit.ts';
import type { Row } from './table.ts';

const notKnown = 'not known: no bundle saw it';

export function investigationLines(investigations: readonly Investigation[], page: Page): string[] {
  return investigations.flatMap((each) => {
    const summary: Row[] = [
      [{ text: 'first sign' }, { text: each.firstSign ?? 'none that a machine saw' }],
      ...(each.earliestDetection === undefined
        ? []
        : [[{ text: 'could be known' }, { text: `${each.earliestDetection}: with a daily review` }] satisfies Row]),
      [{ text: 'known' }, { text: each.awareOn === undefined ? 'nobody attests to have been aware' : each.awareOn }],
      ...(each.dwellDays === undefined
        ? []
        : [
            [
              { text: 'dwell time' },
              {
                text: `${each.dwellDays} days${each.awareOn === undefined ? ' and going on' : ''}`,
                style: page.style.attention,
              },
            ] satisfies Row,
          ]),
    ];
    const { attention } = page.style;
    return [
      ...titledTable(`${serverName(each.host)}, ${each.from} to ${each.to}`, summary, [16], page),
      ...titledTable(
        'Fixes missing',
        each.missing.map(
          ({ fixId, severity, exploited, missingDaysAtStart, missingDaysAtEnd, requiresUpgrade }): Row => [
            { text: fixId, ...(exploited && { style: attention }) },
            { text: severity },
            { text: exploited ? 'exploited' : '' },
            {
              text: `for ${missingDaysAtStart ?? 0} days at the start, ${missingDaysAtEnd === undefined ? 'installed by' : `${missingDaysAtEnd} at`} the end${requiresUpgrade ? '; needs a newer cumulative update' : ''}`,
            },
          ],
        ),
        [16, 9, 10],
        page,
      ),
      ...titledTable(
        `Detections: ${each.detections.length}`,
        each.detections
          .slice(0, 12)
          .map(
            ({ at, product, name: what, pathClass }): Row => [
              { text: at },
              { text: product },
              { text: `${what}${pathClass === undefined ? '' : ` in ${pathClass}`}` },
            ],
          ),
        [20, 28],
        page,
      ),
      ...titledTable(
        'Excluded from detection',
        (each.exclusions ?? []).map((text): Row => [{ text }]),
        [],
        page,
        each.exclusions === undefined ? notKnown : undefined,
      ),
      ...titledTable(
        'Changes of administrators',
        (each.adminChanges ?? []).map(
          ({ day, kind, account, ways }): Row => [
            { text: day },
            { text: kind },
            { text: `${account}: ${ways.join(', ')}` },
          ],
        ),
        [10, 14],
        page,
        each.adminChanges === undefined ? notKnown : undefined,
      ),
      ...titledTable(
        'In with one factor',
        (each.oneFactor ?? []).map((text): Row => [{ text }]),
        [],
        page,
        each.oneFactor === undefined ? notKnown : undefined,
      ),
      ...titledTable(
        'Blind spots',
        each.blindSpots
          .slice(0, 40)
          .map(
            ({ what, reason, from, to }): Row => [
              { text: from },
              { text: to ?? '…' },
              { text: what },
              { text: reason },
            ],
          ),
        [10, 10, 40],
        page,
      ),
    ];
  });
}
