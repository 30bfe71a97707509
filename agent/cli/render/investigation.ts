/** What an investigator reads first. What no bundle of the days saw is said to be not known, never nothing. */
import type { Investigation, OneFactor } from '../../../audit/investigate.ts';
import { type Page, serverName, titledTable } from './audit.ts';
import type { Row } from './table.ts';

const notKnown = 'not known: no bundle saw it';
const shownDetections = 12;
const shownSpots = 40;

export function investigationLines(investigations: readonly Investigation[], page: Page): string[] {
  return investigations.flatMap((each) => {
    const { seenOn, from } = each;
    const unseen = (day: string | undefined): string | undefined => (day === undefined ? notKnown : undefined);
    // What the title says holds for the rows below it: they are no state of these days.
    const old = (day: string | undefined): string =>
      day !== undefined && day < from ? ` (the last known state, of ${day})` : '';
    return [
      ...titledTable(`${serverName(each.host)}, ${from} to ${each.to}`, summaryRows(each, page), [16], page),
      ...titledTable(
        'Fixes missing',
        fixRows(each, page),
        [16, 9, 10],
        page,
        each.unjudged.includes('missing fixes')
          ? 'not known: no bundle lets judge it, or the newest does not'
          : undefined,
      ),
      ...titledTable(
        `Detections: ${countOf(each)}`,
        detectionRows(each),
        [20, 28],
        page,
        detectionsSeen(each) ? undefined : 'not known: no bundle of these days saw what any product detected',
      ),
      ...titledTable(
        'Threat detection',
        each.detector.map(
          ({ from: begins, to, outcome, reasons: [first, ...more] }): Row => [
            { text: begins },
            { text: to },
            { text: outcome },
            { text: `${first ?? ''}${more.length === 0 ? '' : `; and ${more.length} more`}` },
          ],
        ),
        [10, 10, 12],
        page,
        notKnown,
      ),
      ...titledTable(
        `Excluded from detection${old(seenOn.protection)}`,
        (each.exclusions ?? []).map((text): Row => [{ text }]),
        [],
        page,
        unseen(seenOn.protection),
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
        each.adminChanges === undefined ? 'not known: no bundle of these days saw them' : undefined,
      ),
      ...titledTable(`In with one factor${old(seenOn.factors)}`, factorRows(each), [], page, unseen(seenOn.factors)),
      ...titledTable(
        'Blind spots',
        spotRows(each),
        [10, 10, 40],
        page,
        each.bundles === 0 ? 'not known: there is no bundle of these days' : undefined,
      ),
    ];
  });
}

function detectionsSeen({ seenOn: { detections }, from }: Investigation): boolean {
  return detections !== undefined && detections >= from;
}

function countOf(each: Investigation): string {
  const { length } = each.detections;
  if (!detectionsSeen(each)) return length === 0 ? 'not known' : `${length} or more`;
  return `${length}${each.stale.length > 0 ? ' or more: days of it are without evidence' : ''}`;
}

function summaryRows(each: Investigation, { style: { attention } }: Page): Row[] {
  const { bundles, stale, earlier, from } = each;
  const row = (name: string, text: string, isBad = false): Row => [
    { text: name },
    { text, ...(isBad && { style: attention }) },
  ];
  return [
    row('evidence', bundles === 0 ? 'no bundle of these days' : `${bundles} bundles of these days`, bundles === 0),
    ...stale.map(({ from: begins, to }) =>
      row('stale', `${begins} to ${to} without evidence: the last known state, or nothing`, true),
    ),
    row(
      'first sign',
      each.firstSign ??
        (detectionsSeen(each) ? 'none that a machine saw' : 'not known: no bundle of these days saw any'),
    ),
    ...(earlier.firstOn === undefined
      ? []
      : [row('earlier', `${earlier.count} detections before ${from}, the first on ${earlier.firstOn}`, true)]),
    ...(each.earliestDetection === undefined
      ? []
      : [row('could be known', `${each.earliestDetection}: with a daily review`)]),
    row('known', each.awareOn ?? 'nobody attests to have been aware'),
    ...(each.dwellDays === undefined
      ? []
      : [row('dwell time', `${each.dwellDays} days${each.awareOn === undefined ? ' and going on' : ''}`, true)]),
  ];
}

function fixRows({ missing, from }: Investigation, { style: { attention } }: Page): Row[] {
  return missing.map(
    ({ fixId, severity, exploited, releasedAt, missingDaysAtStart, missingDaysAtEnd, requiresUpgrade }): Row => {
      const began =
        missingDaysAtStart !== undefined
          ? `for ${missingDaysAtStart} days at the start`
          : releasedAt !== undefined && releasedAt > from
            ? `released ${releasedAt}`
            : 'not at the start';
      const ended = missingDaysAtEnd === undefined ? 'installed by the end' : `for ${missingDaysAtEnd} at the end`;
      return [
        { text: fixId, ...(exploited && { style: attention }) },
        { text: severity },
        { text: exploited ? 'exploited' : '' },
        { text: `${began}, ${ended}${requiresUpgrade ? '; needs a newer cumulative update' : ''}` },
      ];
    },
  );
}

/** In the last of so many columns. */
function more(all: readonly unknown[], shown: number, columns: number): Row[] {
  if (all.length <= shown) return [];
  const empty = Array.from({ length: columns - 1 }, () => ({ text: '' }));
  return [[...empty, { text: `and ${all.length - shown} more: --format json names all` }]];
}

function detectionRows({ detections }: Investigation): Row[] {
  return [
    ...detections
      .slice(0, shownDetections)
      .map(
        ({ at, product, name, pathClass }): Row => [
          { text: at },
          { text: product },
          { text: `${name}${pathClass === undefined ? '' : ` in ${pathClass}`}` },
        ],
      ),
    ...more(detections, shownDetections, 3),
  ];
}

function spotRows({ blindSpots }: Investigation): Row[] {
  return [
    ...blindSpots
      .slice(0, shownSpots)
      .map(
        ({ what, reason, from, to }): Row => [{ text: from }, { text: to ?? '…' }, { text: what }, { text: reason }],
      ),
    ...more(blindSpots, shownSpots, 4),
  ];
}

/** An account a line, and another for those of which it is not known. */
function factorRows({ oneFactor = [], factorUnknown = [] }: Investigation): Row[] {
  return [...byAccount(oneFactor, ''), ...byAccount(factorUnknown, 'not known: ')];
}

function byAccount(ways: readonly OneFactor[], lead: string): Row[] {
  const accounts = new Map<string, string[]>();
  for (const { account, way, until } of ways)
    accounts.set(account, [...(accounts.get(account) ?? []), until === undefined ? way : `${way} (until ${until})`]);
  return [...accounts].map(([account, own]): Row => [{ text: `${lead}${account} by ${own.join(', ')}` }]);
}
