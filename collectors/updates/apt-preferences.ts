/**
 * Pins of apt that keep an update away (apt_preferences(5)): a version that is to stay, an archive that is never to be
 * taken from. apt lists no update then, and says nothing of it.
 *
 *     Package: postgresql-15 libpq5
 *     Pin: version 15.3*
 *     Pin-Priority: 1001
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { matchesGlob } from './glob.ts';

export type Pin = {
  /** Patterns of names; those that begin with `src:` are of source packages. */
  readonly packages: readonly string[];
  /** As written: `version 15.3*`, `release a=bookworm-security`, `origin "host"`. */
  readonly pin: string;
  readonly priority: number;
};

/** apt reads only files of such a name. */
export function isPreferencesFile(name: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(name) && (!name.includes('.') || name.endsWith('.pref'));
}

/** Fails with `malformed-line`, and with `pattern-not-covered` for a regular expression in the place of a name. */
export function parsePreferences(text: string): Parsed<Pin[]> {
  const pins: Pin[] = [];
  for (const stanza of text.split(/\n[ \t\r]*(?=\n)/)) {
    const fields = new Map<string, string>();
    for (const line of stanza.split('\n')) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const [, name = '', value = ''] = /^([A-Za-z-]+):(.*)$/.exec(line.trimEnd()) ?? [];
      // A line that begins with a blank goes on with an explanation.
      if (name !== '') fields.set(name.toLowerCase(), value.trim());
      else if (!/^\s/.test(line)) return unparsed('malformed-line');
    }
    const [packages, pin, priority] = ['package', 'pin', 'pin-priority'].map((name) => fields.get(name) ?? '');
    if (!packages || !pin || !priority) continue;
    if (packages.includes('/')) return unparsed('pattern-not-covered');
    const number = priority === 'never' ? -32_768 : Number(priority);
    if (!Number.isInteger(number)) return unparsed('malformed-line');
    pins.push({ packages: packages.split(/\s+/), pin, priority: number });
  }
  return parsed(pins);
}

/** What is installed has 100, what an archive offers 500: below the one nothing is taken, above the other a version stays. */
const installed = 100;
const offered = 500;

/** The pin by which this package gets no update that an archive offers. */
export function hidingPin(
  pins: readonly Pin[],
  { name, sourceName }: { readonly name: string; readonly sourceName: string },
): Pin | undefined {
  return pins.find(
    (pin) =>
      pin.packages.some((pattern) => pattern !== '*' && matchesName(pattern, name, sourceName)) && keepsAway(pin),
  );
}

function keepsAway({ pin, priority }: Pin): boolean {
  return /^version\b/i.test(pin) ? priority > offered || priority < 0 : priority < installed;
}

function matchesName(pattern: string, name: string, source: string): boolean {
  return pattern.startsWith('src:') ? matchesGlob(pattern.slice(4), source) : matchesGlob(pattern, name);
}

/** The pin by which nothing at all is taken from an archive that brings a distribution's fixes. */
export function pinAgainstFixes(pins: readonly Pin[]): Pin | undefined {
  return pins.find(({ packages, pin, priority }) => packages.includes('*') && priority < installed && bringsFixes(pin));
}

function bringsFixes(pin: string): boolean {
  if (/^origin\b/i.test(pin))
    return /\bsecurity\.(?:debian\.org|ubuntu\.com)|\bdeb\.debian\.org|\barchive\.ubuntu\.com/i.test(pin);
  if (!/^release\b/i.test(pin)) return false;
  const words = pin.replace(/^release\s*/i, '').split(/\s*,\s*/);
  if (words.some((word) => /security/i.test(word))) return !words.some((word) => /^o=UbuntuESM/i.test(word));
  return words.every((word) => /^(?:\*|o=(?:Debian|Ubuntu|\*)|l=(?:Debian|Ubuntu|\*))$/i.test(word));
}
