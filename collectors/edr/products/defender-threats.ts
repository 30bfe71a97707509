/** `mdatp threat list --output json`: the protection history. Paths in it are personal; only their class and keyed digest leave. */
import type { DetectedThreat, Detections, Moment } from '../../../schemas/generated/types.ts';
import type { Digests } from '../../collector.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { toText } from '../../text.ts';
import { countDetections } from '../detections.ts';
import { momentOfEnglish, momentOfMilliseconds, momentOfRfc3339, momentOfSeconds } from '../moments.ts';
import { pathClassOf } from '../path-class.ts';

const states: Readonly<Record<string, NonNullable<DetectedThreat['state']>>> = {
  active: 'active',
  detected: 'active',
  infected: 'active',
  quarantined: 'quarantined',
  quarantine: 'quarantined',
  removed: 'removed',
  deleted: 'removed',
  remediated: 'removed',
  resolved: 'removed',
  blocked: 'blocked',
  allowed: 'allowed',
  restored: 'allowed',
  failed: 'failed',
  quarantine_failed: 'failed',
  remediation_failed: 'failed',
};

/** Takes a list, or an object with one under `threats`. Fails where it is neither: an unknown shape is not "none". */
export function parseThreats(text: string, digests: Digests): Parsed<Detections> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unparsed('not-json');
  }
  const list = Array.isArray(json)
    ? json
    : typeof json === 'object' && json !== null && 'threats' in json
      ? json.threats
      : undefined;
  if (!Array.isArray(list)) return unparsed('unexpected-json');
  const items: DetectedThreat[] = [];
  for (const entry of list as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null) return unparsed('unexpected-json');
    const threat = threatOf(entry as Readonly<Record<string, unknown>>, digests);
    if (threat === undefined) return unparsed('threat-without-name');
    items.push(threat);
  }
  return parsed(countDetections(items));
}

function threatOf(entry: Readonly<Record<string, unknown>>, digests: Digests): DetectedThreat | undefined {
  const text = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = entry[name];
      if (typeof value === 'string' && value !== '') return value;
    }
    return undefined;
  };
  const name = text('name', 'threatName');
  if (name === undefined || name.length > 1024) return undefined;
  const status = text('status', 'state') ?? statusType(entry['status']);
  const known = status?.toLowerCase().replaceAll(/[ -]/g, '_') ?? '';
  const firstSeen = momentOf(entry['detectionTime'] ?? entry['detectedTime'] ?? entry['time']);
  const path = text('path', 'filePath') ?? firstPath(entry['resources'] ?? entry['paths']);
  const id = text('id', 'threatId');
  const extension = path === undefined ? undefined : /\.([A-Za-z0-9]{1,16})$/.exec(path)?.[1]?.toLowerCase();
  return {
    name: toText(name),
    state: Object.hasOwn(states, known) ? (states[known] ?? 'unknown') : 'unknown',
    ...(id !== undefined && id.length <= 64 && { threatId: id }),
    ...(status !== undefined && status.length <= 128 && status.isWellFormed() && { vendorState: status }),
    ...(firstSeen !== undefined && { firstSeen }),
    ...(path !== undefined && { pathClass: pathClassOf(path), keyedDigest: digests.keyed(`edr detection\n${path}`) }),
    ...(extension !== undefined && { extension }),
  };
}

function statusType(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && '$type' in value && typeof value.$type === 'string'
    ? value.$type
    : undefined;
}

function firstPath(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const [first]: readonly unknown[] = value;
  if (typeof first === 'string') return first;
  return typeof first === 'object' && first !== null && 'path' in first && typeof first.path === 'string'
    ? first.path
    : undefined;
}

function momentOf(value: unknown): Moment | undefined {
  const milliseconds = momentOfMilliseconds(value);
  if (milliseconds !== undefined || typeof value !== 'string') return milliseconds;
  return momentOfSeconds(value) ?? momentOfRfc3339(value) ?? momentOfEnglish(value);
}
