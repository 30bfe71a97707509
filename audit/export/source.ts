/** What every export is made of: one server's audit and, where they can be had, its newest documents. */
import { createHash } from 'node:crypto';
import type { HistoryEntry, HostAudit } from '../model.ts';

export type ExportSource = {
  readonly audit: HostAudit;
  /** The newest bundle of or before the day of the audit. */
  readonly newest?: HistoryEntry;
  /** A document of that bundle by name. */
  readonly document: (name: string) => object | undefined;
  /** The version of the program that exports. */
  readonly version: string;
};

/** Names of this program's exports in RFC 9562: a random UUID, made once. */
const namespace = Buffer.from('5f2a1c7e94d84b0d8a3e6b1f0c9d7e42', 'hex');

/**
 * A UUID of version 5 (RFC 9562 section 5.5) for a text: the same evidence gives the same export, byte for
 * byte. SHA-1 is what that version is made of; nothing is protected by it.
 */
export function uuidOf(...parts: readonly string[]): string {
  const bytes = createHash('sha1').update(namespace).update(parts.join('\n'), 'utf8').digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The name that a person knows the server by. */
export function hostName({ host }: HostAudit): string {
  return host.names[0] ?? host.id;
}

/** The moment that an export speaks of: the newest claim, else the start of the day of the audit. */
export function momentOf({ audit, newest }: ExportSource): string {
  return newest?.claimedAt ?? `${audit.at}T00:00:00Z`;
}
