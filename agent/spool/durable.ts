/**
 * Writing that survives: a file is whole or not there, after kill -9, after a power cut, on a full
 * disk. The file operations stand behind an interface so that tests can cut the power between any two.
 */
import { basename, dirname, join } from 'node:path';
import { errnoOf, faultAt } from './fault.ts';

/** What lstat(2) tells. */
export type FileLook = {
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
};

/** The file operations of the spool. All are synchronous and throw Node's errors with an errno `code`. */
export interface DurableFiles {
  /** lstat(2); undefined only where there is nothing (ENOENT). */
  look(path: string): FileLook | undefined;
  /** The content of a regular file, links not followed; undefined only where there is nothing. */
  read(path: string): Uint8Array | undefined;
  /** access(2) for writing: throws EROFS or EACCES where nothing could be written. */
  checkWritable(folder: string): void;
  readLink(path: string): string;
  /** Names, ordered by code unit. */
  list(folder: string): readonly string[];
  /** mkdir(2). */
  makeFolder(path: string, mode: number): void;
  /** open(2) with O_CREAT | O_EXCL | O_WRONLY: never an existing file, never through a link. */
  create(path: string, mode: number): number;
  /** Writes all bytes or throws. */
  write(handle: number, bytes: Uint8Array): void;
  /** fsync(2). */
  sync(handle: number): void;
  close(handle: number): void;
  /** rename(2): replaces the target. */
  rename(from: string, to: string): void;
  /** link(2): EEXIST where the target exists. */
  link(from: string, to: string): void;
  unlink(path: string): void;
  /** fsync(2) of a folder: its entries are then on the disk. */
  syncFolder(folder: string): void;
}

const temporarySuffix = '.tmp';
let temporaryCount = 0;

/** Whether a name is that of a write that has not ended. Under the lock nobody writes: then it never will. */
export function isTemporary(name: string): boolean {
  return name.startsWith('.') && name.endsWith(temporarySuffix);
}

/**
 * The file has these bytes, and they are on the disk, or it is as it was before; a failure leaves no
 * temporary file. `existing` says what becomes of a file of that name: `replace`, or `refuse` with EEXIST.
 *
 *     openat(".NAME.PID-N.tmp", O_CREAT|O_EXCL|O_WRONLY, mode)  write  fsync  close
 *     rename(tmp, NAME)                    existing: replace
 *     link(tmp, NAME)  unlink(tmp)         existing: refuse
 *     openat(".", O_DIRECTORY)  fsync  close
 *
 * The hole that remains: when the last fsync fails, the name may or may not be on the disk. The file
 * is whole in both cases; the error is thrown, and whoever reads the folder next sees what is true.
 * A disk that lies about fsync is beyond us.
 */
export function writeDurably(
  files: DurableFiles,
  path: string,
  bytes: Uint8Array,
  existing: 'replace' | 'refuse' = 'replace',
): void {
  temporaryCount += 1;
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${temporaryCount}${temporarySuffix}`);
  try {
    writeAndSync(files, temporary, bytes);
    if (existing === 'replace') files.rename(temporary, path);
    else {
      files.link(temporary, path);
      files.unlink(temporary);
    }
  } catch (error) {
    unlinkQuietly(files, temporary);
    throw errnoOf(error) === 'EEXIST' ? error : faultAt(error, path);
  }
  try {
    files.syncFolder(folder);
  } catch (error) {
    throw faultAt(error, path);
  }
}

function writeAndSync(files: DurableFiles, path: string, bytes: Uint8Array): void {
  // 0600: everything in the state folder is the agent's alone.
  const handle = files.create(path, 0o600);
  try {
    files.write(handle, bytes);
    // Before the rename: else a crash may leave the name with no content.
    files.sync(handle);
  } finally {
    files.close(handle);
  }
}

function unlinkQuietly(files: DurableFiles, path: string): void {
  try {
    files.unlink(path);
  } catch {
    // The error that led here matters more; the next start sweeps the file.
  }
}

/**
 * Moves a file to another folder so that at every moment at least one of both names is on the disk;
 * a crash can leave both, and doing it again ends it. rename(2) across folders promises less: POSIX
 * lets a crash keep the removal and lose the new name.
 *
 *     link(from, to)  fsync(folder of to)  unlink(from)  fsync(folder of from)
 */
export function moveDurably(files: DurableFiles, from: string, to: string): void {
  try {
    files.link(from, to);
  } catch (error) {
    // Names in the quarantine contain the content's digest: the same name is the same file.
    if (errnoOf(error) !== 'EEXIST') throw faultAt(error, to);
  }
  files.syncFolder(dirname(to));
  removeDurably(files, from);
}

/** The file is gone, also after a power cut. */
export function removeDurably(files: DurableFiles, path: string): void {
  files.unlink(path);
  files.syncFolder(dirname(path));
}
