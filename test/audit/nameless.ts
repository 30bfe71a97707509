/** What a process has open and nobody can find by a name. */
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a process that have lost their name, in a folder; with the permissions that they have. */
export function nameless(pid: number, folder: string): { readonly mode: number }[] {
  const base = `/proc/${pid}/fd`;
  return readdirSync(base).flatMap((fd) => {
    try {
      const path = readlinkSync(join(base, fd));
      return path.startsWith(folder) && path.endsWith(' (deleted)')
        ? [{ mode: statSync(join(base, fd)).mode & 0o777 }]
        : [];
    } catch {
      return [];
    }
  });
}
