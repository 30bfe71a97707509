/** Files of a server behind SFTP: the same answers that a look from inside gives, and nothing taken for absent that only could not be resolved. */
import { decodeBytes, encodeText } from '../../../collectors/text.ts';
import type { FileStat } from '../host.ts';
import type { Limits, Machine, Raw, RawMiss } from '../machine.ts';
import type { SftpSessions } from './sftp-sessions.ts';
import type { Attributes, Reply, StatusWord } from './sftp-wire.ts';

/** OpenSSH answers at most 64 KiB to one reading, older ones too. */
const chunkBytes = 64 * 1024;
const aheadMost = 8;
/** The kernel's own files of one process that are read of all of them (proc_pid(5)). */
const ofProcess = /^\/proc\/[1-9][0-9]{0,9}\/(?:comm|maps|cgroup)$/;
/** path_resolution(7). */
const maxLinks = 40;
/** st_mode of inode(7). */
const typeMask = 0o170000;
const typesOfMode: Readonly<Record<number, FileStat['type']>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'link',
  0o140000: 'socket',
};

type Ask = Parameters<Parameters<SftpSessions>[1]>[0];
export type RemoteFiles = Pick<Machine, 'readFile' | 'list' | 'stat' | 'readLink'> & {
  /** Without following a last link. */
  lstat(path: string, limits: Limits): Promise<Raw<FileStat>>;
};

export function sftpFiles(sessions: SftpSessions): RemoteFiles {
  const folders = new Map<string, Promise<boolean>>();
  /** What "no such file" means: OpenSSH says it of a circle of links too, which is no absence. */
  const absence = async (ask: Ask, path: string): Promise<RawMiss> =>
    (await isGone(ask, path, folders))
      ? { outcome: 'absent', reason: 'no-such-file' }
      : { outcome: 'failed', reason: 'eloop' };
  const missOf = async (ask: Ask, status: StatusWord, path: string): Promise<RawMiss> =>
    status === 'no-such-file' ? await absence(ask, path) : missOfStatus(status, path);

  return {
    readFile: (path, limits) =>
      sessions(limits.deadlineMs, async (ask) => {
        if (ofProcess.test(path)) return await readOfProcess(ask, path, limits.maxBytes, missOf);
        const about = await ask({ kind: 'stat', path: encodeText(path) });
        if (about.kind !== 'attributes') return await missOf(ask, statusOf(about), path);
        const refused = noRegularFile(about.attributes);
        if (refused !== undefined) return refused;
        const opened = await ask({ kind: 'open', path: encodeText(path) });
        if (opened.kind !== 'handle') return await missOf(ask, statusOf(opened), path);
        try {
          // The name may lead elsewhere by now.
          const [same, content] = await Promise.all([
            ask({ kind: 'fstat', handle: opened.handle }),
            readUpTo(ask, opened.handle, Number(about.attributes.size ?? 0n), limits.maxBytes),
          ]);
          const swapped =
            same.kind === 'attributes' ? noRegularFile(same.attributes) : missOfStatus(statusOf(same), path);
          return swapped ?? content;
        } finally {
          void ask({ kind: 'close', handle: opened.handle }).catch(() => undefined);
        }
      }),
    list: (path, limits) =>
      sessions(limits.deadlineMs, async (ask) => {
        const opened = await ask({ kind: 'opendir', path: encodeText(path) });
        if (opened.kind !== 'handle') return await missOf(ask, statusOf(opened), path);
        try {
          return await namesIn(ask, opened.handle, limits.maxBytes, path);
        } finally {
          void ask({ kind: 'close', handle: opened.handle }).catch(() => undefined);
        }
      }),
    stat: (path, limits) =>
      sessions(limits.deadlineMs, async (ask) => {
        const about = await ask({ kind: 'stat', path: encodeText(path) });
        return about.kind === 'attributes' ? fileStat(about.attributes) : await missOf(ask, statusOf(about), path);
      }),
    lstat: (path, limits) =>
      sessions(limits.deadlineMs, async (ask) => {
        const about = await ask({ kind: 'lstat', path: encodeText(path) });
        return about.kind === 'attributes' ? fileStat(about.attributes) : await missOf(ask, statusOf(about), path);
      }),
    readLink: (path, limits) =>
      sessions(limits.deadlineMs, async (ask) => {
        const target = await ask({ kind: 'readlink', path: encodeText(path) });
        if (target.kind === 'names' && target.names[0] !== undefined) return { outcome: 'ok', value: target.names[0] };
        const status = statusOf(target);
        // readlink(2): EINVAL where the file is there and is no link. A name that is too long would look the same.
        if (status === 'bad-message' && isShort(path)) return { outcome: 'absent', reason: 'not-a-link' };
        return await missOf(ask, status, path);
      }),
  };
}

/**
 * A file that the kernel makes of a process is opened without a look at what it is, before and after: there is nothing
 * else under this name, and a walk reads two of every process.
 */
async function readOfProcess(
  ask: Ask,
  path: string,
  maxBytes: number,
  missOf: (ask: Ask, status: StatusWord, path: string) => Promise<RawMiss>,
): ReturnType<RemoteFiles['readFile']> {
  const opened = await ask({ kind: 'open', path: encodeText(path) });
  if (opened.kind !== 'handle') return await missOf(ask, statusOf(opened), path);
  try {
    return await readUpTo(ask, opened.handle, 0, maxBytes, path.endsWith('/comm'));
  } finally {
    void ask({ kind: 'close', handle: opened.handle }).catch(() => undefined);
  }
}

function statusOf(reply: Reply): StatusWord {
  return reply.kind === 'status' ? reply.status : 'unknown-status';
}

/** sftp-server(8) folds errno(3) into these words (errno_to_portable); ENOTDIR and ELOOP among "no such file". */
function missOfStatus(status: StatusWord, path: string): RawMiss {
  switch (status) {
    case 'permission-denied':
      return { outcome: 'denied', reason: 'permission-denied' };
    case 'bad-message':
      return { outcome: 'failed', reason: isShort(path) ? 'einval' : 'enametoolong' };
    case 'unsupported':
      return { outcome: 'unsupported', reason: 'sftp-unsupported' };
    case 'no-such-file':
      return { outcome: 'absent', reason: 'no-such-file' };
    case 'failure':
      return { outcome: 'failed', reason: 'sftp-failure' };
    case 'ok':
    case 'end':
    case 'unknown-status':
      return { outcome: 'failed', reason: 'malformed-reply' };
  }
}

function isShort(path: string): boolean {
  return path.split('/').every((name) => encodeText(name).length <= 255);
}

/** Whether the kernel would say ENOENT or ENOTDIR: the first part of the path that is not there leads to nothing. */
async function isGone(ask: Ask, path: string, folders: Map<string, Promise<boolean>>): Promise<boolean> {
  const parent = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  if (parent !== path && parent !== '/') {
    let there = folders.get(parent);
    if (there === undefined) {
      there = ask({ kind: 'stat', path: encodeText(parent) }).then((reply) => reply.kind === 'attributes');
      folders.set(parent, there);
      there.catch(() => folders.delete(parent));
    }
    if (!(await there)) return await isGone(ask, parent, folders);
  }
  let here = path;
  for (let links = 0; links < maxLinks; links += 1) {
    const target = await ask({ kind: 'readlink', path: encodeText(here) });
    const [to] = target.kind === 'names' ? target.names : [];
    if (to === undefined) return true;
    const text = decodeBytes(to);
    here = text.startsWith('/') ? text : `${here.slice(0, here.lastIndexOf('/'))}/${text}`;
  }
  return false;
}

/** To open a device can act, to open a FIFO can hang; sftp-server opens what it is told to. */
function noRegularFile({ mode }: Attributes): RawMiss | undefined {
  if (mode === undefined) return { outcome: 'failed', reason: 'malformed-reply' };
  const type = typesOfMode[mode & typeMask];
  if (type === 'file') return undefined;
  return { outcome: 'failed', reason: type === 'directory' ? 'eisdir' : 'not-a-regular-file' };
}

function fileStat({ mode, uid, gid, size, mtime }: Attributes): Raw<FileStat> {
  if (mode === undefined || uid === undefined || gid === undefined || size === undefined || mtime === undefined)
    return { outcome: 'failed', reason: 'malformed-reply' };
  // Version 3 has 32 bits: what lies before 1970 comes as a day after 2038.
  if (mtime > 0x7fffffff) return { outcome: 'failed', reason: 'time-out-of-range' };
  return {
    outcome: 'ok',
    value: {
      type: typesOfMode[mode & typeMask] ?? 'other',
      mode: mode & 0o7777,
      uid,
      gid,
      size: Number(size),
      mtime: new Date(mtime * 1000).toISOString(),
    },
  };
}

/**
 * Reads to the end, several parts ahead where the size is known. As from inside: a reading that stops short at
 * the size is the end; files of /proc and /sys say 0 or a page and give what they give, until an empty reading; `atOnce` says of
 * one that its first reading is all of it, as of a process's name (proc_pid_comm(5), 16 bytes).
 */
async function readUpTo(
  ask: Ask,
  handle: Uint8Array,
  size: number,
  maxBytes: number,
  atOnce = false,
): Promise<Raw<{ bytes: Uint8Array; truncated: boolean }>> {
  const chunks: Uint8Array[] = [];
  const ahead: { readonly length: number; readonly reply: Promise<Reply> }[] = [];
  let total = 0;
  let next = 0;
  const fill = (): void => {
    do {
      // A sysctl answers once: its file says 0, and a reading of one byte would cut its value short.
      const length = Math.min(chunkBytes, size > next ? size + 1 - next : chunkBytes, maxBytes + 1 - next);
      if (length <= 0) return;
      const reply = ask({ kind: 'read', handle, offset: next, length });
      reply.catch(() => undefined);
      ahead.push({ length, reply });
      next += length;
    } while (next < size && ahead.length < aheadMost);
  };
  while (total <= maxBytes) {
    if (ahead.length === 0) fill();
    const first = ahead.shift();
    if (first === undefined) break;
    const reply = await first.reply;
    if (reply.kind === 'status' && reply.status === 'end') break;
    if (reply.kind !== 'data') return missOfStatus(statusOf(reply), '');
    if (reply.data.length === 0 || reply.data.length > first.length)
      return { outcome: 'failed', reason: 'malformed-reply' };
    chunks.push(reply.data);
    total += reply.data.length;
    if (reply.data.length < first.length) {
      if (total === size || atOnce) break;
      // What was asked ahead begins too late.
      ahead.length = 0;
      next = total;
    }
  }
  return { outcome: 'ok', value: { bytes: Buffer.concat(chunks).subarray(0, maxBytes), truncated: total > maxBytes } };
}

/** Half a listing would read as a whole one, so there is none. */
async function namesIn(
  ask: Ask,
  handle: Uint8Array,
  maxBytes: number,
  path: string,
): Promise<Raw<readonly Uint8Array[]>> {
  const names: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const reply = await ask({ kind: 'readdir', handle });
    if (reply.kind === 'status' && reply.status === 'end') return { outcome: 'ok', value: names };
    if (reply.kind !== 'names') return missOfStatus(statusOf(reply), path);
    for (const name of reply.names) {
      const word = Buffer.from(name).toString('latin1');
      if (word === '.' || word === '..') continue;
      total += name.length;
      if (total > maxBytes) return { outcome: 'failed', reason: 'too-many-entries' };
      names.push(Uint8Array.from(name));
    }
  }
}
