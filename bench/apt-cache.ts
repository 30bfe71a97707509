/** The state of apt that servers have, on a machine that may be a container. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { findProgram } from './measure.ts';

/**
 * apt keeps a cache on every server that does not switch it off; images for containers do. Without it our
 * figure is that of a container, with it that of a server. Answers what takes away what it made.
 */
export function aptCacheAsUsual(): () => void {
  const cache = '/var/cache/apt/pkgcache.bin';
  const apt = findProgram('apt-get');
  const had = existsSync(cache);
  if (apt === undefined || process.getuid?.() !== 0) return () => undefined;
  const made = spawnSync(apt, [
    'check',
    '-qq',
    '-o',
    'Dir::Cache::pkgcache=pkgcache.bin',
    '-o',
    'Dir::Cache::srcpkgcache=',
  ]);
  process.stdout.write(
    made.status !== 0
      ? "  apt's own cache could not be made: the figures are those of a container\n"
      : `  ${had ? "with apt's own cache, as it was" : "with apt's own cache, made for this and taken away: this machine switches it off, servers have it"}\n`,
  );
  return () => {
    if (!had) rmSync(cache, { force: true });
  };
}
