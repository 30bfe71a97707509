/**
 * Advisories as dnf 4 and yum print them for people, in English under LC_ALL=C:
 *
 *     RHSA-2013:0550 Moderate/Sec.  bind-libs-32:9.8.2-0.17.rc1.el6.3.x86_64
 *     FEDORA-2020-777f43619c bugfix firefox-83.0-13.fc32.x86_64
 *
 *     ===============================================================================
 *       Important: beta security update
 *     ===============================================================================
 *       Update ID: EXSA-2026:0001
 *            Type: security
 *         Updated: 2026-10-05 00:00:00
 *            CVEs: CVE-2026-0001
 *                : CVE-2026-0002
 *        Severity: Important
 */
import type { Advisory } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { advisory, advisoryKind } from './advisory.ts';

const remark =
  /^(?:Last metadata expiration check: |Loaded plugins: |Updates Information Summary: |updateinfo (?:list|info) done)/;

/** Of the list: each advisory with its packages. Fails with `unexpected-line`. The same advisory may be of two kinds; security counts. */
export function parseUpdateinfoList(text: string): Parsed<readonly Advisory[]> {
  const found = new Map<string, Advisory>();
  for (const [index, line] of text.toWellFormed().split('\n').entries()) {
    if (line.trim() === '' || remark.test(line)) continue;
    const [, id, kind, nevra] = /^\s*(?:i\s+)?(\S{1,256})\s+(\S{1,64})\s+(\S+-\S+-\S+\.\w+)\s*$/.exec(line) ?? [];
    if (id === undefined || kind === undefined || nevra === undefined)
      return unparsed('unexpected-line', `line ${index + 1}`);
    const isSecurity = /\/Sec\.?$|^security$/i.test(kind);
    const known = found.get(id);
    found.set(
      id,
      advisory({
        id,
        kind: isSecurity || known?.kind === 'security' ? 'security' : advisoryKind(kind),
        severity: isSecurity && !/^security$/i.test(kind) ? kind : known?.severity,
        cveIds: [],
        packages: [...(known?.packages ?? []), nevra],
      }),
    );
  }
  return parsed([...found.values()]);
}

/** Of the details: kind, severity, dates and CVE identifiers, without packages. Fails with `unexpected-line`. */
export function parseUpdateinfoInfo(text: string): Parsed<readonly Advisory[]> {
  const advisories: Advisory[] = [];
  // Each block begins with a title between two rulers; a description may hold anything but a ruler at its start.
  const blocks = text.toWellFormed().split(/^={20,}\n[^\n]*(?:\n(?!={20,}$)[^\n]*){0,8}\n={20,}$/m);
  const [head = '', ...rest] = blocks;
  if (head.split('\n').some((line) => line.trim() !== '' && !remark.test(line))) return unparsed('unexpected-line');
  for (const block of rest) {
    const fields = fieldsOf(block);
    const id = fields.get('Update ID')?.[0];
    if (id === undefined || id === '') return unparsed('unexpected-line', 'a block without an Update ID');
    advisories.push(
      advisory({
        id,
        kind: advisoryKind(fields.get('Type')?.[0] ?? ''),
        severity: fields.get('Severity')?.[0],
        released: instantIn(fields.get('Issued')?.[0]),
        updated: instantIn(fields.get('Updated')?.[0]),
        cveIds: fields.get('CVEs') ?? [],
        packages: [],
      }),
    );
  }
  return parsed(advisories);
}

/** The lines of each field; those of a field that goes on begin with blanks and a colon. The first of a name counts. */
function fieldsOf(block: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let open: string[] = [];
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^ {0,20}([A-Z][A-Za-z ]{0,20}?) ?: (.*)$/.exec(line) ?? [];
    const further = /^ +: (.*)$/.exec(line)?.[1];
    if (name !== undefined && !fields.has(name)) {
      open = [value.trim()];
      fields.set(name, open);
    } else if (further !== undefined) open.push(further.trim());
  }
  return fields;
}

/** `2026-10-05 00:00:00`, in UTC as the archive wrote it; a date alone is no instant. */
function instantIn(text: string | undefined): string | undefined {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})/.exec(text ?? '') ?? [];
  const instant = `${date}T${time}Z`;
  return date === undefined || Number.isNaN(Date.parse(instant)) ? undefined : instant;
}

/** The list says which packages, the details say the rest; an advisory that only one of them has is kept. */
export function joinAdvisories(list: readonly Advisory[], details: readonly Advisory[]): Advisory[] {
  const joined = new Map(details.map((entry) => [entry.id, entry]));
  for (const entry of list) {
    const more = joined.get(entry.id);
    const kind = entry.kind === 'security' || more === undefined ? entry.kind : more.kind;
    const severity = more?.severity ?? entry.severity;
    joined.set(entry.id, {
      ...entry,
      ...more,
      kind,
      ...(severity === undefined ? {} : { severity }),
      cveIds: more === undefined || more.cveIds.length === 0 ? entry.cveIds : more.cveIds,
      packages: entry.packages.length === 0 ? (more?.packages ?? []) : entry.packages,
    });
  }
  return [...joined.values()];
}
