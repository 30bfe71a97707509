/** What follows from the facts, by the judges as they are in this version. It is no part of the evidence. */
import { catalogues } from '../../../catalogue/list.ts';
import type { Drafts } from '../../../collectors/collector.ts';
import { type Conclusion, conclude } from '../../../judge/list.ts';
import type { Verdict } from '../../../judge/verdict.ts';
import { type Row, type Style, tableLines } from './table.ts';

const words: Readonly<Record<Verdict['outcome'], string>> = {
  pass: 'yes',
  fail: 'NO',
  undetermined: 'not known',
};
const shown = 6;

/** Empty where nothing can be judged. `at` is the end that the bundle claims. */
export function conclusionLines(
  documents: ReadonlyMap<string, object>,
  at: string,
  width: number,
  style: Style,
): string[] {
  const drafts = Object.fromEntries([...documents].filter(([name]) => !name.includes('/'))) as Drafts;
  const conclusions = conclude(drafts, { at, catalogues });
  if (conclusions.length === 0) return [];
  const rows = conclusions.flatMap((conclusion) => rowsOf(conclusion, style));
  return [style.bold('What follows from it'), ...tableLines(rows, width, [28, 10])];
}

function rowsOf({ question, verdict, details = [] }: Conclusion, style: Style): Row[] {
  const paint = { pass: style.good, fail: style.attention, undetermined: style.attention }[verdict.outcome];
  const lines = [
    ...limited(verdict.faults.map((fault) => `! ${fault}`)),
    ...limited(verdict.unknowns.map((unknown) => `? ${unknown}`)),
    ...limited(details),
  ];
  const [first = '', ...others] = lines;
  return [
    [{ text: question }, { text: words[verdict.outcome], style: paint }, { text: first }],
    ...others.map((text): Row => [{ text: '' }, { text: '' }, { text }]),
  ];
}

function limited(lines: readonly string[]): string[] {
  return lines.length <= shown ? [...lines] : [...lines.slice(0, shown - 1), `and ${lines.length - shown + 1} more`];
}
