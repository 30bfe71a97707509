/** Files of the Linux machine that we run on. Reads only, and nothing that it opens can hang or do harm. */
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open, opendir, readlink, stat } from 'node:fs/promises';
import { encodeText, isUtf8 } from '../../collectors/text.ts';
import type { AccessGuard } from './access-guard.ts';
import { codeOf, missOfErrno } from './errno.ts';
import type { FileStat } from './host.ts';
import type { Machine, Raw } from './machine.ts';

/** open(2): names a file without opening it; the same number on every architecture that Node runs on. */
const pathOnly = 0o10000000;
const harmless = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** For files whose size says nothing; most files of /proc are one page. */
const chunkBytes = 16 * 1024;

/** A path as the kernel takes it, non-UTF-8 bytes included. */
function native(path: string): string | Buffer {
  return isUtf8(path) ? path : Buffer.from(encodeText(path));
}

/** The file accesses of `localLinux`, each under the guard's deadline. */
export function linuxFiles(guarded: AccessGuard): Pick<Machine, 'readFile' | 'list' | 'stat' | 'readLink'> {
  return {
    readFile: (path, limits) => guarded(limits.deadlineMs, () => readRegularFile(path, limits.maxBytes)),
    list: (path, limits) => guarded(limits.deadlineMs, () => listFolder(path, limits.maxBytes)),
    stat: (path, limits) => guarded(limits.deadlineMs, async () => statOf(await stat(native(path)))),
    readLink: (path, limits) => guarded(limits.deadlineMs, () => targetOf(path)),
  };
}

/**
 * To open a device can act (a watchdog reboots the machine), to open a FIFO can hang; and whoever
 * owns the folder may swap the file after any look at its name. So the name is resolved once, without
 * opening (O_PATH), looked at, and only that very file is opened, through /proc/self/fd.
 */
async function readRegularFile(path: string, maxBytes: number): ReturnType<Machine['readFile']> {
  const named = await open(native(path), pathOnly);
  try {
    const about = await named.stat();
    if (about.isDirectory()) return { outcome: 'failed', reason: 'eisdir' };
    if (!about.isFile()) return { outcome: 'failed', reason: 'not-a-regular-file' };
    const opened = await reopen(named);
    if (!('read' in opened)) return opened;
    try {
      return { outcome: 'ok', value: await readUpTo(opened, about.size, maxBytes) };
    } finally {
      await opened.close();
    }
  } finally {
    await named.close();
  }
}

async function reopen(named: FileHandle): Promise<FileHandle | ReturnType<typeof missOfErrno>> {
  try {
    return await open(`/proc/self/fd/${named.fd}`, harmless);
  } catch (error) {
    // The file is there, it was just named: what is missing can only be /proc.
    return codeOf(error) === 'enoent' ? { outcome: 'failed', reason: 'no-proc' } : missOfErrno(error);
  }
}

/**
 * Reads to the end. A read that stops short at the size that the file has is the end; files of /proc
 * and /sys say that their size is 0 or a page and give more or less, so only an empty read ends them.
 */
async function readUpTo(
  file: FileHandle,
  size: number,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total <= maxBytes) {
    const length = Math.min(size > total ? size + 1 - total : chunkBytes, maxBytes + 1 - total);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, null);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total === size && bytesRead < length) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), truncated: total > maxBytes };
}

/** `maxBytes` bounds the names together. Half a listing would read as a whole one, so there is none. */
async function listFolder(path: string, maxBytes: number): Promise<Raw<readonly Uint8Array[]>> {
  const names: Uint8Array[] = [];
  let total = 0;
  for await (const entry of await opendir(native(path), { encoding: 'buffer' as never, bufferSize: 512 })) {
    // With this encoding Node gives the names as buffers; its types do not know it.
    const name = Buffer.from(entry.name as string | Uint8Array as Uint8Array);
    total += name.length;
    if (total > maxBytes) return { outcome: 'failed', reason: 'too-many-entries' };
    names.push(name);
  }
  return { outcome: 'ok', value: names };
}

function statOf(about: Stats): Raw<FileStat> {
  // In whole seconds: SFTP knows no parts of them, and a sweep must say what a look from inside says.
  const mtime = new Date(Math.floor(about.mtimeMs / 1000) * 1000);
  const year = mtime.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) return { outcome: 'failed', reason: 'time-out-of-range' };
  const { uid, gid, size } = about;
  return {
    outcome: 'ok',
    value: { type: typeOf(about), mode: about.mode & 0o7777, uid, gid, size, mtime: mtime.toISOString() },
  };
}

function typeOf(about: Stats): FileStat['type'] {
  if (about.isFile()) return 'file';
  if (about.isDirectory()) return 'directory';
  if (about.isSymbolicLink()) return 'link';
  return about.isSocket() ? 'socket' : 'other';
}

async function targetOf(path: string): Promise<Raw<Uint8Array>> {
  try {
    return { outcome: 'ok', value: await readlink(native(path), { encoding: 'buffer' }) };
  } catch (error) {
    // readlink(2): EINVAL where the file is there and is no link.
    return codeOf(error) === 'einval' ? { outcome: 'absent', reason: 'not-a-link' } : missOfErrno(error);
  }
}
