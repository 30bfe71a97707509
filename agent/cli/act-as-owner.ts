/** Root that looks at a state folder of another user: it looks as that user. */
import { lstatSync } from 'node:fs';

/**
 * Becomes the owner of the folder for the rest of the process, for commands that need none of root's rights. Where root
 * wrote into it, its owner could not read what root left behind.
 */
export function actAsOwner(folder: string): void {
  if (process.geteuid?.() !== 0) return;
  const look = lstatSync(folder, { throwIfNoEntry: false });
  if (look === undefined || !look.isDirectory() || look.uid === 0) return;
  process.setgroups?.([look.gid]);
  process.setgid?.(look.gid);
  process.setuid?.(look.uid);
}
