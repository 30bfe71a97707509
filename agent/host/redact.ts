/** What a recording may keep of an answer. */
import { decodeBytes, encodeText } from '../../collectors/text.ts';
import { redactSecrets } from './secrets.ts';

/** Account files by crypt(5), passwd(5), shadow(5), group(5), gshadow(5): the second field is a password. */
const accountFile = /^\/etc\/(?:passwd|shadow|group|gshadow)-?$/;

/** Of the maps of a process only what is gone from disk is ever looked at; the rest of all of them would be megabytes. */
const processMaps = /^\/proc\/\d+\/maps$/;

/** Confidential since it identifies (machine-id(5)), but it opens nothing, and without it a recording is another machine. */
const identifying = /^\/(?:etc|var\/lib\/dbus)\/machine-id$/;

/**
 * A file's content as a recording keeps it; undefined where nothing of it may be kept. In account
 * files each password hash becomes a mark of its own scheme, so that a parser still tells set, locked,
 * empty and the scheme; other secret files are withheld; in the rest every secret that has a form is masked.
 */
export function keptContent(path: string, bytes: Uint8Array, secret: boolean): Uint8Array | undefined {
  if (accountFile.test(path)) return rewritten(bytes, maskAccounts);
  if (identifying.test(path)) return bytes;
  if (processMaps.test(path)) return rewritten(bytes, (text) => text.match(/^.* \(deleted\)$\n?/gm)?.join('') ?? '');
  return secret ? undefined : keptOutput(bytes);
}

/** An output with every secret that has a form masked. */
export function keptOutput(bytes: Uint8Array): Uint8Array {
  return rewritten(bytes, redactSecrets);
}

/** A value of JSON, likewise. */
export function keptValue(value: unknown): unknown {
  if (typeof value === 'string') return redactSecrets(value);
  if (Array.isArray(value)) return value.map(keptValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, keptValue(member)]));
}

function rewritten(bytes: Uint8Array, rewrite: (text: string) => string): Uint8Array {
  const text = decodeBytes(bytes);
  const kept = rewrite(text);
  return kept === text ? bytes : encodeText(kept);
}

function maskAccounts(text: string): string {
  return text.replace(
    /^([^:\n]*):([^:\n]*)/gm,
    (_, name: string, password: string) => `${name}:${maskPassword(password)}`,
  );
}

/**
 * `$y$redacted` for a yescrypt hash, the lock mark in front kept. DES (13 characters) and extended DES
 * (`_` and 19) keep their form. What is no hash and no mark is masked too: it may be a plain password.
 */
export function maskPassword(password: string): string {
  const [, lock = '', hash = ''] = /^(!*)(.*)$/s.exec(password) ?? [];
  if (/^(?:x|\*[A-Z]{0,8}\*?)?$/.test(hash)) return password;
  const scheme = /^\$([a-z0-9]{1,10})[$,]/.exec(hash)?.[1];
  if (scheme !== undefined) return `${lock}$${scheme}$redacted`;
  if (/^_[./A-Za-z0-9]{19}$/.test(hash)) return `${lock}_redacted...........`;
  return lock + (/^[./A-Za-z0-9]{13}$/.test(hash) ? 'redacted.....' : 'redacted');
}
