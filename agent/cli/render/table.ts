/** Plain tables that fit the terminal: the last column wraps, none is cut. */
import { forTerminal } from './escape.ts';
import { textWidth } from './text-width.ts';

export type Style = Readonly<Record<'bold' | 'dim' | 'attention' | 'good', (text: string) => string>>;

const plain: Style = { bold: String, dim: String, attention: String, good: String };
const sgr =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;
const coloured: Style = { bold: sgr(1, 22), dim: sgr(2, 22), attention: sgr(33, 39), good: sgr(32, 39) };

/** Colour only for a terminal that wants it; it never carries meaning alone. */
export function styleFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Style {
  return isColoured(stream, environment) ? coloured : plain;
}

export function isColoured(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

/** Columns of the terminal; 100 where there is none, never under 60. */
export function widthOf(stream: { isTTY?: boolean; columns?: number }): number {
  return Math.max(60, stream.isTTY === true ? (stream.columns ?? 80) : 100);
}

/** Splits at spaces; a word longer than the width is broken, not cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const candidate = line === '' ? word : `${line} ${word}`;
    if (textWidth(candidate) <= width) {
      line = candidate;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const char of word) {
      if (textWidth(line + char) > width) {
        lines.push(line);
        line = '';
      }
      line += char;
    }
  }
  return [...lines, line];
}

export type Cell = { readonly text: string; readonly style?: (text: string) => string };
export type Row = readonly Cell[];

/**
 * Lines of a table with two blanks between columns. `widest` bounds each column but the last; the
 * last takes what is left. Texts are escaped here: callers hand in what the server said.
 */
export function tableLines(rows: readonly Row[], width: number, widest: readonly number[], indent = 2): string[] {
  const widths = widest.map((limit, column) =>
    Math.min(limit, Math.max(0, ...rows.map((row) => textWidth(forTerminal(row[column]?.text ?? ''))))),
  );
  const taken = widths.reduce((sum, column) => sum + column + 2, indent);
  const all = [...widths, Math.max(20, width - taken)];
  return rows.flatMap((row) => {
    const cells = all.map((columnWidth, column) => wrap(forTerminal(row[column]?.text ?? ''), columnWidth));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_unused, at) =>
      (
        ' '.repeat(indent) +
        cells
          .map((lines, column) => {
            const text = lines[at] ?? '';
            const gap = column === all.length - 1 ? '' : ' '.repeat((all[column] ?? 0) - textWidth(text) + 2);
            return (row[column]?.style ?? String)(text) + gap;
          })
          .join('')
      ).trimEnd(),
    );
  });
}
