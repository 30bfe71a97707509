/** Lines of authorized_keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Comments are never kept: they name people. */
import type { LoginKey } from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fromBase64, toBase64 } from '../text.ts';

const maxKeys = 10_000;
const keyType =
  /^(?:ssh-[a-z0-9-]{1,40}|ecdsa-sha2-[a-z0-9-]{1,40}|(?:webauthn-)?sk-[a-z0-9-]{1,40})(?:@openssh\.com)?$/;

/** The keys; lines that sshd passes over are passed over. */
export function parseAuthorizedKeys(text: string, digests: Digests): Parsed<LoginKey[]> {
  const keys: LoginKey[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t]+/, '').replace(/\r$/, '');
    if (line === '' || line.startsWith('#')) continue;
    const key = keyOf(line, at + 1, digests);
    if (key !== undefined) keys.push(key);
    if (keys.length > maxKeys) return unparsed('too-many-entries');
  }
  return parsed(keys);
}

function keyOf(line: string, number: number, digests: Digests): LoginKey | undefined {
  const direct = typeAndBlob(line);
  const end = direct === undefined ? optionsEnd(line) : 0;
  const found = direct ?? typeAndBlob(line.slice(end).replace(/^[ \t]+/, ''));
  if (found === undefined) return undefined;
  const options = direct === undefined ? parseOptions(line.slice(0, end)) : new Map<string, string>();
  const names = [...options.keys()].filter((name) => /^[a-z][a-z0-9-]{0,63}$/.test(name)).slice(0, 64);
  const until = momentOf(options.get('expiry-time'));
  const bits = found.type === 'ssh-rsa' ? rsaBits(found.blob) : undefined;
  return {
    line: number,
    type: found.type,
    fingerprint: `SHA256:${toBase64(digests.sha256(found.blob)).replace(/=+$/, '')}`,
    ...(bits === undefined ? {} : { bits }),
    ...(options.has('cert-authority') ? { certificateAuthority: true as const } : {}),
    ...(names.length === 0 ? {} : { options: names }),
    ...(until === undefined ? {} : { validUntil: until }),
  };
}

/** The blob begins with its own type (RFC 4253 section 6.6), or the line is none that sshd takes. */
function typeAndBlob(text: string): { type: string; blob: Uint8Array } | undefined {
  const [type = '', encoded = ''] = text.split(/[ \t]+/, 2);
  if (!keyType.test(type) || !/^[A-Za-z0-9+/]{16,}={0,2}$/.test(encoded)) return undefined;
  const blob = fromBase64(encoded);
  if (blob === undefined) return undefined;
  const length = lengthAt(blob, 0);
  if (length !== type.length || blob.length < 4 + length + 4) return undefined;
  const inner = String.fromCharCode(...blob.subarray(4, 4 + length));
  return inner === type ? { type, blob } : undefined;
}

function lengthAt(blob: Uint8Array, at: number): number {
  return ((blob[at] ?? 0) << 24) | ((blob[at + 1] ?? 0) << 16) | ((blob[at + 2] ?? 0) << 8) | (blob[at + 3] ?? 0);
}

/** The modulus is the second number after the type (RFC 4253 section 6.6). */
function rsaBits(blob: Uint8Array): number | undefined {
  const exponentAt = 4 + lengthAt(blob, 0);
  const modulusAt = exponentAt + 4 + lengthAt(blob, exponentAt);
  const length = lengthAt(blob, modulusAt);
  if (length <= 0 || modulusAt + 4 + length > blob.length) return undefined;
  let from = modulusAt + 4;
  const end = from + length;
  while (from < end && blob[from] === 0) from += 1;
  return from === end ? 0 : (end - from - 1) * 8 + (32 - Math.clz32(blob[from] ?? 0));
}

/** Options end at the first blank outside of double quotes; a backslash hides a quote. */
function optionsEnd(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at];
    if (char === '\\' && line[at + 1] === '"') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ' ' || char === '\t')) return at;
  }
  return line.length;
}

/** Names in lower case with their values, the first of each. */
function parseOptions(text: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const match of text.matchAll(/([^,=]+)(?:="((?:\\"|[^"])*)")?(?:,|$)/g)) {
    const name = (match[1] ?? '').toLowerCase();
    if (!options.has(name)) options.set(name, match[2] ?? '');
  }
  return options;
}

/** YYYYMMDD[HHMM[SS]][Z]; without Z the time is local, so that only its day is sure to a day. */
function momentOf(text: string | undefined): LoginKey['validUntil'] {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z)?$/i.exec(text ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '00', zone] = match;
  const date = `${year}-${month}-${day}`;
  const instant = Date.parse(`${date}T${hour ?? '00'}:${minute ?? '00'}:${second}Z`);
  if (Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== date) return undefined;
  return hour !== undefined && zone !== undefined
    ? { at: new Date(instant).toISOString().replace('.000Z', 'Z') }
    : { on: date };
}
