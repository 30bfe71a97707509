/** Instances of SQL Server by their setup keys (learn.microsoft.com, "File locations for SQL Server"). */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, SqlInstance } from '../../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../../fact.ts';
import { rawVersion } from '../../raw-json.ts';
import { registryNumber, registryText } from '../../registry-key.ts';
import { parseFileVersions, versionOf } from './file-versions.ts';

const root = String.raw`HKLM\SOFTWARE\Microsoft\Microsoft SQL Server`;
const kinds = { SQL: 'sql', OLAP: 'analysis', RS: 'reporting' } as const;

export async function readSqlInstances(host: Host): Promise<Fact<SqlInstance[]>> {
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  const lists = await Promise.all(names.map((name) => host.registry(`${root}\\Instance Names\\${name}`)));
  const sources = lists.map(({ source }) => source);
  const found: { name: string; id: string; kind: SqlInstance['kind'] }[] = [];
  for (const [at, list] of lists.entries()) {
    if (list.status === 'absent') continue;
    if (list.status !== 'observed') return missed(list);
    const kind = kinds[names[at] ?? 'SQL'];
    for (const name of Object.keys(list.value.values ?? {})) {
      const id = registryText(list.value, name);
      if (name !== '' && id !== undefined) found.push({ name, id, kind });
    }
  }
  if (found.length === 0) return unseen('absent', 'no-sql-server', sources);
  if (found.length > 32) return unseen('failed', 'too-many-entries', sources);
  const setups = await Promise.all(found.map(({ id }) => host.registry(`${root}\\${id}\\Setup`)));
  const lost = setups.find(({ status }) => status !== 'observed');
  if (lost !== undefined && lost.status !== 'observed')
    return lost.status === 'absent' ? unseen('failed', 'no-setup-key', [lost.source, ...sources]) : missed(lost);
  const programs = setups.map((setup) => {
    const folder = setup.status === 'observed' ? registryText(setup.value, 'SQLBinRoot') : undefined;
    return folder === undefined ? undefined : `${folder.replace(/\\+$/, '')}\\sqlservr.exe`;
  });
  const paths = programs.filter((path) => path !== undefined);
  const files = paths.length === 0 ? undefined : parseFileVersions(await host.query('file-versions', { paths }));
  const instances = setups.map((setup, at): SqlInstance => {
    const key = setup.status === 'observed' ? setup.value : {};
    const { name = '', id = '', kind } = found[at] ?? {};
    const [version, patchLevel] = [
      rawVersion(registryText(key, 'Version')),
      rawVersion(registryText(key, 'PatchLevel')),
    ];
    const [edition, servicePack] = [registryText(key, 'Edition'), registryNumber(key, 'SP')];
    const program = programs[at];
    const fileVersion = program === undefined || files === undefined ? undefined : versionOf(files, program);
    return {
      name: name.slice(0, 256),
      id: id.slice(0, 256),
      ...(kind === undefined ? {} : { kind }),
      ...(edition === undefined ? {} : { edition: edition.slice(0, 256) }),
      ...(version === undefined ? {} : { version }),
      ...(patchLevel === undefined ? {} : { patchLevel }),
      ...(fileVersion === undefined ? {} : { fileVersion }),
      ...(servicePack === undefined ? {} : { servicePack }),
    };
  });
  const all = [...sources, ...setups.map(({ source }) => source), ...(files === undefined ? [] : [files.source])];
  return observed(
    instances.toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    ...all,
  );
}
