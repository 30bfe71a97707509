/** The folder of `--cache`: made for this user alone. */
import { type CacheScope, openPackCache, type PackCache } from '../../audit/pack-cache.ts';
import { ok, type Result } from '../../evidence/result.ts';
import { readerDigest } from '../run/program.ts';
import { openSafeFolder } from '../spool/state.ts';
import type { Io } from './io.ts';
import type { Keys } from './packs.ts';

type Trusted = Pick<Keys, 'logKey' | 'stampAuthorities'>;

/** Whatever the answers about a pack depend on beside its bytes and its key. */
function scopeOf(program: string, { logKey, stampAuthorities = [] }: Trusted): CacheScope {
  return {
    program,
    logKey: logKey?.verifierKey,
    stampAuthorities: stampAuthorities.map(({ fingerprint256 }) => fingerprint256),
  };
}

/**
 * Closed when the process ends. Refuses as `openSafeFolder` does; a folder that turns out to hold no usable cache
 * is said so, and the packs are verified.
 */
export function openCache(given: string | undefined, trust: Trusted, io: Io): Result<PackCache | undefined> {
  if (given === undefined) return ok(undefined);
  const folder = openSafeFolder(io.path(given));
  if (!folder.ok)
    return { ok: false, refusal: { ...folder.refusal, remedy: 'name a folder of your own: --cache DIR' } };
  const cache = openPackCache(folder.value, scopeOf(readerDigest(), trust));
  if (cache === undefined) io.err(`affiant: the cache in ${given} cannot be used: every pack is verified\n`);
  else process.once('exit', () => cache.close());
  return ok(cache);
}
