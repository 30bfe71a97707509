/** Words that must not be missed, above everything else. */
import type { HostAudit } from '../model.ts';
import type { ReportContext } from './context.ts';
import { count } from './words.ts';

export function noticesOf(audit: HostAudit, { refused, notices = [] }: ReportContext): readonly string[] {
  return [
    ...notices,
    ...(audit.history.replayed
      ? [
          'Replayed evidence: a recorded or constructed machine, signed with a throw-away key. It proves nothing about a real server.',
        ]
      : []),
    ...(refused.length > 0
      ? [`${count(refused.length, 'pack', 'packs')} refused: what does not verify counts for nothing here; see below.`]
      : []),
  ];
}
