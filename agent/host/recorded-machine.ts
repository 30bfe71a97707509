/** Answers of a recording in the form of a live machine's. What was not recorded is never absent. */
import { decodeBytes, encodeText } from '../../collectors/text.ts';
import type {
  RecordedCommandAnswer,
  RecordedFile,
  RecordedOutcome,
  RecordedStat,
  Recording,
  Text,
} from '../../schemas/generated/types.ts';
import type { FileStat, Identity } from './host.ts';
import { printable } from './locator.ts';
import type { Limits, Machine, PrivilegeHeld, Raw, RawMiss, RawRun } from './machine.ts';
import { notRecordedError } from './not-recorded.ts';
import { querySubject } from './queries.ts';
import { createCommandFinder } from './recorded-commands.ts';
import type { SectionName, Sections } from './recording-sections.ts';

export type RecordedParts = {
  readonly recording: Recording;
  readonly sections: Sections;
  /** The files that the recording refers to, by the names that it gives them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What the queries gave, by name. */
  readonly queries: ReadonlyMap<string, unknown>;
};

/** The reasons that a live machine gives, where the recording names no other. */
const usualReasons: Readonly<Record<RecordedOutcome, string>> = {
  absent: 'no-such-file',
  denied: 'permission-denied',
  'timed-out': 'deadline',
  failed: 'recorded-failure',
};

export function replayMachine({ recording, sections, files, queries }: RecordedParts): Machine {
  const { os } = recording;
  const findCommand = createCommandFinder(recording.commands ?? [], os);

  function notRecorded(section: string, key: string): RawMiss {
    if (recording.strict === true) throw notRecordedError(`${section} for ${printable(key)}`);
    return { outcome: 'unsupported', reason: 'not-recorded' };
  }
  /** A file that is not there has no attributes either, and the other way round. */
  function absentElsewhere(section: SectionName, path: string): RawMiss | undefined {
    const found = sections.find(section, path)?.entry;
    return isMiss(found) && found.outcome === 'absent' ? missOf(found) : undefined;
  }
  const contentOf = (file: RecordedFile): Uint8Array => bytesOf(file.text, file.file, file.base64, files);

  return {
    os,
    privilege: () => privilegeOf(recording),
    identity: async () => identityOf(recording) ?? notRecorded('host', 'identity'),
    async readFile(path, { maxBytes }) {
      const entry = sections.find('files', path)?.entry;
      if (entry === undefined) return absentElsewhere('stats', path) ?? notRecorded('files', path);
      return isMiss(entry) ? missOf(entry) : { outcome: 'ok', value: cut(contentOf(entry), maxBytes) };
    },
    async list(path) {
      const entry = sections.find('lists', path)?.entry;
      if (entry === undefined) return absentElsewhere('stats', path) ?? notRecorded('lists', path);
      return Array.isArray(entry) ? { outcome: 'ok', value: entry.map(nativeText) } : missOf(entry);
    },
    async stat(path) {
      const entry = sections.find('stats', path)?.entry;
      if (entry === undefined)
        return absentElsewhere('files', path) ?? absentElsewhere('lists', path) ?? notRecorded('stats', path);
      if (isMiss(entry)) return missOf(entry);
      return statOf(entry) ?? notRecorded('stats', path);
    },
    async readLink(path) {
      const entry = sections.find('links', path)?.entry;
      if (entry === undefined) return notRecorded('links', path);
      return typeof entry === 'string' ? { outcome: 'ok', value: encodeText(entry) } : missOf(entry);
    },
    async run(invocation, limits) {
      const match = findCommand(invocation);
      if (match === undefined) return notRecorded('commands', [invocation.programs[0], ...invocation.args].join(' '));
      sections.noteCommand(match.index);
      return runOf(match.answer, limits, files);
    },
    async registry(key) {
      const entry = sections.find('registry', key)?.entry;
      if (entry === undefined) return notRecorded('registry', key);
      if (isMiss(entry)) return missOf(entry, 'no-such-key');
      const { values, keys } = entry;
      return { outcome: 'ok', value: { ...(values !== undefined && { values }), ...(keys !== undefined && { keys }) } };
    },
    async query(query, _limits, parameters) {
      const name = querySubject(query, parameters);
      const found = sections.find('queries', name);
      if (found === undefined) return notRecorded('queries', name);
      const { entry } = found;
      if (isMiss(entry)) return missOf(entry, 'no-such-query');
      if (entry.error !== undefined) {
        const { hresult, message } = entry.error;
        const reason = hresult === undefined ? 'query-error' : `hresult-${hresult.toLowerCase()}`;
        return { outcome: 'failed', reason, detail: message.slice(0, 400) };
      }
      return queries.has(found.key) ? { outcome: 'ok', value: queries.get(found.key) } : notRecorded('queries', name);
    },
    async system(name) {
      const entry: object | undefined = sections.find('system', name)?.entry;
      if (entry === undefined) return notRecorded('system', name);
      return isMiss(entry) ? missOf(entry) : { outcome: 'ok', value: { ...entry } };
    },
  };
}

type Missing = { readonly outcome: RecordedOutcome; readonly reason?: string };

function isMiss(entry: unknown): entry is Missing {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'outcome' in entry &&
    Object.hasOwn(usualReasons, String(entry.outcome))
  );
}

function missOf({ outcome, reason }: Missing, whenAbsent?: string): RawMiss {
  const usual = outcome === 'absent' && whenAbsent !== undefined ? whenAbsent : usualReasons[outcome];
  return { outcome, reason: reason ?? usual };
}

function bytesOf(
  text: string | undefined,
  file: string | undefined,
  base64: string | undefined,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  if (file === undefined) return encodeText(text ?? '');
  const bytes = files.get(file);
  if (bytes === undefined) throw new Error('a file of the recording was not read before it was used');
  return bytes;
}

function cut(bytes: Uint8Array, maxBytes: number): { bytes: Uint8Array; truncated: boolean } {
  return { bytes: bytes.subarray(0, maxBytes), truncated: bytes.length > maxBytes };
}

function runOf(
  answer: RecordedCommandAnswer,
  { maxBytes }: Limits,
  files: ReadonlyMap<string, Uint8Array>,
): Raw<RawRun> {
  if (isMiss(answer)) return missOf(answer, 'no-such-program');
  const { bytes: stdout, truncated } = cut(
    bytesOf(answer.stdout, answer.stdoutFile, answer.stdoutBase64, files),
    maxBytes,
  );
  const stderr = encodeText(answer.stderr ?? '').subarray(0, maxBytes);
  const { signal } = answer;
  const exitCode = signal === undefined ? (answer.exitCode ?? 0) : answer.exitCode;
  return { outcome: 'ok', value: { stdout, stderr, exitCode, signal, truncated } };
}

function nativeText(text: Text): Uint8Array {
  return typeof text === 'string' ? encodeText(text) : Buffer.from(text.bytes, 'base64');
}

function plainText(text: Text): string {
  return typeof text === 'string' ? text : decodeBytes(Buffer.from(text.bytes, 'base64'));
}

/** Undefined where a member was not recorded: half a stat would need an invented other half. */
function statOf({ type, mode, uid, gid, size, mtime }: RecordedStat): Raw<FileStat> | undefined {
  if (type === undefined || mode === undefined || uid === undefined) return undefined;
  if (gid === undefined || size === undefined || mtime === undefined) return undefined;
  return { outcome: 'ok', value: { type, mode: Number.parseInt(mode, 8), uid, gid, size, mtime } };
}

/** Undefined where nothing of it was recorded. */
function identityOf({ host = {}, user = {} }: Recording): Raw<Identity> | undefined {
  const { hostname, kernelRelease, kernelVersion, arch } = host;
  const { name, uid, elevated, capabilities } = user;
  const identity: Identity = {
    ...(hostname !== undefined && { hostname: plainText(hostname) }),
    ...(kernelRelease !== undefined && { kernelRelease }),
    ...(kernelVersion !== undefined && { kernelVersion }),
    ...(arch !== undefined && { architecture: arch }),
    ...(name !== undefined && { user: plainText(name) }),
    ...(uid !== undefined && { uid }),
    ...(elevated !== undefined && { elevated }),
    ...(capabilities !== undefined && { capabilities }),
  };
  return Object.keys(identity).length === 0 ? undefined : { outcome: 'ok', value: identity };
}

/** Where nothing was recorded of the user, no right is claimed. */
function privilegeOf({ os, user = {} }: Recording): PrivilegeHeld {
  const { name, uid, elevated, capabilities = [] } = user;
  if (os === 'windows') {
    if (name === 'SYSTEM' || name === String.raw`NT AUTHORITY\SYSTEM`) return 'system';
    return elevated === true ? 'administrator' : 'user';
  }
  if (uid === 0 && elevated !== false) return 'root';
  const opener = ['cap_dac_read_search', 'cap_dac_override'].find((capability) => capabilities.includes(capability));
  if (opener !== undefined) return `cap:${opener}`;
  return elevated === true ? 'root' : 'user';
}
