/**
 * Whether a file is the one that was read before, without reading it: device, inode, size, and the times of its last
 * change. The time of change (ctime) is set by the kernel alone (inode(7)); whoever is not root can set the others.
 */
import { lstatSync, statfsSync } from 'node:fs';

/** How it is found out that a pack that was verified before is still the same: by its file's identity, or by its bytes. */
export type UnchangedBy = 'stat' | 'hash';

type Looked = {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
};

/** As text, equal for equal files. */
export function identityText({ dev, ino, size, mtimeNs, ctimeNs }: Looked): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** Undefined where there is no such file, or where it is none; throws what the disk says. */
export function identityOf(path: string): string | undefined {
  const look = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return look?.isFile() === true ? identityText(look) : undefined;
}

/**
 * A file that was changed a moment ago may be changed again with the same times: clocks of file systems are coarse,
 * and what is written through a mapping gets its time at the first touch and not again before it is written back,
 * which Linux does after half a minute (proc_sys_vm(5), dirty_expire_centisecs). So a minute has to pass.
 */
export const settledAfterMs = 60_000;

export function isSettled({ ctimeNs }: Looked, nowMs: number, afterMs: number): boolean {
  return nowMs - Number(ctimeNs / 1_000_000n) >= afterMs;
}

/**
 * By statfs(2), file systems of this machine that keep a time of change (magic numbers of linux/magic.h). A server
 * of files elsewhere says what it likes, and FAT knows no such time.
 */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0x2fc12fc1, // OpenZFS
]);

/** `stat` where the folder lies on a file system whose times of change can be relied on. Elsewhere, and on Windows, where a writer can set that time, `hash`. */
export function usualUnchangedBy(folder: string): UnchangedBy {
  if (process.platform !== 'linux') return 'hash';
  try {
    // Some give the number with its sign.
    return localTypes.has(statfsSync(folder).type >>> 0) ? 'stat' : 'hash';
  } catch {
    return 'hash';
  }
}
