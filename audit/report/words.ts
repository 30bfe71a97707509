/** Small pieces of sentences: days, counts, lists. */
import { type Day, daysBetween } from '../days.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `8 September 2020`; a reader of any country takes it as the same day. */
export function dayText(day: Day): string {
  const [year = '', month = '', date = ''] = day.slice(0, 10).split('-');
  return `${Number(date)} ${months[Number(month) - 1] ?? month} ${year}`;
}

/** `1 day`, `12 days`; `1,204 fixes`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** Both days counted: a state that began today has lasted 1 day. */
export function lasting(from: Day, to: Day): number {
  return daysBetween(from, to) + 1;
}

/** `a, b and c`; past `most` the rest is counted: `a, b and 7 more`. */
export function list(names: readonly string[], most = 5): string {
  const shown = names.length > most ? names.slice(0, most - 1) : names;
  const rest = names.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest.toLocaleString('en-US')} more`] : shown;
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

/** The rule book of a clock in a few words: `Cyber Essentials`, `PCI DSS 6.3.3`. */
export function bookOf({ source }: { readonly source: string }): string {
  const short = source.split(/[:;,(]/, 1)[0]?.trim() ?? '';
  return short.length > 48 ? `${short.slice(0, 47)}…` : short;
}

/** With a capital at its start and a full stop at its end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  // `microsoft-defender`, `svc_backup`, `1.2.3` are names: they stay as they are.
  const [word = ''] = trimmed.split(/[\s,:;]/, 1);
  const capital = /[-_.@/\d]/.test(word) ? trimmed : trimmed.slice(0, 1).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
