/** Win32_QuickFixEngineering: HotFixID, Description, InstalledOn. */
import type { Hotfix } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { isRawObject, rawInstant, rawList, rawText } from '../../raw-json.ts';

const maxHotfixes = 5000;

export function parseHotfixes(value: unknown): Parsed<Hotfix[]> {
  const hotfixes: Hotfix[] = [];
  for (const each of rawList(value)) {
    if (!isRawObject(each)) return unparsed('answer-not-understood');
    const id = rawText(each['id'] ?? each['HotFixID']);
    if (id === undefined) return unparsed('hotfix-without-id');
    const kind = rawText(each['kind'] ?? each['Description']);
    hotfixes.push({
      id: id.slice(0, 64),
      ...(kind === undefined ? {} : { kind: kind.slice(0, 128) }),
      ...installedOn(each['installedOn'] ?? each['InstalledOn']),
    });
  }
  if (hotfixes.length > maxHotfixes) return unparsed('too-many-entries');
  return parsed(hotfixes.toSorted((left, right) => (left.id < right.id ? -1 : 1)));
}

/**
 * The class keeps text: `11/12/2024` in the order of whoever installed, a FILETIME in hexadecimal, or
 * nothing. A day is said only where the text can mean no other.
 */
export function installedOn(value: unknown): Pick<Hotfix, 'installedOn' | 'installedOnText'> {
  const instant = rawInstant(value);
  if (instant !== undefined) return { installedOn: { at: instant } };
  const text = rawText(value)?.trim();
  if (text === undefined || text === '') return {};
  const day = dayOf(text);
  return day === undefined ? { installedOnText: text.slice(0, 64) } : { installedOn: { on: day } };
}

function dayOf(text: string): string | undefined {
  if (/^[0-9a-f]{16}$/i.test(text)) {
    const milliseconds = BigInt(`0x${text}`) / 10_000n - 11_644_473_600_000n;
    return rawInstant(`/Date(${milliseconds})/`)?.slice(0, 10);
  }
  const iso = /^(\d{4})-?(\d{2})-?(\d{2})(?: .*)?$/.exec(text);
  if (iso !== null) return valid(iso[1], iso[2], iso[3]);
  const [, first = '', second = '', year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  if (first === second) return valid(year, first, second);
  if (Number(first) > 12) return valid(year, second, first);
  return Number(second) > 12 ? valid(year, first, second) : undefined;
}

function valid(year = '', month = '', day = ''): string | undefined {
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${written}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== written ? undefined : written;
}
