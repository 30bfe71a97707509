/** The findings of one server as they are printed. */
import { type AuditOptions, auditHost } from '../../../audit/audit-host.ts';
import { historiesBy } from '../../../audit/history.ts';
import type { HistoryEntry } from '../../../audit/history-model.ts';
import type { HostAudit } from '../../../audit/model.ts';
import { ofHost } from '../audit-source.ts';
import { findingLines } from '../render/audit.ts';
import { forJson } from '../render/escape.ts';
import { styleFor } from '../render/table.ts';

/** What can be told to another thread of how to print. */
export type Page = { readonly format: 'table' | 'json'; readonly width: number; readonly coloured: boolean };

/** A breach is open; or none is, but not everything could be judged; or neither. */
export type Standing = 'breach' | 'not-known' | 'clear';

export type Judged = { readonly text: string; readonly standing: Standing };

/** Entries of one server: usually one answer; two where bundles of later days alone join two servers. */
export function judge(
  entries: readonly HistoryEntry[],
  options: AuditOptions,
  host: string | undefined,
  { format, width, coloured }: Page,
): Judged[] {
  // Of a server whose bundles all claim a later day nothing is known, which is not that nothing is wrong.
  return historiesBy(entries, options.at).flatMap((history): Judged[] => {
    const audit = auditHost(history, options);
    // Without the bundles of later days they may be two servers, of which one is meant.
    if (!ofHost([audit], host).ok) return [];
    const style = styleFor({ isTTY: coloured }, {});
    const text =
      format === 'json' ? `\n    ${indented(audit, '    ')}` : findingLines([audit], { width, style }).join('\n');
    return [{ text, standing: standingOf(audit) }];
  });
}

/** What a script is told by the exit code: what nobody could judge is not in order. */
function standingOf({ findings, unjudged }: HostAudit): Standing {
  const open = findings.filter(({ state }) => state === 'open');
  if (open.some(({ verdict, level }) => verdict === 'fail' && level === 'breach')) return 'breach';
  return unjudged.length > 0 || open.some(({ verdict }) => verdict === 'undetermined') ? 'not-known' : 'clear';
}

/** JSON as it stands inside of other JSON: no text in it has a line feed. */
export function indented(value: unknown, by: string): string {
  return forJson(value).replaceAll('\n', `\n${by}`);
}
