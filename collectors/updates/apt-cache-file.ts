/**
 * Whether apt's own cache file is newer than all that it is made from. Then apt reads it instead of parsing its
 * lists, which is most of its work, and writes nothing. Without that look apt would write a new one (72 MB) as root.
 */
import type { Host } from '../../agent/host/host.ts';

/** Where apt keeps it unless told otherwise (apt.conf(5), Dir::Cache). Images for containers switch it off. */
const cacheFile = '/var/cache/apt/pkgcache.bin';
/** apt replaces each list by renaming, and dpkg its status file, so that folder and file bear the time. */
const madeFrom = ['/var/lib/apt/lists', '/var/lib/dpkg/status', '/etc/apt/sources.list.d', '/etc/apt/sources.list'];

/** False too where anything of it cannot be seen: apt then answers from its lists, slower and the same. */
export async function isAptCacheFresh(host: Host): Promise<boolean> {
  const cache = await host.stat(cacheFile);
  if (cache.status !== 'observed') return false;
  const made = Date.parse(cache.value.mtime);
  for (const path of madeFrom) {
    const source = await host.stat(path);
    if (source.status === 'absent' && path.startsWith('/etc/')) continue;
    if (source.status !== 'observed' || !(Date.parse(source.value.mtime) < made)) return false;
  }
  return true;
}
