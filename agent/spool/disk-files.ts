/** The file operations of the spool on this machine's disk. */
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { DurableFiles } from './durable.ts';
import { errnoOf } from './fault.ts';

/** A file larger than this is not one of ours; reading it would only cost memory. */
const maxReadBytes = 128 * 1024 * 1024;

/** Windows has neither; a link there needs a right that only administrators have. */
const onlyOnUnix = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The real files of this machine. */
export const diskFiles: DurableFiles = {
  look(path) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const type = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
    // On Windows Node makes up the bits of group and others from the read-only mark.
    const mode = stat.mode & (process.platform === 'win32' ? 0o7700 : 0o7777);
    return { type, mode, uid: stat.uid, gid: stat.gid, size: stat.size };
  },
  read(path) {
    const handle = orNothing(() => openSync(path, constants.O_RDONLY | onlyOnUnix));
    if (handle === undefined) return undefined;
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile()) throw errno('EINVAL', path);
      if (stat.size > maxReadBytes) throw errno('EFBIG', path);
      return readFileSync(handle);
    } finally {
      closeSync(handle);
    }
  },
  checkWritable: (folder) => accessSync(folder, constants.W_OK),
  readLink: (path) => readlinkSync(path),
  list: (folder) => readdirSync(folder).toSorted(),
  makeFolder: (path, mode) => {
    mkdirSync(path, { mode });
  },
  create(path, mode) {
    const handle = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
    // A umask takes the group's bits away, which are meant where they are asked for.
    if ((mode & 0o070) !== 0) fchmodSync(handle, mode);
    return handle;
  },
  write(handle, bytes) {
    // write(2) may take only a part.
    for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
  },
  sync: (handle) => fsyncSync(handle),
  close: (handle) => closeSync(handle),
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  unlink: (path) => unlinkSync(path),
  syncFolder(folder) {
    // Windows cannot flush a folder; NTFS journals its entries.
    if (process.platform === 'win32') return;
    const handle = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  },
};

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}
