/**
 * What `canonical-livepatch status` prints, YAML of a fixed shape:
 *
 *     last-check: 2021-04-08T17:41:06Z
 *     status:
 *     - kernel: 5.4.0-1012.12-azure
 *       running: true
 *       livepatch:
 *         checkState: checked
 *         patchState: applied
 *         version: "75.2"
 *         fixes: |-
 *           * CVE-2019-0155: LP: #1852141
 */
import type { LivePatchClient } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { instantOf } from './instant.ts';

/** What it says of the running kernel, or of the only one. Fails with `no-livepatch-status`. */
export function parseLivepatchStatus(text: string): Parsed<LivePatchClient> {
  const clean = text.toWellFormed();
  const [head = '', ...entries] = clean.split(/^[ \t]*- (?=kernel:)/m);
  if (!/client-version:/.test(head) || entries.length === 0) return unparsed('no-livepatch-status');
  const entry = entries.find((each) => /^[ \t]*running: true\s*$/m.test(each)) ?? entries[0] ?? '';
  const field = (name: string, from = entry): string | undefined =>
    new RegExp(`^[ \\t]*${name}: *["']?([^"'\\n]*?)["']?[ \\t]*$`, 'm').exec(from)?.[1];
  const checked = Date.parse(field('last-check', head) ?? '');
  const kernel = /^kernel: *(\S+)/.exec(entry)?.[1];
  const cveIds = [...new Set(entry.match(/CVE-\d{4}-\d{4,19}/g) ?? [])];
  const word = (name: string): string | undefined => {
    const value = field(name);
    return value === undefined || value === '' ? undefined : fieldText(value, 64);
  };
  const checkState = word('checkState') ?? word('check-state');
  const patchState = word('patchState') ?? word('patch-state') ?? word('state');
  const version = word('version');
  return parsed({
    name: 'canonical-livepatch',
    ...(kernel === undefined ? {} : { kernel: fieldText(kernel, 256) }),
    ...(checkState === undefined ? {} : { checkState }),
    ...(patchState === undefined ? {} : { patchState }),
    ...(version === undefined ? {} : { version }),
    ...(Number.isNaN(checked) ? {} : { lastCheckAt: instantOf(checked).replace(/\.\d+Z$/, 'Z') }),
    ...(cveIds.length === 0 ? {} : { cveIds: cveIds.toSorted(byCodePoint).slice(0, 1024) }),
  });
}
