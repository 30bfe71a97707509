/** Runs one argv on a channel of its own, and lets nothing of its output count before it is proved as whom it runs. */
import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import { decodeBytes } from '../../../collectors/text.ts';
import { missOfErrno } from '../errno.ts';
import type { Limits, Raw, RawMiss, RawRun } from '../machine.ts';
import { type Proof, promptOf, provenLine, type SudoWay } from './command-line.ts';
import { readProvenStart } from './proven-start.ts';

/** As for a program that is run here (run-program.ts). */
const patience = 8;
/** How long a channel may stay open and silent after its program has ended. */
const idleMs = 2000;

export type OpenChannel = (line: string) => Promise<Raw<ClientChannel>>;

export type AsWhom = {
  readonly sudo: SudoWay;
  /** The user id that the program must have; undefined asks who it is. */
  readonly uid: number | undefined;
  /** Whether timeout(1) on the server ends it too. */
  readonly bounded: boolean;
  /** How it is proved where no sudo is between; by id(1) where nothing is said. */
  readonly proof?: Proof;
  /** Written once for each prompt of sudo, never more often. */
  readonly password?: string;
};

/** A program that runs, with what it said after the proof; it is paused until somebody listens. */
export type ProvenChannel = { readonly channel: ClientChannel; readonly rest: Buffer };

/** Starts a program whose output is a stream. What goes wrong before the proof is a miss. */
export async function startProven(
  open: OpenChannel,
  argv: readonly string[],
  whom: AsWhom,
  deadlineMs: number,
): Promise<Raw<ProvenChannel>> {
  const mark = newMark();
  const opened = await open(provenLine(argv, mark, { sudo: whom.sudo, input: 'channel', ...proofOf(whom) }));
  if (opened.outcome !== 'ok') return opened;
  const channel = opened.value;
  const { promise, resolve } = Promise.withResolvers<Raw<ProvenChannel>>();
  let proven: Buffer | undefined;
  /** What is written before sudo has read its password would be taken for it. */
  const handOver = (): void => {
    if (proven !== undefined && errors.answered() !== 1) settle({ outcome: 'ok', value: { channel, rest: proven } });
  };
  const errors = errorsOf(channel, mark, whom, { refuse: (miss) => settle(miss), answered: handOver });
  let output = Buffer.alloc(0);
  const timer = setTimeout(() => settle({ outcome: 'timed-out', reason: 'deadline' }), deadlineMs);
  const settle = (result: Raw<ProvenChannel>): void => {
    clearTimeout(timer);
    channel.off('data', onData);
    channel.off('close', onClose);
    if (result.outcome !== 'ok') channel.destroy();
    resolve(result);
  };
  const onData = (chunk: Buffer): void => {
    output = Buffer.concat([output, chunk]);
    const start = readProvenStart(output, mark);
    if (start.kind === 'unproven') settle({ outcome: 'failed', reason: 'no-proof-of-user' });
    if (start.kind !== 'proven') return;
    channel.pause();
    if (!isWanted(start.uid, whom)) return settle(otherUser(start.uid));
    proven = Buffer.from(start.rest);
    handOver();
  };
  const onClose = (): void =>
    settle(missOfSudo(errors.text(), whom) ?? { outcome: 'failed', reason: 'no-proof-of-user' });
  channel.on('data', onData);
  channel.on('close', onClose);
  return promise;
}

/** Runs a program to its end, or ends it. */
export async function runProven(
  open: OpenChannel,
  argv: readonly string[],
  whom: AsWhom,
  limits: Limits,
): Promise<Raw<RawRun & { readonly uid: number }>> {
  const mark = newMark();
  const deadlineSeconds = Math.ceil(limits.deadlineMs / 1000) + 1;
  const bound = whom.bounded ? { deadlineSeconds } : {};
  const opened = await open(provenLine(argv, mark, { sudo: whom.sudo, input: 'none', ...bound, ...proofOf(whom) }));
  if (opened.outcome !== 'ok') return opened;
  const channel = opened.value;
  const { promise, resolve } = Promise.withResolvers<Raw<RawRun & { readonly uid: number }>>();
  const chunks: Buffer[] = [];
  const overhead = 128 * 1024;
  let total = 0;
  let kept = 0;
  let ended: { exitCode: number | undefined; signal: string | undefined } | undefined;
  let settled = false;
  let idle: NodeJS.Timeout | undefined;

  const settle = (result: Raw<RawRun & { readonly uid: number }>): void => {
    if (settled) return;
    settled = true;
    clearTimeout(deadline);
    clearTimeout(idle);
    if (ended === undefined) channel.signal('KILL');
    channel.destroy();
    resolve(result);
  };
  const finish = (whole: boolean): void => {
    const output = Buffer.concat(chunks);
    const start = readProvenStart(output, mark);
    if (start.kind !== 'proven') {
      settle(missOfSudo(errors.text(), whom) ?? { outcome: 'failed', reason: 'no-proof-of-user' });
      return;
    }
    if (!isWanted(start.uid, whom)) return settle(otherUser(start.uid));
    // sudo may have let id(1) run and refuse this one.
    const refused = ended?.exitCode === 1 ? missOfSudo(errors.text(), whom) : undefined;
    if (refused !== undefined && start.rest.length === 0) return settle(refused);
    const stdout = start.rest.subarray(0, limits.maxBytes);
    const { exitCode, signal } = ended ?? { exitCode: undefined, signal: undefined };
    const truncated = !whole || total > kept || start.rest.length > stdout.length;
    settle({ outcome: 'ok', value: { stdout, stderr: errors.text(), exitCode, signal, truncated, uid: start.uid } });
  };
  const errors = errorsOf(channel, mark, whom, {
    refuse: (miss) => settle(miss),
    // sudo has it, and the program reads nothing.
    answered: (times) => {
      if (times === 2) channel.stdin.end();
    },
    maxBytes: limits.maxBytes,
  });
  const deadline = setTimeout(() => {
    if (ended === undefined) settle({ outcome: 'timed-out', reason: 'deadline' });
    else finish(false);
  }, limits.deadlineMs);
  const awaitIdle = (seen: number): void => {
    idle = setTimeout(() => {
      if (settled) return;
      if (total === seen) finish(false);
      else awaitIdle(total);
    }, idleMs);
  };
  channel.on('data', (chunk: Buffer) => {
    total += chunk.length;
    const part = chunk.subarray(0, limits.maxBytes + overhead - kept);
    if (part.length > 0) chunks.push(part);
    kept += part.length;
    if (total > limits.maxBytes * patience + overhead) settle({ outcome: 'failed', reason: 'output-too-large' });
  });
  channel.on('exit', (code: number | null, signal?: string) => {
    ended = { exitCode: code ?? undefined, signal };
    if (!settled) awaitIdle(total);
  });
  channel.on('close', (code?: number | null, signal?: string) => {
    // On a busy machine the whole answer comes in one piece, and `exit` was told before anybody could listen; the
    // end of the channel says it again. Without either, the connection broke.
    if (ended === undefined && code !== undefined) ended = { exitCode: code ?? undefined, signal };
    if (ended === undefined) settle({ outcome: 'failed', reason: 'connection-lost' });
    else finish(true);
  });
  return promise;
}

function proofOf({ proof }: AsWhom): { proof?: Proof } {
  return proof === undefined ? {} : { proof };
}

function newMark(): string {
  return `affiant-${randomBytes(12).toString('hex')}`;
}

function isWanted(uid: number, whom: AsWhom): boolean {
  return whom.uid === undefined || uid === whom.uid;
}

function otherUser(uid: number): RawMiss {
  return { outcome: 'denied', reason: 'other-user', detail: `the server ran it as user ${uid}` };
}

type Errors = { readonly text: () => Buffer; readonly answered: () => number };

/** Collects standard error without the prompts of sudo, and answers those: once each for id(1) and the program. */
function errorsOf(
  channel: ClientChannel,
  mark: string,
  { sudo, password }: AsWhom,
  on: {
    readonly refuse: (miss: RawMiss) => void;
    readonly answered: (times: number) => void;
    readonly maxBytes?: number;
  },
): Errors {
  const prompt = promptOf(mark);
  const { maxBytes = 64 * 1024 } = on;
  let text = Buffer.alloc(0);
  let answered = 0;
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  channel.stderr.on('data', (chunk: Buffer) => {
    if (text.length < maxBytes) text = Buffer.concat([text, chunk]).subarray(0, maxBytes);
    if (sudo !== 'password') return;
    for (let at = text.indexOf(prompt); at >= 0; at = text.indexOf(prompt)) {
      text = Buffer.concat([text.subarray(0, at), text.subarray(at + prompt.length)]);
      answered += 1;
      const again = decodeBytes(text).includes('try again');
      if (password === undefined || again || answered > 2)
        return on.refuse({ outcome: 'denied', reason: 'sudo-password-refused' });
      channel.write(`${password}\n`);
      on.answered(answered);
    }
  });
  return { text: () => text, answered: () => answered };
}

/** What sudo itself says when it does not run a program; its messages are translated, but we ask in English. */
function missOfSudo(errors: Buffer, { sudo }: AsWhom): RawMiss | undefined {
  if (sudo === 'none') return undefined;
  const said = decodeBytes(errors);
  const line = said
    .split('\n')
    .find((each) => /^sudo(?:-rs)?: |is not allowed to execute|may not run sudo/i.test(each));
  if (line === undefined) return undefined;
  if (/command not found/.test(line)) return missOfErrno(Object.assign(new Error(line), { code: 'ENOENT' }));
  return { outcome: 'denied', reason: 'sudo-refused', detail: line.slice(0, 200).toWellFormed() };
}
