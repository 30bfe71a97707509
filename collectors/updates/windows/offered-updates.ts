/** IUpdate of the Windows Update Agent, as a search found it. */
import type { OfferedUpdate, OfferedUpdates } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { isRawObject, type RawObject, rawInteger, rawList, rawText } from '../../raw-json.ts';
import { toText } from '../../text.ts';
import { installedOn } from './hotfixes.ts';

/** MsrcSeverity is the vendor's own word, in English always. */
const severities: Readonly<Record<string, OfferedUpdate['severity']>> = {
  critical: 'critical',
  important: 'important',
  moderate: 'moderate',
  low: 'low',
  unspecified: 'none',
};
const maxUpdates = 5000;

export function parseOfferedUpdates(value: unknown): Parsed<OfferedUpdates> {
  const resultCode = isRawObject(value) ? rawInteger(value['resultCode']) : undefined;
  if (!isRawObject(value) || resultCode === undefined) return unparsed('answer-not-understood');
  // OperationResultCode: 2 is success; with 3 and more something is missing from the list.
  if (resultCode !== 2) return unparsed(`search-result-${Math.abs(resultCode)}`);
  const updates: OfferedUpdate[] = [];
  for (const each of rawList(value['updates'])) {
    const update = isRawObject(each) ? updateOf(each) : undefined;
    if (update === undefined) return unparsed('update-not-understood');
    updates.push(update);
  }
  if (updates.length > maxUpdates) return unparsed('too-many-entries');
  return parsed({
    mode: 'offline',
    resultCode,
    updates: updates.toSorted((a, b) => (a.updateId < b.updateId ? -1 : 1)),
  });
}

function updateOf(each: RawObject): OfferedUpdate | undefined {
  const updateId = rawText(each['updateId']);
  const title = rawText(each['title']);
  if (updateId === undefined || title === undefined) return undefined;
  const revision = rawInteger(each['revision']);
  const texts = (name: string, pattern: RegExp): string[] =>
    rawList(each[name]).flatMap((item) => {
      const text = rawText(item);
      return text !== undefined && pattern.test(text) ? [text] : [];
    });
  const kbs = texts('kbs', /^\d{6,8}$/).map((number) => `KB${number}`);
  const cves = texts('cves', /^CVE-\d{4}-\d{4,}$/);
  const categories = texts('categories', /^[0-9a-f-]{36}$/i);
  const severity = rawText(each['severity']);
  const { installedOn: changed } = installedOn(each['changed']);
  const bits = Object.fromEntries(
    (['rebootRequired', 'downloaded', 'mandatory', 'hidden'] as const).flatMap((name) =>
      typeof each[name] === 'boolean' ? [[name, each[name]] as const] : [],
    ),
  );
  return {
    updateId: updateId.slice(0, 64),
    ...(revision === undefined || revision < 0 ? {} : { revision }),
    title: toText(title.slice(0, 1024)),
    ...(kbs.length === 0 ? {} : { kbs: kbs.slice(0, 16) }),
    severity: severity === undefined ? 'none' : (severities[severity.toLowerCase()] ?? 'unknown'),
    ...(cves.length === 0 ? {} : { cveIds: cves.slice(0, 1024) }),
    ...(categories.length === 0 ? {} : { categoryIds: categories.slice(0, 64) }),
    ...(changed === undefined ? {} : { lastChangedAt: changed }),
    ...bits,
  };
}
