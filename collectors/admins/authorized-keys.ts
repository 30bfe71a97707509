/** authorized_keys(5), as OpenSSH reads it (sshd(8), AUTHORIZED_KEYS FILE FORMAT; auth2-pubkeyfile.c, sshkey_read). Comments are not kept. */
import { fromBase64 } from '../text.ts';

export type KeyOption = { readonly name: string; readonly value?: string };
export type KeyLine = {
  /** From 1. */
  readonly line: number;
  readonly type: string;
  /** As sent on the wire; its SHA-256 is the fingerprint. */
  readonly blob: Uint8Array;
  /** Missing for types that we do not know. */
  readonly bits?: number;
  /** Names in lower case, in order. */
  readonly options: readonly KeyOption[];
};
export type KeyFile = {
  readonly keys: readonly KeyLine[] /** Lines that sshd cannot use and passes over. */;
  readonly ignored: number;
};

/** sshd passes over what it cannot use, so nothing here fails. */
export function parseAuthorizedKeys(text: string): KeyFile {
  const keys: KeyLine[] = [];
  let ignored = 0;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t]+/, '').replace(/\r$/, '');
    if (line === '' || line.startsWith('#')) continue;
    const key = keyOf(line);
    if (key === undefined) ignored += 1;
    else keys.push({ line: at + 1, ...key });
  }
  return { keys, ignored };
}

function keyOf(line: string): Omit<KeyLine, 'line'> | undefined {
  const bare = blobOf(line);
  if (bare !== undefined) return { ...bare, options: [] };
  const end = endOfOptions(line);
  if (end === undefined) return undefined;
  const options = optionsOf(line.slice(0, end));
  const key = blobOf(line.slice(end).replace(/^[ \t]+/, ''));
  return options === undefined || key === undefined ? undefined : { ...key, options };
}

/** Type and blob, which must agree: the blob begins with its type (RFC 4253 section 6.6). */
function blobOf(text: string): { type: string; blob: Uint8Array; bits?: number } | undefined {
  const [, type, encoded] = /^([\x21-\x7e]{1,128})[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]|$)/.exec(text) ?? [];
  if (type === undefined || encoded === undefined) return undefined;
  const blob = fromBase64(encoded);
  if (blob === undefined) return undefined;
  const fields = fieldsOf(blob);
  if (fields[0] === undefined || String.fromCharCode(...fields[0].subarray(0, 128)) !== type) return undefined;
  const bits = bitsOf(type, fields);
  return bits === undefined ? { type, blob } : { type, blob, bits };
}

/** The first fields of a blob, each with a length of four bytes. A broken length ends them. */
function fieldsOf(blob: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let at = 0; at + 4 <= blob.length && fields.length < 4; ) {
    const [a = 0, b = 0, c = 0, d = 0] = blob.subarray(at, at + 4);
    const length = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (length > blob.length - at - 4) break;
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

/** Known lengths by type; RSA's is that of its modulus, the third field, DSA's that of its prime, the second. */
function bitsOf(type: string, [, second, third]: readonly Uint8Array[]): number | undefined {
  if (type === 'ssh-rsa') return third === undefined ? undefined : bitLength(third);
  if (type === 'ssh-dss') return second === undefined ? undefined : bitLength(second);
  if (/^(?:sk-)?ssh-ed25519(?:@openssh\.com)?$/.test(type)) return 256;
  const curve = /^(?:sk-)?ecdsa-sha2-nistp(256|384|521)(?:@openssh\.com)?$/.exec(type)?.[1];
  return curve === undefined ? undefined : Number(curve);
}

function bitLength(number: Uint8Array): number | undefined {
  const first = number.findIndex((byte) => byte !== 0);
  if (first < 0) return undefined;
  return (number.length - first - 1) * 8 + (32 - Math.clz32(number[first] ?? 0));
}

/** Options end at the first blank outside quotes; `\"` does not end a quoted value. */
function endOfOptions(line: string): number | undefined {
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at];
    if (char === '\\' && line[at + 1] === '"') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ' ' || char === '\t')) return at;
  }
  return undefined;
}

/** Undefined where sshd would not take them: it then ignores the line. Names that it does not know make it do so too. */
function optionsOf(text: string): KeyOption[] | undefined {
  const options: KeyOption[] = [];
  for (let rest = text; rest !== ''; ) {
    const [whole, name, value] = /^([A-Za-z0-9-]+)(?:="((?:\\.|[^"\\])*)")?(?:,|$)/s.exec(rest) ?? [];
    if (whole === undefined || name === undefined || !known.test(name)) return undefined;
    const lower = name.toLowerCase();
    options.push(value === undefined ? { name: lower } : { name: lower, value: value.replaceAll('\\"', '"') });
    rest = rest.slice(whole.length);
    if (rest === '' && whole.endsWith(',')) return undefined;
  }
  return options.length === 0 ? undefined : options;
}

/** auth-options.c, sshauthopt_parse. */
const known =
  /^(?:cert-authority|command|environment|expiry-time|from|permitlisten|permitopen|principals|tunnel|restrict|(?:no-)?(?:agent-forwarding|port-forwarding|pty|user-rc|x11-forwarding|touch-required|require-user-presence)|verify-required)$/i;
