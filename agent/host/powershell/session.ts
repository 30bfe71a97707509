/**
 * One PowerShell process that answers one query after the other. A query that hangs is ended with its
 * process and costs itself alone: the next one starts a new process.
 */
import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { decodeBytes } from '../../../collectors/text.ts';
import type { Limits, Raw, RawMiss } from '../machine.ts';
import type { QueryParameters, QuerySpec } from '../queries.ts';
import { secretIn } from '../secrets.ts';
import { firstWordOf, marksOf, readAnswer } from './answer.ts';
import { preludeText, queryText } from './script.ts';

/** What a session needs of a process: a child of ours, or one behind an SSH channel. */
export type SessionChild = {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  once(event: 'exit' | 'close', listener: (code: number | null, signal: string | null) => void): unknown;
  off(event: 'close', listener: (code: number | null, signal: string | null) => void): unknown;
  unref(): void;
};

export type StartedProcess = {
  readonly child: SessionChild;
  /** Ends it with everything that it started. */
  readonly kill: () => void;
  /** Lets an idle one end by itself; `kill` where there is none. */
  readonly finish?: () => void;
};

export type SessionOptions = {
  /** Starts a process that reads commands from its standard input, or says why there is none. */
  readonly start: () => Promise<StartedProcess | RawMiss>;
  /** Sent after the prelude: functions for a machine behind SSH; what tests put in the place of a Windows machine. */
  readonly setup?: string;
};

export type PowerShellSession = {
  query(spec: QuerySpec, parameters: QueryParameters | undefined, limits: Limits): Promise<Raw<unknown>>;
  /** How many processes were started so far. */
  readonly started: () => number;
  /** Ends the process, where one runs. A later query starts another. */
  close(): void;
};

/** So many starts in a row without one answer, and no more are tried: every query would wait for its deadline. */
const maxVainStarts = 2;
/** Marks, an error's text and noise of modules come on top of an answer. */
const overhead = 64 * 1024;
const maxNoise = 4096;

/** Collectors ask in turn with gaps of a few milliseconds. */
const idleMs = 200;

type Job = {
  readonly spec: QuerySpec;
  readonly parameters: QueryParameters | undefined;
  readonly limits: Limits;
  readonly settle: (answer: Raw<unknown>) => void;
};
type Live = StartedProcess & { answered: boolean; stderr: string };

export function createSession({ start, setup = '' }: SessionOptions): PowerShellSession {
  let live: Live | undefined;
  let startCount = 0;
  let vainStarts = 0;
  let refusal: RawMiss | undefined;
  const waiting: Job[] = [];
  let busy = false;

  function drop(process: Live): void {
    if (live === process) live = undefined;
    if (!process.answered) vainStarts += 1;
    process.kill();
    process.child.stdin?.destroy();
    process.child.stdout?.destroy();
    process.child.stderr?.destroy();
  }

  async function running(): Promise<Live | RawMiss> {
    if (live !== undefined) return live;
    if (refusal !== undefined) return refusal;
    if (vainStarts >= maxVainStarts) return { outcome: 'failed', reason: 'powershell-does-not-answer' };
    const started = await start();
    if ('outcome' in started) {
      refusal = started;
      return started;
    }
    startCount += 1;
    const process: Live = { ...started, answered: false, stderr: '' };
    live = process;
    const { child } = process;
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
    child.stderr?.on('data', (chunk: Buffer) => {
      process.stderr = (process.stderr + decodeBytes(chunk)).slice(-maxNoise);
    });
    child.once('exit', () => {
      if (live === process) live = undefined;
    });
    // An idle process must not keep ours alive; its standard input closes with us, which ends it.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) unref(stream);
    child.stdin?.write(`${preludeText()}${setup}\n`);
    return process;
  }

  async function ask(spec: QuerySpec, parameters: QueryParameters | undefined, limits: Limits): Promise<Raw<unknown>> {
    const deadline = performance.now() + limits.deadlineMs;
    const process = await running();
    if ('outcome' in process) return process;
    const mark = randomBytes(16).toString('hex');
    process.stderr = '';
    const printed = await converse(
      process,
      queryText(spec, parameters, mark),
      mark,
      limits,
      deadline - performance.now(),
    );
    if ('outcome' in printed) {
      drop(process);
      return withNoise(printed, process.stderr, limits);
    }
    process.answered = true;
    vainStarts = 0;
    const answer = readAnswer(printed.bytes, mark);
    if (answer.outcome === 'ok' && answer.value !== undefined && printed.bytes.length > limits.maxBytes + overhead)
      return { outcome: 'failed', reason: 'output-too-large' };
    return answer.outcome === 'ok' ? answer : withNoise(answer, process.stderr, limits);
  }

  /** One after the other; what may take long waits until nobody has asked anything else for a while. */
  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    for (;;) {
      const at = waiting.findIndex(({ spec }) => spec.last !== true);
      if (at < 0 && waiting.length > 0) await new Promise((done) => setTimeout(done, idleMs));
      const ready = at < 0 ? waiting.findIndex(({ spec }) => spec.last !== true) : at;
      const [job] = waiting.splice(Math.max(0, ready), 1);
      if (job === undefined) break;
      job.settle(await ask(job.spec, job.parameters, job.limits));
    }
    busy = false;
  }

  return {
    query(spec, parameters, limits) {
      const { promise, resolve } = Promise.withResolvers<Raw<unknown>>();
      waiting.push({ spec, parameters, limits, settle: resolve });
      void work();
      return promise;
    },
    started: () => startCount,
    close() {
      // Whoever waits still was given up, or would not have been closed.
      for (const { settle } of waiting.splice(0)) settle({ outcome: 'failed', reason: 'session-closed' });
      const process = live;
      if (process === undefined) return;
      if (busy || process.finish === undefined) return drop(process);
      live = undefined;
      process.finish();
    },
  };
}

function unref(stream: unknown): void {
  if (typeof stream === 'object' && stream !== null && 'unref' in stream && typeof stream.unref === 'function')
    stream.unref();
}

/** What was printed until the end mark, or why it never came. */
function converse(
  { child }: StartedProcess,
  text: string,
  mark: string,
  { maxBytes }: Limits,
  leftMs: number,
): Promise<{ readonly bytes: Buffer } | RawMiss> {
  const { promise, resolve } = Promise.withResolvers<{ readonly bytes: Buffer } | RawMiss>();
  const { end } = marksOf(mark);
  const chunks: Buffer[] = [];
  let total = 0;
  let tail = Buffer.alloc(0);

  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    total += chunk.length;
    // The mark may come in two pieces.
    const seen = Buffer.concat([tail, chunk]);
    tail = Buffer.from(seen.subarray(-2 * end.length));
    if (seen.includes(end, 0, 'latin1') || seen.includes(end, 0, 'utf16le')) settle({ bytes: Buffer.concat(chunks) });
    else if (total > 2 * maxBytes + overhead) settle({ outcome: 'failed', reason: 'output-too-large' });
  };
  const onExit = (code: number | null, signal: string | null): void => {
    // What it printed last may still be in the pipe.
    setImmediate(() => settle({ outcome: 'failed', reason: 'powershell-ended', detail: endedWith(code, signal) }));
  };
  const timer = setTimeout(() => settle({ outcome: 'timed-out', reason: 'deadline' }), Math.max(1, leftMs));
  const settle = (result: { readonly bytes: Buffer } | RawMiss): void => {
    clearTimeout(timer);
    child.stdout?.off('data', onData);
    child.off('close', onExit);
    resolve(result);
  };
  child.stdout?.on('data', onData);
  child.once('close', onExit);
  if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
  child.stdin?.write(text);
  return promise;
}

function endedWith(code: number | null, signal: string | null): string {
  return signal === null ? `it ended with exit code ${code ?? 'unknown'}` : `it was ended by ${signal}`;
}

/** The last line that it wrote to standard error, where that can help a person and holds no secret. */
function withNoise(miss: RawMiss, stderr: string, { secret }: Limits): RawMiss {
  const line = firstWordOf(stderr);
  if (miss.detail !== undefined || secret === true || line === undefined || secretIn(line) !== undefined) return miss;
  return { ...miss, detail: line.slice(0, 300).toWellFormed() };
}
