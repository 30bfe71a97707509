/** Files of the Windows machine that we run on. */
import { constants, type Stats } from 'node:fs';
import { lstat, open, opendir, readlink, stat } from 'node:fs/promises';
import { encodeText } from '../../../collectors/text.ts';
import type { AccessGuard } from '../access-guard.ts';
import type { FileStat } from '../host.ts';
import type { Machine, Raw } from '../machine.ts';

/** Device names (CON, NUL, COM1) are devices in every folder, with any ending, and to open one can hang. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[ .:].*)?$/i;

export function isDevicePath(path: string): boolean {
  return path.split(/[\\/]/).some((part) => device.test(part.trim()));
}

export function windowsFiles(guarded: AccessGuard): Pick<Machine, 'readFile' | 'list' | 'stat' | 'readLink'> {
  return {
    readFile: (path, limits) => guarded(limits.deadlineMs, () => readRegularFile(path, limits.maxBytes)),
    list: (path, limits) => guarded(limits.deadlineMs, () => listFolder(path, limits.maxBytes)),
    stat: (path, limits) => guarded(limits.deadlineMs, async () => statOf(await stat(path))),
    readLink: (path, limits) =>
      guarded(limits.deadlineMs, async () => {
        if (!(await lstat(path)).isSymbolicLink()) return { outcome: 'absent', reason: 'not-a-link' };
        return { outcome: 'ok', value: encodeText(await readlink(path)) };
      }),
  };
}

async function readRegularFile(path: string, maxBytes: number): ReturnType<Machine['readFile']> {
  if (isDevicePath(path)) return { outcome: 'failed', reason: 'not-a-regular-file' };
  const file = await open(path, constants.O_RDONLY);
  try {
    const about = await file.stat();
    if (about.isDirectory()) return { outcome: 'failed', reason: 'eisdir' };
    if (!about.isFile()) return { outcome: 'failed', reason: 'not-a-regular-file' };
    const chunks: Uint8Array[] = [];
    let total = 0;
    while (total <= maxBytes) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(65_536, maxBytes + 1 - total)));
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      total += bytesRead;
    }
    return {
      outcome: 'ok',
      value: { bytes: Buffer.concat(chunks).subarray(0, maxBytes), truncated: total > maxBytes },
    };
  } finally {
    await file.close();
  }
}

async function listFolder(path: string, maxBytes: number): Promise<Raw<readonly Uint8Array[]>> {
  const names: Uint8Array[] = [];
  let total = 0;
  for await (const { name } of await opendir(path)) {
    const bytes = encodeText(name);
    total += bytes.length;
    if (total > maxBytes) return { outcome: 'failed', reason: 'too-many-entries' };
    names.push(bytes);
  }
  return { outcome: 'ok', value: names };
}

/** Windows has neither mode nor owner by number: what Node gives for them is made up, so it is 0. */
function statOf(about: Stats): Raw<FileStat> {
  const type = about.isFile() ? 'file' : about.isDirectory() ? 'directory' : 'other';
  return {
    outcome: 'ok',
    value: { type, mode: 0, uid: 0, gid: 0, size: about.size, mtime: about.mtime.toISOString() },
  };
}
