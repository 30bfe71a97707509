/** os-release(5): shell-like assignments, one a line. */
import type { OperatingSystem } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { isUtf8, toText } from '../text.ts';

const maxLength = 128;
const maxPrettyLength = 4096;

/** Which system this is. `ID` is `linux` where the file has other names but no ID, as the manual says. */
export function parseOsRelease(text: string): Parsed<OperatingSystem> {
  const fields = assignments(text);
  if (!fields.has('ID') && !fields.has('NAME') && !fields.has('PRETTY_NAME')) return unparsed('no-os-release');
  const id = fields.get('ID') || 'linux';
  const like = (fields.get('ID_LIKE') ?? '').split(/\s+/).filter((each) => each !== '');
  const versionId = fields.get('VERSION_ID');
  const codename = fields.get('VERSION_CODENAME');
  const pretty = fields.get('PRETTY_NAME') ?? '';
  const plain = [id, ...like, versionId ?? '', codename ?? ''];
  if (
    plain.some((each) => each.length > maxLength || !isUtf8(each)) ||
    like.length > 16 ||
    pretty.length > maxPrettyLength
  )
    return unparsed('unusable-os-release');
  return parsed({
    family: 'linux',
    id,
    ...(like.length === 0 ? {} : { idLike: like }),
    ...(versionId ? { versionId } : {}),
    ...(codename ? { codename } : {}),
    ...(pretty === '' ? {} : { prettyName: toText(pretty) }),
  });
}

/** Later assignments win; lines that are none do not count. */
export function assignments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line.replace(/\r$/, ''));
    const value = match === null ? undefined : unquote(match[2] ?? '');
    if (match?.[1] !== undefined && value !== undefined) found.set(match[1], value);
  }
  return found;
}

/**
 * A value with its quotes and escapes taken out as a shell does: in double quotes a backslash holds
 * before `$`, `"`, a backslash and a backtick. Undefined where a quote is not closed.
 */
function unquote(written: string): string | undefined {
  const trimmed = written.trim();
  const parts = trimmed.match(/"(?:\\[^]|[^"\\])*"|'[^']*'|\\[^]|[^"'\\]+/g) ?? [];
  if (parts.join('') !== trimmed) return undefined;
  return parts
    .map((part) => {
      if (part.startsWith('"')) return part.slice(1, -1).replace(/\\([$"\\`])/g, '$1');
      if (part.startsWith("'")) return part.slice(1, -1);
      return part.startsWith('\\') ? part.slice(1) : part;
    })
    .join('');
}
