/** The findings of one server as they are printed. */
import { type AuditOptions, auditHost } from '../../../audit/audit-host.ts';
import { histories } from '../../../audit/history.ts';
import type { HistoryEntry } from '../../../audit/history-model.ts';
import { ofHost } from '../audit-source.ts';
import { findingLines } from '../render/audit.ts';
import { forJson } from '../render/escape.ts';
import { styleFor } from '../render/table.ts';

/** What can be told to another thread of how to print. */
export type Page = { readonly format: 'table' | 'json'; readonly width: number; readonly coloured: boolean };

export type Judged = { readonly text: string; readonly open: boolean };

/** Entries of one server: usually one answer; two where bundles of later days alone join two servers. */
export function judge(
  entries: readonly HistoryEntry[],
  options: AuditOptions,
  host: string | undefined,
  { format, width, coloured }: Page,
): Judged[] {
  return histories(entries, options.at).flatMap((history): Judged[] => {
    const audit = auditHost(history, options);
    // Without the bundles of later days they may be two servers, of which one is meant.
    if (!ofHost([audit], host).ok) return [];
    const open = audit.findings.some(
      ({ state, verdict, level }) => state === 'open' && verdict === 'fail' && level === 'breach',
    );
    const style = styleFor({ isTTY: coloured }, {});
    const text =
      format === 'json' ? `\n    ${indented(audit, '    ')}` : findingLines([audit], { width, style }).join('\n');
    return [{ text, open }];
  });
}

/** JSON as it stands inside of other JSON: no text in it has a line feed. */
export function indented(value: unknown, by: string): string {
  return forJson(value).replaceAll('\n', `\n${by}`);
}
