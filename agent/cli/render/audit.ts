/** Findings and histories, for a terminal. */
import type { ExplanationPart } from '../../../audit/explain-finding.ts';
import type { Finding, History, HostAudit } from '../../../audit/model.ts';
import { forTerminal } from './escape.ts';
import { type Row, type Style, tableLines, wrap } from './table.ts';

export type Page = { readonly width: number; readonly style: Style };

export function serverName({ names, id }: { readonly names: readonly string[]; readonly id: string }): string {
  return names[0] === undefined ? `server ${id.slice(0, 8)}` : `${names[0]} (${id.slice(0, 8)})`;
}

export function titledTable(
  title: string,
  rows: readonly Row[],
  widest: readonly number[],
  { width, style }: Page,
  empty: string | undefined = 'nothing',
): string[] {
  return [
    style.bold(forTerminal(title)),
    ...(rows.length === 0 ? [`  ${empty}`] : tableLines(rows, width, widest)),
    '',
  ];
}

export function findingLines(audits: readonly HostAudit[], page: Page): string[] {
  return audits.flatMap((audit) => {
    const shown = audit.findings.map((finding): Row => {
      const { attention } = page.style;
      const mark =
        finding.state === 'ended'
          ? 'over'
          : finding.state === 'suspended'
            ? 'excepted'
            : finding.verdict === 'undetermined'
              ? 'not known'
              : finding.level;
      return [
        finding.state === 'open' ? { text: mark, style: attention } : { text: mark },
        { text: finding.interval.from },
        { text: finding.id },
        { text: finding.rule },
        { text: `${finding.title}${finding.stale === true ? ' (last known state)' : ''}` },
      ];
    });
    // No finding about what nobody could judge is no good news.
    const unjudged = audit.unjudged.map(
      (topic): Row => [
        { text: 'not seen', style: page.style.attention },
        { text: audit.lastDay ?? audit.at },
        { text: '' },
        { text: '' },
        { text: `the newest bundle does not let judge ${topic}: no finding about it means nothing` },
      ],
    );
    return titledTable(
      `${serverName(audit.host)} as of ${audit.at}: ${counted(audit.findings)}${unjudged.length === 0 ? '' : `, ${unjudged.length} not judged`}`,
      [...shown, ...unjudged],
      [10, 10, 14, 26],
      page,
      'no finding',
    );
  });
}

function counted(findings: readonly Finding[]): string {
  const open = findings.filter(({ state }) => state === 'open');
  const parts = [
    `${open.filter(({ verdict, level }) => verdict === 'fail' && level === 'breach').length} open`,
    `${open.filter(({ verdict }) => verdict === 'undetermined').length} not known`,
    `${findings.length - open.length} over or excepted`,
  ];
  return parts.join(', ');
}

export function historyLines(histories: readonly History[], page: Page): string[] {
  return histories.flatMap((history) => {
    const { host, entries, gaps, faults, stale, duplicates } = history;
    const first = entries[0];
    const last = entries.at(-1);
    const modes = [...new Set(entries.map(({ mode }) => mode))].join(', ');
    const title = `${serverName(host)}: ${entries.length} bundles, ${first?.day ?? ''} to ${last?.day ?? ''}, ${modes}${host.joinedBy.length > 0 ? `; joined by ${host.joinedBy.join(', ')}` : ''}`;
    const runs: Row[] = runsOf(history).map(({ from, to, count, what }) => [
      { text: from },
      { text: to },
      { text: String(count) },
      { text: what },
    ]);
    const troubles: Row[] = [
      ...gaps.map(
        ({ chainId, fromSequence, toSequence, after, before }): Row => [
          { text: 'gap' },
          { text: after },
          { text: before },
          { text: `numbers ${fromSequence} to ${toSequence} of chain ${chainId.slice(0, 8)} are not here` },
        ],
      ),
      ...stale.map(
        ({ from, to, after }): Row => [
          { text: 'silent' },
          { text: from },
          { text: to ?? '…' },
          { text: `no evidence; the last bundle before claims ${after}` },
        ],
      ),
      ...faults.map(
        ({ kind, sequence, text }): Row => [
          { text: kind },
          { text: '' },
          { text: '' },
          { text: `number ${sequence}: ${text}` },
        ],
      ),
      ...duplicates
        .slice(0, 20)
        .map(
          ({ file, bundle }): Row => [
            { text: 'twice' },
            { text: '' },
            { text: '' },
            { text: `${file} carries bundle ${bundle.slice(0, 16)} once more` },
          ],
        ),
    ];
    return [
      ...titledTable(title, runs, [10, 10, 5], page),
      ...(troubles.length === 0 ? [] : titledTable('What is missing or contradicts', troubles, [18, 10, 10], page)),
    ];
  });
}

/** Equal documents together: what changed, and when. */
function runsOf({ entries }: History): { from: string; to: string; count: number; what: string }[] {
  const runs: { from: string; to: string; count: number; what: string; key: string }[] = [];
  let before: Readonly<Record<string, string>> = {};
  for (const { day, documents } of entries) {
    const changed = Object.keys(documents).filter((each) => !each.includes('/') && documents[each] !== before[each]);
    const key = changed.join(' ');
    const last = runs.at(-1);
    if (last !== undefined && (key === '' || key === last.key)) {
      last.to = day;
      last.count += 1;
    } else
      runs.push({
        from: day,
        to: day,
        count: 1,
        key,
        what: key === '' ? 'nothing changed' : `${key} ${before['host'] === undefined ? 'first seen' : 'changed'}`,
      });
    before = documents;
  }
  return runs;
}

export function explanationPartLines(parts: readonly ExplanationPart[], { width, style }: Page): string[] {
  return parts.flatMap(({ title, lines }) => [
    style.bold(title),
    ...lines.flatMap((line) => wrap(forTerminal(line), width - 2).map((each) => `  ${each}`)),
    '',
  ]);
}
