/**
 * A state folder that two users share: one holds the key and signs, the other sends what waits and can do neither.
 * Whoever owns the folder says so by its mode, 2750: a set-group-id bit is on no folder by accident. Its group may
 * then read the public key and the chain, and write in the parts below, where packs wait and notes of the post lie. What
 * lies in the folder itself it cannot write: not the key, not the head of the chain, not the marker of a run.
 */
import { chmodSync, chownSync, lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DurableFiles, FileLook } from './durable.ts';
import { fail } from './fault.ts';
import type { Owner } from './folder-safety.ts';

/** The parts that the group may write in. */
export const sharedParts = ['spool', 'packs', 'quarantine', 'incidents', 'post'] as const;

/** Files of the folder itself that the group may read, or, as the lock needs it (fcntl(2)), open for writing. */
const readable: ReadonlyMap<string, number> = new Map([
  ['public.pem', 0o640],
  ['previous-keys.pem', 0o640],
  ['chain.json', 0o640],
  ['enrolment.json', 0o640],
  ['last-run.json', 0o640],
  ['lock', 0o660],
]);

const markedMode = 0o2750;
/** link(2) of another user's file wants both rights on it (proc_sys_fs(5), protected_hardlinks). */
const sharedFileMode = 0o660;
const sharedFolderMode = 0o2770;

/** The group that a folder is shared with; undefined for a folder that is its owner's alone. */
export function sharingGroup({ type, mode, gid }: FileLook): number | undefined {
  return type === 'folder' && mode === markedMode ? gid : undefined;
}

/** Whether this user is let in, and every part is as its owner made it. Faults: `folder-unsafe`, `state-missing`, `not-permitted`. */
export function checkGuest(files: DurableFiles, folder: string, host: { uid: number; gid: number }, us: Owner): void {
  if (us.gid !== host.gid && us.groups?.includes(host.gid) !== true)
    fail(
      'not-permitted',
      `${folder} is shared with group ${host.gid}, of which this user is no member`,
      'run as a member of that group, or choose a folder of your own: --state DIR',
    );
  for (const name of sharedParts) {
    const path = join(folder, name);
    const look = files.look(path);
    if (look === undefined)
      fail('state-missing', `there is no ${path} yet`, 'affiant collect makes it, run by the owner of the folder');
    if (look.type !== 'folder' || look.uid !== host.uid || look.gid !== host.gid || (look.mode & 0o002) !== 0)
      fail(
        'folder-unsafe',
        `${path} is not as the owner of ${folder} makes it: others could change what is in it`,
        'look who changed it; affiant collect, run by the owner, sets it right',
      );
  }
}

/** The same files; what is created gets the rights that its place gives to the group, whatever the umask. */
export function forGroup(files: DurableFiles, folder: string): DurableFiles {
  return {
    ...files,
    create: (path, mode) => files.create(path, modeAt(folder, path) ?? mode),
    makeFolder(path, mode) {
      if (!sharedParts.some((part) => path === join(folder, part))) return files.makeFolder(path, mode);
      // It inherits group and set-group-id bit from the folder (inode(7)). To ask for the bit, by mkdir(2) or chmod(2),
      // is what RestrictSUIDSGID= of the unit forbids; so the umask steps aside for this one call.
      const umask = process.umask(0);
      try {
        files.makeFolder(path, 0o770);
      } finally {
        process.umask(umask);
      }
    },
  };
}

function modeAt(folder: string, path: string): number | undefined {
  const parent = dirname(path);
  // A write that has not ended: `.NAME.PID-N.tmp`.
  const name = basename(path).replace(/^\.(.+)\.\d+-\d+\.tmp$/, '$1');
  if (parent === folder) return readable.get(name);
  return sharedParts.some((part) => parent === join(folder, part)) ? sharedFileMode : undefined;
}

/** Gives the group what it may have, in a folder of ours: also where it was filled before it was shared. */
export function shareWithGroup(folder: string, group: number): void {
  for (const part of sharedParts) {
    const path = join(folder, part);
    give(path, group, sharedFolderMode);
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isFile()) give(join(path, entry.name), group, sharedFileMode);
  }
  for (const [name, mode] of readable) give(join(folder, name), group, mode);
}

function give(path: string, group: number, mode: number): void {
  const look = lstatSync(path, { throwIfNoEntry: false });
  // What the guest made is right already, and not ours to change.
  if (look === undefined || look.isSymbolicLink() || look.uid !== process.geteuid?.()) return;
  if (look.gid !== group) chownSync(path, look.uid, group);
  if ((look.mode & 0o7777) !== mode) chmodSync(path, mode);
}
