/** glob(3) with no flags, over a host's folders: `*`, `?`, `[…]`; a leading dot is never matched by them. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { missed, observed } from '../fact.ts';
import { encodeText } from '../text.ts';

const maxPaths = 2_000;

/**
 * Paths in byte order. A path without pattern is given as it is, whether it is there or not. A folder
 * that cannot be listed is a miss, where glob(3) itself would go on: nothing is known of what is in it.
 */
export async function expandGlob(host: Host, pattern: string): Promise<Fact<string[]>> {
  let paths = [''];
  const sources: string[] = [];
  for (const segment of pattern.split('/').filter((part) => part !== '')) {
    const next: string[] = [];
    for (const folder of paths) {
      if (!/[*?[\\]/.test(segment)) {
        next.push(`${folder}/${segment}`);
        continue;
      }
      const names = await host.list(folder === '' ? '/' : folder);
      if (names.status === 'absent') {
        sources.push(names.source);
        continue;
      }
      if (names.status !== 'observed') return missed(names);
      sources.push(names.source);
      const expression = globExpression(segment);
      const wanted = names.value.filter(
        (name) => (segment.startsWith('.') || !name.startsWith('.')) && expression.test(name),
      );
      next.push(...wanted.map((name) => `${folder}/${name}`));
      if (next.length > maxPaths)
        return { status: 'failed', reason: 'too-many-entries', sources: sources.slice(0, 60) };
    }
    paths = next;
  }
  return observed(paths.toSorted(byBytes), ...new Set(sources.slice(0, 60)));
}

/** fnmatch(3) for one name. */
function globExpression(segment: string): RegExp {
  let source = '';
  for (let at = 0; at < segment.length; at += 1) {
    const char = segment.charAt(at);
    const end = char === '[' ? segment.indexOf(']', at + (/^\[[!^]?\]/.test(segment.slice(at)) ? 3 : 1)) : -1;
    if (char === '*') source += '[^]*?';
    else if (char === '?') source += '[^]';
    else if (end > 0) {
      const body = segment.slice(at + 1, end);
      const inner = body.replace(/^[!^]/, '').replace(/[\\\]^[]/g, String.raw`\$&`);
      source += /^[!^]/.test(body) ? `[^${inner}]` : `[${inner}]`;
      at = end;
    } else {
      if (char === '\\') at += 1;
      source += segment.charAt(at).replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    }
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // A range the wrong way round matches nothing, as fnmatch(3) has it.
    return /^(?!)/;
  }
}

function byBytes(left: string, right: string): number {
  const [a, b] = [encodeText(left), encodeText(right)];
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}
