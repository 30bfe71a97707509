/**
 * `mdatp exclusion list`:
 *
 *     =====================================
 *     Excluded folder
 *     Path: "/var/opt/data/"
 *     Scope: "global"
 *     ---
 *     Excluded extension
 *     Extension: ".log"
 *     =====================================
 */
import type { ProtectionExclusion } from '../../../schemas/generated/types.ts';
import type { Digests } from '../../collector.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { exclusionOf } from '../path-class.ts';

const kinds = { file: 'path', folder: 'path', process: 'process', extension: 'extension' } as const;
const maxExclusions = 4096;

/** Fails at a line that it does not know, without quoting it: half of a list would hide the other half. */
export function parseExclusions(text: string, digests: Digests): Parsed<ProtectionExclusion[]> {
  const exclusions: ProtectionExclusion[] = [];
  let kind: keyof typeof kinds | undefined;
  let open = false;
  let none = false;
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || /^(?:=+|-+)$/.test(trimmed)) continue;
    if (/^no exclusions?(?: found)?\.?$/i.test(trimmed)) {
      none = true;
      continue;
    }
    const heading = /^Excluded (file|folder|process|extension)s?$/i.exec(trimmed)?.[1]?.toLowerCase();
    if (heading === 'file' || heading === 'folder' || heading === 'process' || heading === 'extension') {
      if (open) return unparsed('exclusion-without-value', `line ${index + 1}`);
      kind = heading;
      open = true;
      continue;
    }
    const match = /^(Path|Process name|Process|Name|Extension|File extension|Scopes?|Managed|Mergeable):\s*(.*)$/i.exec(
      trimmed,
    );
    const [, name = '', written = ''] = match ?? [];
    if (match === null || kind === undefined) return unparsed('unexpected-line', `line ${index + 1}`);
    if (/^(?:scopes?|managed|mergeable)$/i.test(name)) continue;
    const value = written.replaceAll(/^["“]|["”]$/g, '');
    if (value === '') return unparsed('exclusion-without-value', `line ${index + 1}`);
    exclusions.push(exclusionOf(value, { kind: kinds[kind], ...(kind === 'folder' && { recursive: true }) }, digests));
    open = false;
    if (exclusions.length > maxExclusions) return unparsed('too-many-entries');
  }
  if (open) return unparsed('exclusion-without-value');
  return exclusions.length > 0 || none ? parsed(exclusions) : unparsed('no-answer');
}
