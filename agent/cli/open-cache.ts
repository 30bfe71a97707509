/** The folder of `--cache`: made for this user alone, and closed again when the packs were read. */
import { openPackCache, type PackCache } from '../../audit/pack-cache.ts';
import type { Result } from '../../evidence/result.ts';
import { readerDigest } from '../run/program.ts';
import { openSafeFolder } from '../spool/state.ts';
import type { Io } from './io.ts';
import type { Keys } from './packs.ts';

/** Refuses as `openSafeFolder` does. A folder that turns out to hold no usable cache is said so, and the packs are verified. */
export function withCache<T>(
  given: string | undefined,
  { logKey, stampAuthorities = [] }: Pick<Keys, 'logKey' | 'stampAuthorities'>,
  io: Io,
  work: (cache?: PackCache) => Result<T>,
): Result<T> {
  if (given === undefined) return work();
  const folder = openSafeFolder(io.path(given));
  if (!folder.ok)
    return { ok: false, refusal: { ...folder.refusal, remedy: 'name a folder of your own: --cache DIR' } };
  const cache = openPackCache(folder.value, {
    program: readerDigest(),
    logKey: logKey?.verifierKey,
    stampAuthorities: stampAuthorities.map(({ fingerprint256 }) => fingerprint256),
  });
  if (cache === undefined) io.err(`affiant: the cache in ${given} cannot be used: every pack is verified\n`);
  try {
    return work(cache);
  } finally {
    cache?.close();
  }
}
