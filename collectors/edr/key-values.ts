/** Lines such as `Status:  Connected`, as most products print their state. */

/**
 * Names in lower case with single blanks, values without blanks at either end. The first of two equal
 * names counts. Lines without the separator are left out.
 */
export function keyValues(text: string, separator: ':' | '=' = ':'): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(separator);
    if (at <= 0 || at > 128) continue;
    const name = line.slice(0, at).trim().toLowerCase().replaceAll(/\s+/g, ' ');
    if (name !== '' && !values.has(name)) values.set(name, line.slice(at + 1).trim());
  }
  return values;
}

/** Columns that two or more blanks keep apart: `Agent state      Enabled`. */
export function columnValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^[\s#/]*(\S(?:[^\n]{0,126}?\S)??)(?:\s{2,}|\t)(\S[^\n]*?)\s*$/.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name !== undefined && !values.has(name)) values.set(name, match?.[2] ?? '');
  }
  return values;
}

/** A value that a document can hold as a version: printable, short; else undefined. */
export function shortText(text: string | undefined): string | undefined {
  return text !== undefined && text.length > 0 && text.length <= 128 && /^[\x20-\x7E]+$/.test(text) ? text : undefined;
}

/** `on`, `yes`, `enabled`, `true` and their opposites; undefined for every other word. */
export function switchOf(text: string | undefined): boolean | undefined {
  switch (text?.trim().toLowerCase() ?? '') {
    case 'on':
    case 'yes':
    case 'enabled':
    case 'true':
    case '1':
      return true;
    case 'off':
    case 'no':
    case 'disabled':
    case 'false':
    case '0':
      return false;
    default:
      return undefined;
  }
}
