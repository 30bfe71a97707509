/**
 * Finds what must never leave a server: password hashes, private keys, tokens. It knows secrets by
 * their form, with few false alarms: a digest, a fingerprint or a public key is none. Formats that
 * have no form of their own (a plain password, a DES hash) it cannot know; those sources are marked
 * secret where they are read.
 */
import { fromBase64 } from '../../collectors/text.ts';

export type SecretKind =
  | 'password-hash'
  | 'private-key'
  | 'site-key'
  | 'token'
  | 'one-time-password-seed'
  | 'password-in-url'
  | 'password';

type Pattern = { readonly kind: SecretKind; readonly pattern: RegExp };

const b64 = '[./A-Za-z0-9]';

/** What a redaction writes; no pattern here may match it. */
export const redactionMark = '[redacted]';

/** Patterns with a first group redact only that group. All are global and linear in the length of the text. */
export const secretPatterns: readonly Pattern[] = [
  // crypt(5): MD5, SHA-256, SHA-512, bcrypt, yescrypt, gost-yescrypt, scrypt, SHA-1, Sun MD5, NT.
  { kind: 'password-hash', pattern: new RegExp(`\\$1\\$${b64}{0,8}\\$${b64}{20,22}`, 'g') },
  { kind: 'password-hash', pattern: /\$[56]\$(?:rounds=\d{1,10}\$)?[^$:\s]{0,16}\$[./A-Za-z0-9]{20,86}/g },
  { kind: 'password-hash', pattern: new RegExp(`\\$2[abxy]\\$\\d\\d\\$${b64}{40,53}`, 'g') },
  { kind: 'password-hash', pattern: new RegExp(`\\$g?y\\$${b64}{1,16}\\$${b64}{0,86}\\$${b64}{20,43}`, 'g') },
  { kind: 'password-hash', pattern: new RegExp(`\\$7\\$${b64}{11,97}\\$${b64}{20,43}`, 'g') },
  { kind: 'password-hash', pattern: new RegExp(`\\$sha1\\$\\d{1,10}\\$${b64}{0,64}\\$${b64}{20,28}`, 'g') },
  {
    kind: 'password-hash',
    pattern: new RegExp(`\\$md5(?:,rounds=\\d{1,10})?\\$${b64}{0,16}\\$\\$?${b64}{20,22}`, 'g'),
  },
  { kind: 'password-hash', pattern: /\$3\$\$[0-9a-f]{32}/g },
  {
    kind: 'password-hash',
    pattern: /\$argon2(?:id|i|d)\$[A-Za-z0-9=,$]{1,64}\$[A-Za-z0-9+/]{8,128}\$[A-Za-z0-9+/]{16,128}/g,
  },
  // RFC 2307 and its successors.
  {
    kind: 'password-hash',
    pattern: /\{(?:S?MD5|S?SHA(?:-?(?:256|384|512))?|PBKDF2[-A-Z0-9]{0,10})\}[A-Za-z0-9+/$.]{16,256}={0,2}/gi,
  },
  {
    kind: 'private-key',
    pattern: /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [^-]{0,60}-----|$)/g,
  },
  { kind: 'private-key', pattern: /-----BEGIN OpenVPN Static key V1-----[\s\S]*?(?:-----END [^-]{0,60}-----|$)/g },
  { kind: 'private-key', pattern: /PuTTY-User-Key-File-\d:[\s\S]*$/g },
  { kind: 'private-key', pattern: /AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,}/g },
  // Enrolment secrets of endpoint protection; a digit keeps plain words apart.
  {
    kind: 'site-key',
    pattern:
      /\b(?:site[-_ ]?(?:key|token)|provisioning[-_ ]token)["']?(?:[ \t]*[:=][ \t]*|[ \t]+)["']?(?=\S{0,256}\d)([A-Za-z0-9+/=_.-]{8,})/gi,
  },
  // RFC 7519, RFC 6750, and the tokens of widespread services.
  { kind: 'token', pattern: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g },
  { kind: 'token', pattern: /\bBearer[ \t]+(?=\S{0,256}\d)([A-Za-z0-9._~+/-]{20,}={0,2})/gi },
  { kind: 'token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,})/g },
  { kind: 'token', pattern: /\bxox[abeprs]-[A-Za-z0-9-]{20,}/g },
  // Key URI format of authenticators; pam_google_authenticator(8); users.oath of pam_oath.
  { kind: 'one-time-password-seed', pattern: /otpauth:\/\/[ht]otp\/\S{0,512}?secret=([A-Za-z2-7]{8,})/gi },
  { kind: 'one-time-password-seed', pattern: /^([A-Z2-7]{16,128}={0,6})\r?\n" (?=[A-Z_]{3,})/gm },
  {
    kind: 'one-time-password-seed',
    pattern: /^HOTP(?:\/\S{1,16})?[ \t]+\S{1,256}[ \t]+\S{1,256}[ \t]+([0-9a-fA-F]{20,})/gm,
  },
  { kind: 'password-in-url', pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>]{0,256}:([^\s/@"'<>]{1,256})@/gi },
  // apt_auth.conf(5) and .netrc.
  { kind: 'password', pattern: /\bmachine[ \t]+\S{1,256}\s+login\s+\S{1,256}\s+password[ \t]+(\S{1,256})/g },
];

/** Members whose text is a secret whatever it looks like. */
const secretNames =
  /^(?:site[-_ ]?key|pass(?:word|phrase)|client[-_]?secret|shared[-_]?secret|api[-_]?key|(?:access|refresh|auth|bearer|registration|enrol(?:l?ment)?|site)[-_]?token)$/i;

/** A text without one of these holds nothing that a pattern matches: most are done after one look. */
const hint =
  /\$[0-9a-z]|PRIVATE KEY|Static key|User-Key-File|SECRET-KEY|site[-_ ]?(?:key|token)|provisioning|eyJ|bearer|gh[pousr]_|github_pat|glpat-|xox|otpauth:|^HOTP|\n" |:\/\/[^\s/]*@|\{[A-Z]{2}|\bpassword\b/im;

/** The kind of the first secret in a text. */
export function secretIn(text: string): SecretKind | undefined {
  if (!hint.test(text)) return undefined;
  return secretPatterns.find(({ pattern }) => holdsMore(text, pattern))?.kind;
}

/** Whether a match holds anything but our own mark. */
function holdsMore(text: string, pattern: RegExp): boolean {
  for (const match of text.matchAll(pattern)) if ((match[1] ?? match[0]) !== redactionMark) return true;
  return false;
}

/** The text with every secret that `secretIn` knows replaced by the mark. */
export function redactSecrets(text: string): string {
  if (!hint.test(text)) return text;
  return secretPatterns.reduce(
    (redacted, { pattern }) =>
      redacted.replace(pattern, (whole: string, group: unknown) =>
        typeof group === 'string' ? replaceLast(whole, group) : redactionMark,
      ),
    text,
  );
}

function replaceLast(whole: string, group: string): string {
  const at = whole.lastIndexOf(group);
  return whole.slice(0, at) + redactionMark + whole.slice(at + group.length);
}

/**
 * Looks through a document: every text, every member's name, and text that is given as bytes.
 * Returns the JSON pointer (RFC 6901) to the first secret and its kind, never the secret.
 */
export function findSecret(value: unknown): { pointer: string; kind: SecretKind } | undefined {
  return search(value, '');
}

function search(value: unknown, pointer: string): { pointer: string; kind: SecretKind } | undefined {
  if (typeof value === 'string') {
    const kind = secretIn(value);
    return kind === undefined ? undefined : { pointer, kind };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const here = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const found = inMember(name, member, here) ?? search(member, here);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inMember(name: string, member: unknown, pointer: string): { pointer: string; kind: SecretKind } | undefined {
  const inName = secretIn(name);
  // A pointer to it would quote it.
  if (inName !== undefined) return { pointer: pointer.slice(0, pointer.lastIndexOf('/')), kind: inName };
  if (typeof member !== 'string') return undefined;
  if (secretNames.test(name) && member !== '' && member !== redactionMark) return { pointer, kind: 'password' };
  const bytes = name === 'bytes' ? fromBase64(member) : undefined;
  const inBytes = bytes === undefined ? undefined : secretIn(Buffer.from(bytes).toString('latin1'));
  return inBytes === undefined ? undefined : { pointer, kind: inBytes };
}

const secretFiles = [
  /^\/etc\/g?shadow-?$/,
  /^\/etc\/security\/opasswd$/,
  /^\/etc\/ssh\/ssh_host_[^/]*_key$/,
  /^\/etc\/(?:krb5\.keytab|users\.oath|liboath\/users\.oath|machine-id)$/,
  /^\/etc\/apt\/auth\.conf(?:$|\.d\/)/,
  /^\/etc\/ssl\/private\//,
  /\/\.ssh\/id_[^/]*(?<!\.pub)$/,
  /\/\.(?:google_authenticator|netrc|pgpass|my\.cnf)$/,
  /^\/proc\/[^/]+\/environ$/,
  /^\/var\/lib\/(?:dbus\/machine-id|systemd\/credential\.secret)$/,
];

/** Files that can carry a secret whoever reads them; the door treats every reading of them as secret. */
export function isSecretPath(path: string): boolean {
  return secretFiles.some((pattern) => pattern.test(path));
}
