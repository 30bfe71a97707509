/** What `zypper -x` prints (zypper(8)): updates and patches. */
import type { Advisory } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { advisory, advisoryKind } from './advisory.ts';
import { instantOf } from './instant.ts';
import { plainVersion } from './nevra.ts';
import { elementsNamed, parseXml, type XmlElement } from './xml.ts';

export type ZypperUpdate = {
  readonly name: string;
  readonly architecture: string;
  readonly installedVersion: string;
  readonly version: string;
  /** The repository's alias. */
  readonly repository: string;
};

/** `<update kind="package" name edition arch edition-old>`. Fails with `no-update-list` where zypper gave none, and as `parseXml` does. */
export function parseZypperUpdates(text: string): Parsed<readonly ZypperUpdate[]> {
  const rows = updatesIn(text);
  if (!rows.ok) return rows;
  const updates: ZypperUpdate[] = [];
  for (const row of rows.value) {
    if ((row.attributes.get('kind') ?? 'package') !== 'package') continue;
    const name = row.attributes.get('name') ?? '';
    const version = row.attributes.get('edition') ?? '';
    if (name === '' || version === '' || Math.max(name.length, version.length) > 256) return unparsed('unexpected-xml');
    updates.push({
      name: name.toWellFormed(),
      architecture: (row.attributes.get('arch') ?? '').slice(0, 64).toWellFormed(),
      installedVersion: plainVersion(row.attributes.get('edition-old') ?? '')
        .slice(0, 256)
        .toWellFormed(),
      version: plainVersion(version).toWellFormed(),
      repository: aliasOf(row),
    });
  }
  return parsed(updates);
}

/** `<update kind="patch" name category severity status restart>`: those that are needed, without their packages. */
export function parseZypperPatches(text: string): Parsed<readonly Advisory[]> {
  const rows = updatesIn(text);
  if (!rows.ok) return rows;
  const advisories: Advisory[] = [];
  for (const row of rows.value) {
    const id = row.attributes.get('name') ?? '';
    if (id === '') return unparsed('unexpected-xml');
    const status = row.attributes.get('status') ?? 'needed';
    if (row.attributes.get('kind') !== 'patch' || status !== 'needed') continue;
    const seconds = Number(elementsNamed(row, 'issue-date')[0]?.attributes.get('time_t') ?? '');
    advisories.push(
      advisory({
        id,
        kind: advisoryKind(row.attributes.get('category') ?? ''),
        severity: row.attributes.get('severity'),
        released: seconds > 0 && seconds < 1e11 ? instantOf(Math.trunc(seconds) * 1000) : undefined,
        cveIds: elementsNamed(row, 'issue').map((issue) => issue.attributes.get('id') ?? ''),
        packages: [],
        restart: restartOf(row),
        repository: aliasOf(row),
      }),
    );
  }
  return parsed(advisories);
}

function updatesIn(text: string): Parsed<readonly XmlElement[]> {
  const xml = parseXml(text);
  if (!xml.ok) return xml;
  const lists = elementsNamed(xml.value, 'update-list');
  return lists.length === 0
    ? unparsed('no-update-list')
    : parsed(lists.flatMap((list) => elementsNamed(list, 'update')));
}

function aliasOf(row: XmlElement): string {
  return (elementsNamed(row, 'source')[0]?.attributes.get('alias') ?? '').slice(0, 256).toWellFormed();
}

function restartOf(row: XmlElement): Advisory['restart'] {
  if (row.attributes.get('restart') === 'true') return 'reboot';
  return row.attributes.get('pkgmanager') === 'true' ? 'package-manager' : 'none';
}
