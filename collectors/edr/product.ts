/** What a product of the list is, and how what was read of it becomes its facts. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, ProtectionProduct, Unseen } from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';
import { observed, unseen } from '../fact.ts';
import type { SystemView } from './system-view.ts';

/** The facts of one product in the document. */
export type ProductFacts = Omit<ProtectionProduct, 'id' | 'vendor' | 'product'>;
export type FactName = keyof ProductFacts;
type ValueOf<F> = F extends { status: 'observed'; value: infer V } ? V : never;

/** What a parser found; a member that is missing was not in the text. */
export type Values = { readonly [Name in FactName]?: ValueOf<ProductFacts[Name]> };
/** Some of a product's facts. */
export type Findings = { readonly [Name in FactName]?: ProductFacts[Name] };

/** Where a product leaves traces: names of packages, units, processes (as the kernel cuts them) and kernel modules, and paths. */
export type Traces = {
  readonly packages: readonly string[];
  /** Units of the engine itself, the usual one first. All of them stand in watched-units.ts. */
  readonly units: readonly string[];
  /** Further units that show that it is there, and are not the engine. */
  readonly helperUnits?: readonly string[];
  /** Processes of the engine, at most 15 bytes (proc_pid_comm(5)). */
  readonly processes: readonly string[];
  readonly helperProcesses?: readonly string[];
  readonly paths: readonly string[];
  readonly modules?: readonly string[];
};

/** What a product's own reading may use. */
export type Tools = { readonly host: Host; readonly digests: Digests; readonly system: SystemView };

/** One product of the list; a new one is a file and a line in products/list.ts. */
export type Product = {
  /** Kebab-case; the judge knows from it what the product is for. */
  readonly id: string;
  readonly vendor: string;
  readonly product: string;
  readonly traces: Traces;
  /** Asks what the product says of itself, best source first. Without it there is only what the system shows. */
  readonly read?: (tools: Tools) => Promise<readonly Findings[]>;
};

/** Reason of everything that a vendor keeps to its console. */
export const notExposed = 'vendor-does-not-expose';

const factNames: readonly FactName[] = [
  'installed',
  'components',
  'running',
  'enabledAtBoot',
  'version',
  'engineVersion',
  'mode',
  'realTimeProtection',
  'behaviourMonitoring',
  'cloudProtection',
  'signatureVersion',
  'signatureUpdatedAt',
  'signatureUpdate',
  'tamperProtection',
  'exclusions',
  'attackSurfaceRules',
  'cloudContact',
  'tenantDigest',
  'policy',
  'licence',
  'isolation',
  'lastScan',
  'detections',
  'kernelHooks',
  'conflicts',
  'vendorHealth',
];

/**
 * The facts that one source gives. `gives` names every fact that this source can speak of: where the
 * source was not seen they all say why, and what its text left out is `not-stated`, never "no".
 */
export function reading(source: Fact<Values>, gives: readonly FactName[]): Findings {
  const findings: Partial<Record<FactName, Fact<unknown>>> = {};
  for (const name of gives) {
    if (source.status !== 'observed') {
      findings[name] = source;
      continue;
    }
    const value: unknown = source.value[name];
    findings[name] =
      value === undefined
        ? unseen('unsupported', 'not-stated', source.sources)
        : observed<unknown>(value, ...source.sources);
  }
  // Each value is the one that the parser gave under the same name.
  return findings as Findings;
}

/** Whether anything in these findings was really seen. */
export function anySeen(findings: readonly Findings[]): boolean {
  return findings.some((each) => Object.values(each).some(({ status }) => status === 'observed'));
}

/** The whole record of a product. Of several findings the first that was seen counts, else the one that tells most. */
export function complete(
  { id, vendor, product }: Pick<Product, 'id' | 'vendor' | 'product'>,
  findings: readonly Findings[],
  sources: readonly string[],
): ProtectionProduct {
  const why = unseen('unsupported', notExposed, sources);
  const facts: Partial<Record<FactName, Fact<unknown>>> = {};
  for (const name of factNames)
    facts[name] = best(
      findings.map((each) => each[name]),
      why,
    );
  return { id, vendor, product, ...(facts as ProductFacts) };
}

function best(candidates: readonly (Fact<unknown> | undefined)[], otherwise: Unseen): Fact<unknown> {
  const found = candidates.filter((each) => each !== undefined);
  return (
    found.find(({ status }) => status === 'observed') ??
    found.find(({ status }) => status === 'denied' || status === 'timed-out' || status === 'failed') ??
    found[0] ??
    otherwise
  );
}
