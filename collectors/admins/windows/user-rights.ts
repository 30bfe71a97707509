/**
 * The part [Privilege Rights] of a security template, as `secedit /export /areas USER_RIGHTS` writes it: SIDs
 * with a star before them, names of accounts that have none that it could find.
 */
import type { UserRight } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { objectOf, textsOf } from '../../raw-objects.ts';

const line = /^(Se[A-Za-z]{1,62})\s*=\s*(.*)$/;

export function parseUserRights(value: unknown): Parsed<UserRight[]> {
  const object = objectOf(value);
  if (!object.ok) return object;
  const lines = textsOf(object.value['Lines']);
  if (lines === undefined) return unparsed('unexpected-object');
  const from = lines.findIndex((each) => /^﻿?\[Privilege Rights\]\s*$/i.test(each.trim()));
  if (from < 0) return unparsed('no-privilege-rights');
  const rights: UserRight[] = [];
  for (const each of lines.slice(from + 1)) {
    if (/^\s*\[/.test(each)) break;
    const match = line.exec(each.trim());
    if (match === null) continue;
    const [, right = '', list = ''] = match;
    const holders = list
      .split(',')
      .map((holder) => holder.trim().replace(/^\*/, ''))
      .filter((holder) => holder !== '' && holder.length <= 1024);
    rights.push({ right, holders: holders.slice(0, 10_000) });
  }
  // Every Windows gives rights to somebody; a template without one is cut.
  return rights.length > 0 ? parsed(rights.slice(0, 128)) : unparsed('no-privilege-rights');
}
