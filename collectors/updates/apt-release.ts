/**
 * The head of an archive's Release or InRelease file (DebianRepository/Format):
 *
 *     -----BEGIN PGP SIGNED MESSAGE-----
 *     Hash: SHA256
 *
 *     Origin: Debian
 *     Label: Debian-Security
 *     Suite: oldstable-security
 *     Codename: bookworm-security
 *     Date: Sat, 21 Nov 2026 00:53:02 UTC
 *     Valid-Until: Sat, 28 Nov 2026 00:53:02 UTC
 *     SHA256:
 *      e3b0c442…        0 contrib/Contents-amd64
 *
 * The hash lists make these files large; every common archive tool writes the wanted fields before them, so
 * the head is enough and the text may be cut anywhere: an unfinished last line is not read.
 */
import { instantOf } from './instant.ts';

/** Fields that the file does not have are left out. */
export type ReleaseHead = {
  readonly origin?: string;
  readonly label?: string;
  readonly suite?: string;
  readonly codename?: string;
  /** RFC 3339, UTC. */
  readonly date?: string;
  /** RFC 3339, UTC. */
  readonly validUntil?: string;
  /** The signature is inside. */
  readonly signedInside: boolean;
};

export function parseReleaseHead(text: string, truncated: boolean): ReleaseHead {
  const lines = text.split('\n');
  if (truncated) lines.pop();
  const fields = new Map<string, string>();
  for (const line of lines) {
    if (line.startsWith('-----BEGIN PGP SIGNATURE')) break;
    const [, name = '', value = ''] = /^([A-Za-z0-9-]+):[ \t]*(.*?)\s*$/.exec(line) ?? [];
    if (value !== '' && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value);
  }
  const date = archiveDate(fields.get('date'));
  const validUntil = archiveDate(fields.get('valid-until'));
  return {
    ...optional('origin', fields),
    ...optional('label', fields),
    ...optional('suite', fields),
    ...optional('codename', fields),
    ...(date === undefined ? {} : { date }),
    ...(validUntil === undefined ? {} : { validUntil }),
    signedInside: text.startsWith('-----BEGIN PGP SIGNED MESSAGE-----'),
  };
}

function optional<Name extends 'origin' | 'label' | 'suite' | 'codename'>(
  name: Name,
  fields: ReadonlyMap<string, string>,
): { readonly [key in Name]?: string } {
  const value = fields.get(name);
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: string });
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pattern =
  /^(?:[A-Za-z]{3}, *)?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) +(\d{1,2}):(\d{2}):(\d{2}) (?:UTC|GMT|Z|([+-])(\d{2})(\d{2}))$/;

/** An archive's date (RFC 5322 with the zone UTC) as RFC 3339; undefined where it is none. */
export function archiveDate(text: string | undefined): string | undefined {
  const match = pattern.exec(text ?? '');
  if (match === null) return undefined;
  const [, day, monthName = '', year, hour, minute, second, sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const month = months.indexOf(monthName);
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1);
  const local = [Number(year), month, Number(day), Number(hour), Number(minute), Number(second)] as const;
  const date = new Date(Date.UTC(...local));
  // Date.UTC rolls 31 Feb over into March; such a date is none.
  if (month < 0 || date.getUTCDate() !== local[2] || date.getUTCHours() !== local[3]) return undefined;
  return instantOf(date.getTime() - offset * 60_000);
}
