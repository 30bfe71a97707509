/** Files of a Windows server that only its PowerShell reaches: the same answers as windows-files.ts gives from inside. */
import { isRawObject, rawList, rawMember, rawText } from '../../../collectors/raw-json.ts';
import { encodeText } from '../../../collectors/text.ts';
import type { FileStat } from '../host.ts';
import type { Limits, Machine, Raw, RawMiss } from '../machine.ts';
import type { QueryParameters } from '../queries.ts';
import type { ProgramLooks } from './trusted-program.ts';
import { isDevicePath } from './windows-files.ts';

export type AskWithin = (
  name: 'file-about' | 'file-content' | 'folder-names',
  parameters: QueryParameters,
  limits: Limits,
) => Promise<Raw<unknown>>;

type About = {
  readonly kind: 'file' | 'directory' | 'other';
  readonly link: string;
  readonly size: number;
  readonly modified: string;
};

/** Base64 takes 4 bytes for 3; numbers in a list, where nothing else is allowed, 4 for 1. */
const bytesForOne = 5;
const kib = 1024;

export function filesByQuery(ask: AskWithin): Pick<Machine, 'readFile' | 'list' | 'stat' | 'readLink'> {
  return {
    async readFile(path, { maxBytes, ...limits }) {
      if (isDevicePath(path)) return { outcome: 'failed', reason: 'not-a-regular-file' };
      const within = { ...limits, maxBytes: bytesForOne * maxBytes + 64 * kib };
      const answer = await ask('file-content', { path, most: maxBytes + 1 }, within);
      if (answer.outcome !== 'ok') return fileMiss(answer);
      const about = readAbout(answer.value);
      if (about === undefined) return notUnderstood;
      if (about.kind === 'directory') return { outcome: 'failed', reason: 'eisdir' };
      if (about.kind !== 'file') return { outcome: 'failed', reason: 'not-a-regular-file' };
      const bytes = readBytes(member(answer.value, 'data'));
      if (bytes === undefined || bytes.length > maxBytes + 1) return notUnderstood;
      // Only an empty file comes without bytes.
      if (bytes.length === 0 && about.size > 0) return notUnderstood;
      return { outcome: 'ok', value: { bytes: bytes.subarray(0, maxBytes), truncated: bytes.length > maxBytes } };
    },
    async list(path, limits) {
      const answer = await ask('folder-names', { path }, { ...limits, maxBytes: 2 * limits.maxBytes });
      if (answer.outcome !== 'ok') return fileMiss(answer);
      const about = readAbout(answer.value);
      if (about === undefined) return notUnderstood;
      if (about.kind !== 'directory') return { outcome: 'absent', reason: 'no-such-file' };
      const names = readNames(member(answer.value, 'names'));
      if (names === undefined) return notUnderstood;
      const encoded = names.map(encodeText);
      const total = encoded.reduce((sum, { length }) => sum + length, 0);
      return total > limits.maxBytes
        ? { outcome: 'failed', reason: 'too-many-entries' }
        : { outcome: 'ok', value: encoded };
    },
    async stat(path, limits) {
      const answer = await ask('file-about', { path }, { ...limits, maxBytes: 64 * kib });
      if (answer.outcome !== 'ok') return fileMiss(answer);
      const about = readAbout(answer.value);
      return about === undefined ? notUnderstood : statOf(about);
    },
    // No collector asks for one on Windows.
    readLink: () => Promise.resolve({ outcome: 'unsupported', reason: 'not-over-ssh' }),
  };
}

/** The looks that a program needs before it is run, by the same queries. */
export function looksByQuery(files: ReturnType<typeof filesByQuery>, limits: Limits): ProgramLooks {
  return {
    async gone(path) {
      const about = await files.stat(path, limits);
      return about.outcome === 'ok' || about.reason === linkNotFollowed.reason ? undefined : about;
    },
    async names(folder) {
      const listed = await files.list(folder, limits);
      if (listed.outcome !== 'ok') throw new Error(listed.reason);
      return listed.value.map((name) => Buffer.from(name).toString('utf8'));
    },
  };
}

const notUnderstood: RawMiss = { outcome: 'failed', reason: 'answer-not-understood' };
const linkNotFollowed: RawMiss = { outcome: 'unsupported', reason: 'link-not-followed' };

/** By the words that the same miss has from inside (errno.ts). ERROR_SHARING_VIOLATION, as libuv calls it, is EBUSY. */
function fileMiss(miss: RawMiss): RawMiss {
  if (miss.outcome === 'absent') return { outcome: 'absent', reason: 'no-such-file' };
  if (miss.outcome === 'denied') return { outcome: 'denied', reason: 'permission-denied' };
  switch (miss.reason) {
    case 'hresult-0x80070002':
    case 'hresult-0x80070003':
      return { outcome: 'absent', reason: 'no-such-file' };
    case 'hresult-0x80070020':
      return { outcome: 'failed', reason: 'ebusy' };
    default:
      return miss;
  }
}

function member(value: unknown, name: string): unknown {
  return isRawObject(value) ? rawMember(value, name) : undefined;
}

function readAbout(value: unknown): About | undefined {
  const kind = member(value, 'kind');
  const size = member(value, 'size');
  const modified = member(value, 'modified');
  if (kind !== 'file' && kind !== 'directory' && kind !== 'other') return undefined;
  if (typeof modified !== 'string' || Number.isNaN(Date.parse(modified))) return undefined;
  const link = member(value, 'link');
  return { kind, link: typeof link === 'string' ? link : '', size: typeof size === 'number' ? size : 0, modified };
}

/** Windows has neither mode nor owner by number, as from inside. */
function statOf({ kind, link, size, modified }: About): Raw<FileStat> {
  // Size and date would be those of the link.
  if (link === 'SymbolicLink' || link === 'Junction') return linkNotFollowed;
  const mtime = new Date(Date.parse(modified)).toISOString();
  return {
    outcome: 'ok',
    value: { type: kind, mode: 0, uid: 0, gid: 0, size: kind === 'file' ? size : 0, mtime },
  };
}

/** Base64, or a list of numbers, of which one alone comes without its list; an empty file gives none. */
function readBytes(data: unknown): Buffer | undefined {
  if (typeof data === 'string') return /^[A-Za-z0-9+/]*={0,2}$/.test(data) ? Buffer.from(data, 'base64') : undefined;
  const list = rawList(data);
  const isByte = (each: unknown): boolean => Number.isInteger(each) && Number(each) >= 0 && Number(each) < 256;
  return list.every(isByte) ? Buffer.from(list.map(Number)) : undefined;
}

/** An empty folder gives an empty list, or null; an answer that has neither says nothing of the folder. */
function readNames(data: unknown): readonly string[] | undefined {
  if (data === undefined) return undefined;
  const names = rawList(data).map(rawText);
  return names.some((name) => name === undefined) ? undefined : names.filter((name) => name !== undefined);
}
