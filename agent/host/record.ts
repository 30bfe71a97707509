/** Records a machine while it is asked, in the format that replay reads. */
import { decodeBytes, isUtf8, toText } from '../../collectors/text.ts';
import { ok, type Result } from '../../evidence/result.ts';
import type { RecordedCommandAnswer, RecordedFile, RecordedMiss } from '../../schemas/generated/types.ts';
import type { Invocation, Limits, Machine, Raw, RawMiss, RawRun } from './machine.ts';
import { querySubject } from './queries.ts';
import { recordedPath } from './recording-sections.ts';
import { createTape, withheld } from './recording-tape.ts';
import { openRecordingWriter, type RecordingWriter } from './recording-writer.ts';
import { keptContent, keptOutput, keptValue } from './redact.ts';

export type Recorder = {
  /** The machine to ask in the place of the one that is recorded; it gives the same answers. */
  readonly machine: Machine;
  /** Writes host.json; refuses with `recording-not-written` where any part could not be written. */
  readonly finish: () => Result<{ readonly entries: number; readonly withheld: number }>;
};

/**
 * Wraps a machine and records every answer into a folder that is made for it or is empty. Secrets are
 * replaced before anything is written. It asks for one byte past each cap, so that a replay cuts where
 * the live run did.
 */
export function recordMachine(inner: Machine, folder: string): Result<Recorder> {
  const opened = openRecordingWriter(folder);
  if (!opened.ok) return opened;
  const writer = opened.value;
  const tape = createTape();
  const longest = new Map<string, number>();
  const machine: Machine = {
    os: inner.os,
    privilege: (access) => inner.privilege(access),
    async identity() {
      const raw = await inner.identity();
      if (raw.outcome === 'ok') tape.setIdentity(raw.value);
      return raw;
    },
    async readFile(path, limits) {
      const raw = await inner.readFile(path, oneMore(limits));
      const length = raw.outcome === 'ok' ? raw.value.bytes.length : 0;
      // Where it was read under several caps, the longest reading serves them all.
      const shorter = length > limits.maxBytes && length < (longest.get(path) ?? 0);
      const entry = raw.outcome === 'ok' ? recordedFile(writer, path, raw.value.bytes, limits) : recordedMiss(raw);
      if (entry !== undefined && !shorter) {
        tape.files.set(recordedPath(path), entry);
        longest.set(path, length);
      }
      return raw.outcome === 'ok' ? { outcome: 'ok', value: cut(raw.value.bytes, limits) } : raw;
    },
    list: (path, limits) =>
      noted(tape.lists, path, inner.list(path, limits), (names) =>
        names.toSorted((left, right) => Buffer.compare(left, right)).map((name) => toText(decodeBytes(name))),
      ),
    stat: (path, limits) =>
      noted(tape.stats, path, inner.stat(path, limits), (stat) => ({
        ...stat,
        mode: stat.mode.toString(8).padStart(4, '0'),
      })),
    readLink: (path, limits) =>
      noted(tape.links, path, inner.readLink(path, limits), (bytes) => {
        const target = decodeBytes(bytes);
        return isUtf8(target) ? target : { outcome: 'failed', reason: 'not-utf8' };
      }),
    async run(invocation, limits) {
      const raw = await inner.run(invocation, oneMore(limits));
      for (const argv of commandLines(invocation, raw)) {
        const answer =
          limits.secret === true && raw.outcome === 'ok' ? withheld : recordedRun(writer, argv, raw, limits);
        if (answer !== undefined) tape.addCommand(argv, answer);
      }
      if (raw.outcome !== 'ok') return raw;
      const { bytes: stdout, truncated } = cut(raw.value.stdout, limits);
      return {
        outcome: 'ok',
        value: {
          ...raw.value,
          stdout,
          stderr: cut(raw.value.stderr, limits).bytes,
          truncated: truncated || raw.value.truncated,
        },
      };
    },
    registry: (key, limits) =>
      noted(tape.registry, key, inner.registry(key, limits), (found) => keptValue(found) as object),
    query: (name, limits, parameters) =>
      noted(tape.queries, querySubject(name, parameters), inner.query(name, limits, parameters), (json) =>
        limits.secret === true ? withheld : { json: keptValue(json) },
      ),
    system: (name, limits) => noted(tape.system, name, inner.system(name, limits), (told) => keptValue(told) as object),
    close: () => inner.close?.(),
  };
  return ok({
    machine,
    finish() {
      const { recording, ...counts } = tape.recording(inner.os);
      const done = writer.finish(recording);
      return done.ok ? ok(counts) : done;
    },
  });
}

function oneMore(limits: Limits): Limits {
  return { ...limits, maxBytes: limits.maxBytes + 1 };
}

function cut(bytes: Uint8Array, { maxBytes }: Limits): { bytes: Uint8Array; truncated: boolean } {
  return { bytes: bytes.subarray(0, maxBytes), truncated: bytes.length > maxBytes };
}

/** A recording has no word for unsupported: what is not in it replays as just that. */
function recordedMiss({ outcome, reason }: RawMiss): RecordedMiss | undefined {
  return outcome === 'unsupported' ? undefined : { outcome, reason };
}

/** Passes an answer on and notes it, or how it was missed. */
async function noted<T>(
  section: Map<string, unknown>,
  key: string,
  asking: Promise<Raw<T>>,
  form: (value: T) => unknown,
): Promise<Raw<T>> {
  const raw = await asking;
  const entry = raw.outcome === 'ok' ? form(raw.value) : recordedMiss(raw);
  if (entry !== undefined) section.set(recordedPath(key), entry);
  return raw;
}

function recordedFile(writer: RecordingWriter, path: string, bytes: Uint8Array, { secret }: Limits): RecordedFile {
  const kept = keptContent(path, bytes, secret === true);
  return kept === undefined ? withheld : writer.keep(path, kept);
}

/** Under the program that ran; where none was there, each candidate is recorded as absent. */
function commandLines({ programs, args }: Invocation, raw: Raw<RawRun>): string[][] {
  const [first = ''] = programs;
  const ran = raw.outcome === 'ok' ? [raw.value.program ?? first] : raw.outcome === 'absent' ? programs : [first];
  const bases = new Set(
    ran.map((program) => program.slice(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1)),
  );
  return [...bases].map((base) => [base, ...args]);
}

/** A recording cannot say that output is not whole, so output whose end was not seen is recorded as a failure. */
function recordedRun(
  writer: RecordingWriter,
  argv: readonly string[],
  raw: Raw<RawRun>,
  { maxBytes }: Limits,
): RecordedCommandAnswer | undefined {
  if (raw.outcome !== 'ok') return recordedMiss(raw);
  const { stdout, stderr, exitCode, signal, truncated } = raw.value;
  if (truncated && stdout.length <= maxBytes) return { outcome: 'failed', reason: 'end-not-seen' };
  const content = writer.keep(argv.slice(0, 3).join('-'), keptOutput(stdout));
  const answer: RecordedCommandAnswer = { stderr: Buffer.from(keptOutput(stderr)).toString('utf8') };
  if ('text' in content) answer.stdout = content.text;
  else if ('file' in content) answer.stdoutFile = content.file;
  else answer.stdoutBase64 = content.base64;
  if (exitCode !== undefined) answer.exitCode = exitCode;
  if (signal !== undefined) answer.signal = signal;
  return answer;
}
