/** Which key a server must have: the file known_hosts as sshd(8) describes it, hashed names included. */
import { createHash, createHmac } from 'node:crypto';
import { ok, type Result, refuse } from '../../../evidence/result.ts';

export type KnownKey = {
  /** As the server offers it (RFC 4253 section 6.6). */
  readonly type: string;
  readonly blob: Buffer;
  readonly mark: 'none' | 'revoked' | 'cert-authority';
  readonly line: number;
};

type Entry = KnownKey & { readonly names: string };

export type KnownHosts = {
  /** The keys that stand for this name and port. */
  readonly keysOf: (host: string, port: number) => readonly KnownKey[];
};

/** Refuses with `known-hosts-invalid`, naming file and line: a line that is skipped could be the one that revokes a key. */
export function parseKnownHosts(text: string, file: string): Result<KnownHosts> {
  const entries: Entry[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const words = raw.trim().split(/[ \t]+/);
    if (words[0] === '' || words[0]?.startsWith('#') === true) continue;
    const mark = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [names, type, blob] = words;
    const key = blob === undefined ? undefined : Buffer.from(blob, 'base64');
    const known = mark === undefined || mark === '@revoked' || mark === '@cert-authority';
    if (names === undefined || type === undefined || key === undefined || !known || typeOf(key) !== type)
      return refuse('known-hosts-invalid', `${file}, line ${index + 1}: this is no entry of known_hosts`, {
        remedy: 'correct or remove the line (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)',
      });
    entries.push({
      names,
      type,
      blob: key,
      mark: mark === undefined ? 'none' : mark === '@revoked' ? 'revoked' : 'cert-authority',
      line: index + 1,
    });
  }
  return ok({ keysOf: (host, port) => entries.filter(({ names }) => isNamed(names, host, port)) });
}

/** The entry as `ssh-keyscan` would write it. */
export function knownHostsLine(host: string, port: number, blob: Buffer): string {
  return `${nameOf(host, port)} ${typeOf(blob)} ${blob.toString('base64')}\n`;
}

/** The first string of a public key's blob; empty where it is none. */
export function typeOf(blob: Buffer): string {
  if (blob.length < 4) return '';
  const length = blob.readUInt32BE(0);
  return length > 64 ? '' : blob.toString('latin1', 4, 4 + length);
}

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function nameOf(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

function isNamed(names: string, host: string, port: number): boolean {
  const name = nameOf(host, port);
  if (names.startsWith('|')) return isHashOf(names, name);
  const patterns = names.split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern, name));
}

/** `|1|salt|HMAC-SHA1 of the name`. */
function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|');
  if (version !== '1') return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
}

/** `*` and `?` as in ssh_config(5). */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}
