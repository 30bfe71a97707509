/**
 * CycloneDX 1.6: the installed packages as components with their package URLs, and the missing fixes as
 * vulnerabilities. https://cyclonedx.org/docs/1.6/json/
 */
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { PackagesDocument } from '../../schemas/generated/types.ts';
import type { Exposure } from '../model.ts';
import { missingSince, stillMissing } from '../report/answer.ts';
import { type ExportSource, hostName, momentOf, uuidOf } from './source.ts';

type Component = {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
};

/** Refuses with `packages-unseen` where no list of installed packages was seen: an empty list would be a lie. */
export function cycloneDxBom(source: ExportSource): Result<object> {
  const { audit, newest, version } = source;
  const document = source.document('packages') as PackagesDocument | undefined;
  const packages = document?.packages;
  const windows = packages === undefined || packages.status !== 'observed';
  if (windows && audit.exposures.length === 0)
    return refuse(
      'packages-unseen',
      `of ${hostName(audit)} no list of installed packages was seen, and no missing fix`,
      {
        remedy: 'collect the packages of the server (affiant collect) and export again',
      },
    );
  const components = packages?.status === 'observed' ? componentsOf(packages.value) : [];
  const server = `host:${audit.host.id}`;
  const os = newest?.seen.os;
  return ok({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf('cyclonedx', audit.host.id, newest?.bundle ?? audit.at)}`,
    version: 1,
    metadata: {
      timestamp: momentOf(source),
      tools: { components: [{ type: 'application', name: 'affiant', version }] },
      component: {
        type: 'operating-system',
        'bom-ref': server,
        name: hostName(audit),
        ...(os?.status === 'observed' && { description: os.value }),
      },
      properties: [
        ...(newest === undefined ? [] : [{ name: 'affiant:bundle-sha256', value: newest.bundle }]),
        { name: 'affiant:packages', value: windows ? 'not seen' : 'observed' },
        ...(audit.history.replayed ? [{ name: 'affiant:replayed', value: 'true' }] : []),
      ],
    },
    ...(components.length > 0 && { components }),
    // What is not seen must not read as "that is all there is".
    compositions: [{ aggregate: windows ? 'unknown' : 'incomplete', assemblies: [server] }],
    ...(audit.exposures.length > 0 && { vulnerabilities: vulnerabilitiesOf(audit.exposures, components, server) }),
  });
}

type Package = Extract<PackagesDocument['packages'], { status: 'observed' }>['value'][number];

/** The same package twice, as with several kernels, is two components only where its package URL differs. */
function componentsOf(packages: readonly Package[]): readonly Component[] {
  const byPurl = new Map<string, Component>();
  for (const { purl, name, version } of packages)
    byPurl.set(purl, { 'bom-ref': purl, type: 'library', name, version, purl });
  return [...byPurl.values()];
}

/** A vulnerability for each CVE of a missing fix; a fix without CVE stands for itself. */
function vulnerabilitiesOf(exposures: readonly Exposure[], components: readonly Component[], server: string): object[] {
  const rows = new Map<string, { readonly exposures: Exposure[] }>();
  for (const exposure of exposures)
    for (const id of exposure.cves.length === 0 ? [exposure.fixId] : exposure.cves) {
      const row = rows.get(id) ?? { exposures: [] };
      row.exposures.push(exposure);
      rows.set(id, row);
    }
  return [...rows].map(([id, row]) => {
    const [worst] = row.exposures;
    const missing = row.exposures.filter(stillMissing);
    const refs = [
      ...new Set(
        row.exposures.flatMap(({ product }) =>
          components.filter(({ name }) => name === product).map((each) => each['bom-ref']),
        ),
      ),
    ];
    const released = row.exposures.flatMap(({ releasedAt }) => releasedAt ?? []).toSorted()[0];
    return {
      'bom-ref': `vulnerability:${id}`,
      id,
      ratings: [
        {
          severity: worst?.severity ?? 'unknown',
          ...(worst?.cvss !== undefined && { score: worst.cvss, method: 'CVSSv3' }),
        },
      ],
      description: row.exposures.map(({ title }) => title).join('; '),
      recommendation:
        missing.length === 0 ? 'The fix is installed.' : `Install ${missing.map(({ fixId }) => fixId).join(', ')}.`,
      ...(released !== undefined && { published: `${released}T00:00:00Z` }),
      analysis: {
        // That the fix is missing is known; whether the flaw can be exploited here is not.
        state: missing.length === 0 ? 'resolved' : 'in_triage',
        detail:
          missing.length === 0
            ? 'The fix was missing and is installed.'
            : missing
                .map((each) => `${each.fixId} has been missing since ${missingSince(each) ?? 'an unknown day'}`)
                .join('; '),
      },
      affects: (refs.length === 0 ? [server] : refs).map((ref) => ({ ref })),
    };
  });
}
