/**
 * The tables that zypper prints for people (zypper(8)), for where its XML cannot be had or read:
 *
 *     S | Repository        | Name     | Current Version | Available Version | Arch
 *     --+-------------------+----------+-----------------+-------------------+-------
 *     v | SLE-Module-Base…  | aaa_base | 84.87-150300.1  | 84.87-150300.2    | x86_64
 *
 * Columns differ between versions and are found by their headings; lines need not be as wide as the heading.
 */
import type { Advisory } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { advisory, advisoryKind } from './advisory.ts';
import { plainVersion } from './nevra.ts';
import type { ZypperUpdate } from './zypper-xml.ts';

type Row = ReadonlyMap<string, string>;

/** Fails with `no-table` where zypper neither printed one nor said that there is nothing to list. */
export function parseZypperUpdateTable(text: string): Parsed<readonly ZypperUpdate[]> {
  const rows = zypperRows(text, ['Name', 'Available Version']);
  if (!rows.ok) return rows;
  const updates: ZypperUpdate[] = [];
  for (const row of rows.value) {
    const name = row.get('Name') ?? '';
    const version = row.get('Available Version') ?? '';
    if (name === '' || version === '' || Math.max(name.length, version.length) > 256)
      return unparsed('unexpected-line');
    updates.push({
      name,
      architecture: (row.get('Arch') ?? '').slice(0, 64),
      installedVersion: plainVersion(row.get('Current Version') ?? '').slice(0, 256),
      version: plainVersion(version),
      repository: (row.get('Repository') ?? row.get('Catalog') ?? '').slice(0, 256),
    });
  }
  return parsed(updates);
}

/** Patches that zypper calls needed, without dates, identifiers and packages: the table has none. */
export function parseZypperPatchTable(text: string): Parsed<readonly Advisory[]> {
  const rows = zypperRows(text, ['Name', 'Category', 'Status']);
  if (!rows.ok) return rows;
  const advisories: Advisory[] = [];
  for (const row of rows.value) {
    const id = row.get('Name') ?? '';
    if (id === '') return unparsed('unexpected-line');
    // Without `--all` only those that are needed are listed; zypper before 1.14 says `Needed`.
    if (!/^needed$/i.test(row.get('Status') ?? '')) continue;
    const interactive = (row.get('Interactive') ?? '').split(',');
    advisories.push(
      advisory({
        id,
        kind: advisoryKind(row.get('Category') ?? ''),
        severity: row.get('Severity'),
        released: undefined,
        cveIds: [],
        packages: [],
        restart: interactive.includes('reboot')
          ? 'reboot'
          : interactive.includes('restart')
            ? 'package-manager'
            : 'none',
        repository: (row.get('Repository') ?? row.get('Catalog') ?? '').slice(0, 256),
      }),
    );
  }
  return parsed(advisories);
}

/** Rows by heading, of every table with these columns; zypper prints more than one where it lists patches by kind. */
export function zypperRows(text: string, wanted: readonly string[]): Parsed<readonly Row[]> {
  const rows: Row[] = [];
  let headings: readonly string[] | undefined;
  let tables = 0;
  for (const [index, line] of text.toWellFormed().split(/\r?\n/).entries()) {
    if (!line.includes('|') || /^[-+]*$/.test(line.trim())) continue;
    const cells = line.split('|').map((cell) => cell.trim());
    if (wanted.every((name) => cells.includes(name))) {
      headings = cells;
      tables += 1;
    } else if (headings !== undefined) {
      // A bar in the last column, a summary in words, belongs to it.
      if (cells.length < headings.length) return unparsed('unexpected-line', `line ${index + 1}`);
      rows.push(new Map(headings.map((heading, at) => [heading, cells[at] ?? ''])));
    }
  }
  if (tables > 0) return parsed(rows);
  return /^No (?:updates|patches|needed patches) found\.?\s*$/m.test(text) ? parsed([]) : unparsed('no-table');
}
