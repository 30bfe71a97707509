/**
 * The event log of Microsoft Defender Antivirus, asked where Defender itself does not answer. A log is cut at its
 * size and can be cleared: what stands in it is so, what does not proves nothing.
 * https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus
 */
import type { DetectedThreat } from '../../../../schemas/generated/types.ts';
import type { Digests } from '../../../collector.ts';
import { type Parsed, parsed, unparsed } from '../../../fact.ts';
import { integerOf, isRaw, momentOf, type Raw, rowsOf, textOf } from '../../../raw-objects.ts';
import { detectedThing, severityOf, threatIdOf } from './defender-detections.ts';

export type DefenderEvents = {
  /** What was found, each as its newest event leaves it. */
  readonly items: readonly DetectedThreat[];
  /** Real-time protection as its newest event leaves it; undefined where none tells of it. */
  readonly realTime: boolean | undefined;
};

/** What Defender did (Action ID of event 1117); of every other number it is not known to be settled. */
const actions: Readonly<Record<number, NonNullable<DetectedThreat['state']>>> = {
  1: 'removed',
  2: 'quarantined',
  3: 'removed',
  6: 'allowed',
  9: 'active',
  10: 'blocked',
};

/** Rows `{Id, TimeCreated, Fields}`, in any order. */
export function parseDefenderEvents(value: unknown, digests: Digests): Parsed<DefenderEvents> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const events: { id: number; at: string; fields: Raw }[] = [];
  for (const row of rows.value) {
    const id = integerOf(row['Id']);
    const moment = momentOf(row['TimeCreated']);
    if (id === undefined || moment === undefined || !('at' in moment)) return unparsed('event-without-date');
    events.push({ id, at: moment.at, fields: isRaw(row['Fields']) ? row['Fields'] : {} });
  }
  // Of one second found comes before dealt with, as their numbers do.
  events.sort((left, right) => (left.at === right.at ? left.id - right.id : left.at < right.at ? -1 : 1));
  const found = new Map<string, DetectedThreat>();
  let realTime: boolean | undefined;
  for (const { id, at, fields } of events) {
    if (id === 5000 || id === 5001) realTime = id === 5000;
    else if (id >= 1116 && id <= 1119) {
      const key = textOf(fields['Detection ID']);
      const threat = threatIdOf(fields['Threat ID']);
      if (threat === undefined) return unparsed('threat-without-id');
      const before = key === undefined ? undefined : found.get(key);
      found.set(key ?? `${threat} ${at} ${found.size}`, itemOf(id, at, threat, fields, before, digests));
    }
  }
  return parsed({ items: [...found.values()], realTime });
}

function itemOf(
  id: number,
  at: string,
  threatId: string,
  fields: Raw,
  before: DetectedThreat | undefined,
  digests: Digests,
): DetectedThreat {
  const resources =
    textOf(fields['Path'])
      ?.split(';')
      .map((each) => each.trim()) ?? [];
  const severity = severityOf(fields['Severity ID']);
  return {
    ...detectedThing(textOf(fields['Threat Name']), threatId, resources, digests),
    state: stateOf(id, fields),
    ...(severity !== undefined && { severity }),
    firstSeen: before?.firstSeen ?? { at },
    ...(before !== undefined && { lastChanged: { at } }),
  };
}

function stateOf(id: number, fields: Raw): NonNullable<DetectedThreat['state']> {
  if (id === 1116) return 'active';
  if (id !== 1117 || !/^(?:0x0+|0)$/i.test(textOf(fields['Error Code']) ?? '')) return 'failed';
  const action = integerOf(fields['Action ID']);
  return action !== undefined && Object.hasOwn(actions, action) ? (actions[action] ?? 'unknown') : 'unknown';
}
