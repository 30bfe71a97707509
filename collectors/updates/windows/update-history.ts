/** IUpdateHistoryEntry of the Windows Update Agent (learn.microsoft.com, wuapi.h). */
import type { WindowsUpdateEvent, WindowsUpdateHistory } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { isRawObject, type RawObject, rawCode, rawInstant, rawInteger, rawList, rawText } from '../../raw-json.ts';
import { toText } from '../../text.ts';

/** OperationResultCode. */
const results: readonly WindowsUpdateEvent['result'][] = [
  'not-started',
  'in-progress',
  'succeeded',
  'succeeded-with-errors',
  'failed',
  'aborted',
];
/** ServerSelection. */
const sources: readonly NonNullable<WindowsUpdateEvent['source']>[] = [
  'default',
  'managed-server',
  'windows-update',
  'other',
];
const maxEvents = 500;

export function parseUpdateHistory(value: unknown): Parsed<WindowsUpdateHistory> {
  const total = isRawObject(value) ? rawInteger(value['total']) : undefined;
  if (!isRawObject(value) || total === undefined || total < 0) return unparsed('answer-not-understood');
  const events: WindowsUpdateEvent[] = [];
  for (const each of rawList(value['entries'])) {
    if (!isRawObject(each)) return unparsed('answer-not-understood');
    events.push(eventOf(each));
  }
  // It said that there are some, and gave none.
  if (events.length < Math.min(total, maxEvents)) return unparsed('history-cut');
  return parsed({ total, events: events.slice(0, maxEvents) });
}

function eventOf(each: RawObject): WindowsUpdateEvent {
  const at = rawInstant(each['date']);
  const operation = rawInteger(each['operation']);
  const hresult = rawCode(each['hresult']);
  const updateId = rawText(each['updateId']);
  const revision = rawInteger(each['revision']);
  const title = rawText(each['title']);
  const client = rawText(each['client']);
  const selection = rawInteger(each['selection']);
  const kbs = title === undefined ? [] : kbsIn(title);
  return {
    ...(at === undefined ? {} : { at }),
    operation: operation === 1 ? 'install' : operation === 2 ? 'uninstall' : 'other',
    result: results[rawInteger(each['result']) ?? -1] ?? 'unknown',
    ...(hresult === undefined || hresult === '0x00000000' ? {} : { hresult }),
    ...(updateId === undefined ? {} : { updateId: updateId.slice(0, 64) }),
    ...(revision === undefined || revision < 0 ? {} : { revision }),
    ...(kbs.length === 0 ? {} : { kbs }),
    ...(title === undefined ? {} : { title: toText(title.slice(0, 1024)) }),
    ...(selection === undefined ? {} : { source: sources[selection] ?? 'unknown' }),
    ...(client === undefined ? {} : { client: client.slice(0, 256) }),
  };
}

/** Articles in a title: `… (KB5044281)`; they are written the same in every language. */
export function kbsIn(title: string): string[] {
  return [...new Set([...title.matchAll(/\bKB(\d{6,8})\b/gi)].map(([, number = '']) => `KB${number}`))].slice(0, 16);
}
