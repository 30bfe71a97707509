/**
 * Login records of glibc systems: lastlog(5) holds one record for each user id, wtmp(5) one for each
 * login. Their layout depends on the machine (bits/utmp.h, bits/wordsize.h): x86 and 32-bit ARM keep
 * times in 32 bits, 64-bit ARM and RISC-V in 64.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { decodeBytes } from '../text.ts';

export type LoginRecord = {
  readonly uid?: number;
  readonly name?: string;
  /** Seconds since 1970-01-01. */
  readonly at: number;
  readonly terminal: string;
  readonly from: string;
};

type Layout = { readonly lastlog: number; readonly utmp: number; readonly timeBytes: 4 | 8 };
const narrow: Layout = { lastlog: 292, utmp: 384, timeBytes: 4 };
const wide: Layout = { lastlog: 296, utmp: 400, timeBytes: 8 };

/** By Node's name of the architecture. All of these are little-endian; others are not covered. */
export function layoutOf(architecture: string | undefined): Layout | undefined {
  if (architecture === 'x64' || architecture === 'ia32' || architecture === 'arm') return narrow;
  return architecture === 'arm64' || architecture === 'riscv64' || architecture === 'loong64' ? wide : undefined;
}

/** 9999-12-31T23:59:59Z: later times are no times. */
const lastSecond = 253_402_300_799;
const userProcess = 7;
const maxRecords = 100_000;

/** One record for each user id that ever logged in. A record that is cut off at the end does not count. */
export function parseLastlog(bytes: Uint8Array, layout: Layout): Parsed<LoginRecord[]> {
  const view = viewOf(bytes);
  const found: LoginRecord[] = [];
  for (let uid = 0; (uid + 1) * layout.lastlog <= bytes.length; uid += 1) {
    const start = uid * layout.lastlog;
    const at = timeAt(view, start, layout);
    if (at === 0) continue;
    if (at === undefined) return unparsed('malformed-record', `user id ${uid}`);
    found.push({
      uid,
      at,
      terminal: textAt(bytes, start + layout.timeBytes, 32),
      from: textAt(bytes, start + layout.timeBytes + 32, 256),
    });
    if (found.length > maxRecords) return unparsed('too-many-entries');
  }
  return parsed(found);
}

export type Wtmp = {
  readonly logins: readonly LoginRecord[] /** Seconds of the oldest record; missing where there is none. */;
  readonly since?: number;
};

/** The newest login of each name, and how far back the records go. A size that is no whole number of records fails. */
export function parseWtmp(bytes: Uint8Array, layout: Layout): Parsed<Wtmp> {
  if (bytes.length % layout.utmp !== 0) return unparsed('malformed-record', 'size');
  const view = viewOf(bytes);
  const newest = new Map<string, LoginRecord>();
  let since: number | undefined;
  for (let start = 0; start < bytes.length; start += layout.utmp) {
    const type = view.getInt16(start, true);
    // ut_type, ut_pid, ut_line[32], ut_id[4], ut_user[32], ut_host[256], ut_exit, ut_session, ut_tv.
    const at = timeAt(view, start + (layout.timeBytes === 8 ? 344 : 340), layout);
    if (type < 0 || type > 12 || at === undefined) return unparsed('malformed-record', `record ${start / layout.utmp}`);
    if (at === 0) continue;
    since = Math.min(since ?? at, at);
    const name = textAt(bytes, start + 44, 32);
    const before = newest.get(name);
    if (type !== userProcess || name === '' || (before !== undefined && before.at >= at)) continue;
    newest.set(name, { name, at, terminal: textAt(bytes, start + 8, 32), from: textAt(bytes, start + 76, 256) });
  }
  if (newest.size > maxRecords) return unparsed('too-many-entries');
  return parsed(since === undefined ? { logins: [] } : { logins: [...newest.values()], since });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Undefined where it is no time. 32-bit times are unsigned since glibc 2.40 and never negative before. */
function timeAt(view: DataView, at: number, { timeBytes }: Layout): number | undefined {
  if (timeBytes === 4) return view.getUint32(at, true);
  const seconds = Number(view.getBigInt64(at, true));
  return seconds >= 0 && seconds <= lastSecond ? seconds : undefined;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return decodeBytes(end < 0 ? field : field.subarray(0, end));
}
