/** shadow(5). The hash is reduced to its kind while the line is read; nothing here returns or reports it. */
import type { PasswordState } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';
import { passwordState } from './crypt.ts';
import { linesOf } from './passwd.ts';

const maxAccounts = 100_000;
const maxNameLength = 65_536;
const dayMs = 86_400_000;
/** 9999-12-31. */
const lastDay = 2_932_896;

/** States in the file's order; `malformed-line` names the line's number only. */
export function parseShadow(text: string): Parsed<PasswordState[]> {
  const states: PasswordState[] = [];
  for (const { line, number } of linesOf(text)) {
    const [name = '', password, changed = '', , maximum = '', , , expires = ''] = line.split(':');
    if (/^[+-]/.test(name)) continue;
    const days = [changed, maximum, expires].map(dayCount);
    if (password === undefined || name.length > maxNameLength || days.includes(undefined))
      return unparsed('malformed-line', `line ${number}`);
    const [changedDay = null, maximumAge = null, expiryDay = null] = days;
    states.push({
      name: toText(name),
      ...passwordState(password),
      ...(changedDay === 0 ? { mustChange: true } : changedDay === null ? {} : { changedOn: dayOf(changedDay) }),
      ...(maximumAge === null ? {} : { maximumAgeDays: maximumAge }),
      ...(expiryDay === null ? {} : { expiresOn: dayOf(expiryDay) }),
    });
  }
  if (states.length === 0) return unparsed('no-entries');
  return states.length > maxAccounts ? unparsed('too-many-entries') : parsed(states);
}

/** Days since 1970-01-01; null where nothing is set (empty, or negative as some tools write it). */
function dayCount(field: string): number | null | undefined {
  if (field === '' || /^-\d+$/.test(field)) return null;
  const days = /^\d{1,9}$/.test(field) ? Number(field) : undefined;
  return days !== undefined && days <= lastDay ? days : undefined;
}

function dayOf(days: number): string {
  return new Date(days * dayMs).toISOString().slice(0, 10);
}
