/** The summary of a sweep against the packs that lie beside it: each one that it names is there, whole, and is what it says. */
import { dirname, join } from 'node:path';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { sweepMediaType } from '../../evidence/signed-file.ts';
import { decodeSweep } from '../../evidence/sweep.ts';
import type { VerifiedPack } from '../../evidence/verify-pack.ts';
import type { SweepPredicate } from '../../schemas/generated/types.ts';
import { packName } from '../sweep/folder.ts';
import { type Keys, readInput } from './packs.ts';

export type SweepRow<T> = { readonly file: string; readonly result: Result<T> };

export type VerifiedSweep<T extends VerifiedPack> = {
  /** Refuses with `key-unknown` and as `decodeSweep` does. */
  readonly summary: Result<SweepPredicate>;
  /** One for each server that was collected. Refuses with `pack-other` and as `readInput` and `verify` do. */
  readonly packs: readonly SweepRow<T>[];
};

/** Whether a file that was given for a pack is the summary of a sweep; the value stands in one place of a canonical file. */
export function isSweepSummary(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4 * 1024 * 1024)).includes(
    `"mediaType":"${sweepMediaType}"`,
  );
}

/** `verify` proves one pack by the keys that are trusted. */
export function verifySweep<T extends VerifiedPack>(
  file: string,
  bytes: Uint8Array,
  keys: Keys,
  verify: (bytes: Uint8Array) => Result<T>,
): VerifiedSweep<T> {
  const read = decodeSweep(bytes);
  if (!read.ok) return { summary: read, packs: [] };
  const { key, predicate } = read.value;
  // The file brings a key along; whose it is, only the caller knows.
  if (keys.key(key.keyId) === undefined)
    return {
      summary: refuse(
        'key-unknown',
        `the summary is signed by the key ${key.keyId}, which is not among the trusted ones`,
        { remedy: 'give the public key of the sweep: public.pem in the folder sweep of its state' },
      ),
      packs: [],
    };
  const packs = predicate.hosts
    .filter(({ outcome }) => outcome === 'collected')
    .map((host) => {
      const pack = join(dirname(file), packName(host.name));
      return { file: pack, result: packAsNamed(pack, host, verify) };
    });
  return { summary: ok(predicate), packs };
}

function packAsNamed<T extends VerifiedPack>(
  file: string,
  { bundle, target }: SweepPredicate['hosts'][number],
  verify: (bytes: Uint8Array) => Result<T>,
): Result<T> {
  const bytes = readInput(file);
  if (!bytes.ok) return bytes;
  const verified = verify(bytes.value);
  if (!verified.ok) return verified;
  if (verified.value.digest !== bundle || verified.value.statement.predicate.target.id !== target)
    return refuse('pack-other', 'the pack is not the one that the summary of the sweep names', {
      remedy: 'look for the pack of that sweep; this one verifies, but is of another run or another server',
    });
  // The digest of the file is not asked for: a receipt that came later is no change of what was signed.
  return verified;
}

/** What the summary says, in one line for a person. */
export function sweepWords({ hosts, finished, finishedAt, acceptNew }: SweepPredicate): string {
  const collected = hosts.filter(({ outcome }) => outcome === 'collected').length;
  const left = hosts
    .filter(({ outcome }) => outcome !== 'collected')
    .map(({ name, outcome, reason }) => `${name} (${[outcome, reason].filter(Boolean).join(', ')})`);
  return [
    `sweep of ${finishedAt} (claimed)${finished ? '' : ', not finished'}`,
    `${collected} of ${hosts.length} servers collected`,
    ...(acceptNew ? ['keys of servers that stood nowhere were accepted'] : []),
    ...(left.length === 0 ? [] : [`not collected: ${left.join(', ')}`]),
  ].join(', ');
}
