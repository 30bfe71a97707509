/**
 * MSFT_MpThreatDetection and MSFT_MpThreat: what Microsoft Defender Antivirus found and still remembers.
 * It forgets by itself (ScanPurgeItemsAfterDelay). Paths in it are personal: their class and keyed digest leave.
 * https://learn.microsoft.com/windows/win32/lwef/mpthreat-status
 */
import type { DetectedThreat, Detections } from '../../../../schemas/generated/types.ts';
import type { Digests } from '../../../collector.ts';
import { type Parsed, parsed, unparsed } from '../../../fact.ts';
import { flagOf, integerOf, momentOf, type Raw, rowsOf, textOf, textsOf } from '../../../raw-objects.ts';
import { toText } from '../../../text.ts';
import { countDetections } from '../../detections.ts';
import { windowsPathClassOf } from '../../windows-path-class.ts';

const states: Readonly<Record<number, NonNullable<DetectedThreat['state']>>> = {
  1: 'active',
  2: 'removed',
  3: 'quarantined',
  4: 'removed',
  5: 'allowed',
  6: 'blocked',
  102: 'failed',
  103: 'failed',
  104: 'failed',
  105: 'failed',
  106: 'failed',
  107: 'failed',
};
const severities: Readonly<Record<number, NonNullable<DetectedThreat['severity']>>> = {
  1: 'low',
  2: 'medium',
  4: 'high',
  5: 'severe',
};
const settled: ReadonlySet<string> = new Set(['quarantined', 'removed', 'blocked']);

/** What MSFT_MpThreat knows of a threat: name, severity, whether it stands. */
export type KnownThreats = ReadonlyMap<string, Raw>;

export function threatsById(value: unknown): Parsed<KnownThreats> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const known = new Map<string, Raw>();
  for (const row of rows.value) {
    const id = threatIdOf(row['ThreatID']);
    if (id === undefined) return unparsed('threat-without-id');
    known.set(id, row);
  }
  return parsed(known);
}

/** `names` where MSFT_MpThreat was seen; without it a threat bears its number for a name. */
export function parseDetections(
  value: unknown,
  names: KnownThreats | undefined,
  keptDays: number | undefined,
  digests: Digests,
): Parsed<Detections> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const items: DetectedThreat[] = [];
  for (const row of rows.value) {
    const item = detectionOf(row, names, digests);
    if (item === undefined) return unparsed('threat-without-id');
    items.push(item);
  }
  markActive(items, names);
  const counted = countDetections(items);
  return parsed(keptDays === undefined ? counted : { ...counted, keptDays });
}

function detectionOf(row: Raw, names: KnownThreats | undefined, digests: Digests): DetectedThreat | undefined {
  const id = threatIdOf(row['ThreatID']);
  if (id === undefined) return undefined;
  const threat = names?.get(id);
  const status = integerOf(row['ThreatStatusID']);
  const severity = severityOf(threat?.['SeverityID']);
  const firstSeen = momentOf(row['InitialDetectionTime']);
  const lastChanged = momentOf(row['LastThreatStatusChangeTime']);
  const { name, threatId, ...place } = detectedThing(
    textOf(threat?.['ThreatName']),
    id,
    textsOf(row['Resources']) ?? [],
    digests,
  );
  return {
    name,
    threatId,
    state: stateOf(status, flagOf(row['ActionSuccess'])),
    ...(status !== undefined && { vendorState: String(status) }),
    ...(severity !== undefined && { severity }),
    ...(firstSeen !== undefined && { firstSeen }),
    ...(lastChanged !== undefined && { lastChanged }),
    ...place,
  };
}

export function severityOf(value: unknown): DetectedThreat['severity'] | undefined {
  const severity = integerOf(value);
  return severity === undefined ? undefined : (severities[severity] ?? 'unknown');
}

/** What was found: its name, its number where it has none, and the class and keyed digest of where it lay. */
export function detectedThing(
  name: string | undefined,
  threatId: string,
  resources: readonly string[],
  digests: Digests,
): Pick<DetectedThreat, 'name' | 'pathClass' | 'keyedDigest' | 'extension'> & { threatId: string } {
  const path = fileOf(resources);
  const extension = path === undefined ? undefined : /\.([A-Za-z0-9]{1,16})$/.exec(path)?.[1]?.toLowerCase();
  return {
    name: toText((name ?? `ThreatID ${threatId}`).slice(0, 1024)),
    threatId,
    ...(path !== undefined && {
      pathClass: windowsPathClassOf(path),
      keyedDigest: digests.keyed(`edr detection\n${path.toLowerCase()}`),
    }),
    ...(extension !== undefined && { extension }),
  };
}

/** A settled state whose action did not succeed is none. */
function stateOf(status: number | undefined, success: boolean | undefined): NonNullable<DetectedThreat['state']> {
  const state = status !== undefined && Object.hasOwn(states, status) ? (states[status] ?? 'unknown') : 'unknown';
  return success === false && settled.has(state) ? 'failed' : state;
}

/** Where a threat is said to stand, and none of its detections shows it, the newest of them does. */
function markActive(items: DetectedThreat[], names: KnownThreats | undefined): void {
  for (const [id, threat] of names ?? []) {
    if (flagOf(threat['IsActive']) !== true) continue;
    const own = items.filter(({ threatId }) => threatId === id);
    if (own.some(({ state }) => state === 'active')) continue;
    const [newest] = own.toSorted((left, right) => (whenOf(left) < whenOf(right) ? 1 : -1));
    if (newest !== undefined) newest.state = 'active';
    else
      items.push({
        name: toText((textOf(threat['ThreatName']) ?? `ThreatID ${id}`).slice(0, 1024)),
        threatId: id,
        state: 'active',
      });
  }
}

function whenOf({ firstSeen }: DetectedThreat): string {
  return firstSeen === undefined ? '' : 'at' in firstSeen ? firstSeen.at : firstSeen.on;
}

/** A signed 64-bit number, which past 2^53 is written as text. */
export function threatIdOf(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && /^-?[0-9]{1,19}$/.test(text) ? text : undefined;
}

/** `file:_C:\x.exe`, `containerfile:_C:\x.zip`, `webfile:_C:\x|https://…`: of the first that names a file. */
function fileOf(resources: readonly string[]): string | undefined {
  for (const resource of resources) {
    const path = /^(?:file|containerfile|webfile|startup):_?([^|]+)/i.exec(resource)?.[1];
    if (path !== undefined && path.length <= 32_768) return path.replace(/->.*$/, '');
  }
  return undefined;
}
