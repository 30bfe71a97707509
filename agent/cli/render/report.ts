/** One glance: what was found, what could not be seen and why, where the evidence lies. */
import type { SummaryRow } from '../../../collectors/collector.ts';
import type { Fact, Unseen } from '../../../schemas/generated/types.ts';
import type { Change } from '../../run/changes.ts';
import { forTerminal } from './escape.ts';
import { explain } from './remedy.ts';
import { type Row, type Style, tableLines } from './table.ts';

export type Found = { readonly collector: string; readonly rows: readonly SummaryRow[] };
export type UnseenFact = { readonly document: string; readonly fact: string; readonly unseen: Unseen };

/** Facts without a value that a person should know of: what is absent or does not apply was seen. */
export function unseenFacts(documents: ReadonlyMap<string, object>): UnseenFact[] {
  const list: UnseenFact[] = [];
  for (const [document, content] of documents) {
    if (document.includes('/')) continue;
    for (const [fact, value] of Object.entries(content) as [string, Fact<unknown> | string][]) {
      if (typeof value === 'string' || value.status === 'observed') continue;
      if (value.status !== 'absent' && value.status !== 'not-applicable') list.push({ document, fact, unseen: value });
    }
  }
  return list;
}

export function foundLines(found: readonly Found[], width: number, style: Style): string[] {
  const tones = { plain: undefined, good: style.good, attention: style.attention } as const;
  const rows: Row[] = found.flatMap(({ collector, rows: lines }) =>
    lines.map(({ label, text, tone }, at) => {
      const paint = tones[tone];
      // A mark carries what the colour says.
      const marked = tone === 'attention' ? `! ${text}` : text;
      return [
        { text: at === 0 ? collector : '', style: style.dim },
        { text: label },
        paint === undefined ? { text: marked } : { text: marked, style: paint },
      ];
    }),
  );
  const lines = rows.length === 0 ? ['  nothing'] : tableLines(rows, width, [10, 24]);
  return [style.bold('What was found'), ...lines];
}

/** `whole` says that every collector gave its documents: without them no fact of theirs is in the list. */
export function unseenLines(
  facts: readonly UnseenFact[],
  { root, whole }: { readonly root: boolean; readonly whole: boolean },
  width: number,
  style: Style,
): string[] {
  if (facts.length === 0)
    return [
      style.bold('What could not be seen'),
      whole
        ? '  nothing: every fact that was asked for has an answer'
        : '  all that is not here, as said above; every other fact has an answer',
    ];
  // The same reason and remedy for several facts reads better as one row.
  const groups = new Map<string, { facts: string[]; why: string; how: string }>();
  for (const { document, fact, unseen } of facts) {
    const [why, how] = explain(unseen, root);
    const key = `${why}\n${how}`;
    const group = groups.get(key) ?? { facts: [], why, how };
    group.facts.push(`${document}.${fact}`);
    groups.set(key, group);
  }
  const rows: Row[] = [...groups.values()].flatMap(({ facts: names, why, how }) =>
    names.map((name, at) => [
      { text: name, style: style.attention },
      { text: at === 0 ? `${why}${how === '' ? '' : `. To see it: ${how}`}` : '(the same)' },
    ]),
  );
  return [style.bold('What could not be seen'), ...tableLines(rows, width, [Math.min(34, Math.floor(width / 2))])];
}

export function changeLines(changes: readonly Change[], since: string, width: number, style: Style): string[] {
  const title = style.bold(`What changed since ${since}`);
  if (changes.length === 0) return [title, '  nothing'];
  const rows: Row[] = changes.map(({ document, fact, from, to }) => [
    { text: fact === '' ? document : `${document}.${fact}` },
    { text: `${from} → ${to}` },
  ]);
  return [title, ...tableLines(rows, width, [Math.min(34, Math.floor(width / 2))])];
}

export function pairLines(
  title: string,
  pairs: readonly (readonly [string, string])[],
  width: number,
  style: Style,
): string[] {
  return [
    style.bold(title),
    ...tableLines(
      pairs.map(([label, text]) => [{ text: label }, { text }]),
      width,
      [14],
    ),
  ];
}

/** Said where the spool's cap is so small that it let go of what was collected just now. */
export function capLines(spooled: { readonly missing: readonly string[] } | undefined, style: Style): string[] {
  if (spooled === undefined || spooled.missing.length === 0) return [];
  const names = forTerminal(spooled.missing.join(', '));
  return [
    style.attention(`! The spool is full: it kept the signed statement and let these documents go: ${names}`),
    '  remedy: raise spool.maxBytes in affiant.yaml, or let the endpoint take what waits (affiant post); collect again',
  ];
}
