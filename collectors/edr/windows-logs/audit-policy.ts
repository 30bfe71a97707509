/**
 * The audit policy of Windows by the GUIDs of its subcategories: what `auditpol /backup` writes, a table whose
 * words are translated and of which only GUID and number are read.
 * https://learn.microsoft.com/windows-server/administration/windows-commands/auditpol-backup
 */
import type { AuditSubcategory } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { objectOf, textsOf } from '../../raw-objects.ts';

const row = /\{([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}.*?,([0-3])\s*$/;

/**
 * `HOST,System,Logon,{0CCE9215-…},Success and Failure,,3`: 0 none, 1 successes, 2 failures, 3 both. Rows of
 * single users follow those of the system and repeat their GUIDs: the first row of each counts.
 */
export function parseAuditPolicy(value: unknown): Parsed<AuditSubcategory[]> {
  const object = objectOf(value);
  if (!object.ok) return object;
  const lines = textsOf(object.value['Lines']);
  if (lines === undefined) return unparsed('unexpected-object');
  const found = new Map<string, AuditSubcategory>();
  for (const line of lines) {
    const match = row.exec(line);
    const id = match?.[1]?.toLowerCase();
    if (id === undefined || found.has(id)) continue;
    const setting = Number(match?.[2]);
    found.set(id, { id, success: (setting & 1) !== 0, failure: (setting & 2) !== 0 });
  }
  // Windows has more than fifty; a handful is a cut or foreign table.
  if (found.size < 40) return unparsed('unexpected-output');
  return parsed([...found.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1)).slice(0, 256));
}
