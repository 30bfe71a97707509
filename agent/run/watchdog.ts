/**
 * Ends this very process where a run takes more than it may of the server: memory, or time that it does not give
 * back. It lives in a thread of its own, as a collector that never ends holds up everything else in this one. Who was
 * at work then is on the disk before the end, and the next run reads it (run-marker.ts).
 *
 * Which collector is at work: each answer of the door marks its asker right before it is resumed (markedHost). The
 * microtask that marks and the one that resumes stand one behind the other in the queue; a collector that then waits for
 * something else than the door may be mistaken for the one resumed last. The mark is enough to
 * leave a collector out for a day, and never decides what a fact says.
 */
import { Worker } from 'node:worker_threads';
import type { Host } from '../host/host.ts';

export type WatchdogLimits = {
  /** Resident memory of this process, all threads. */
  readonly memoryMiB: number;
  /** For so long nothing else may come to its turn. */
  readonly stallSeconds: number;
  /** The whole run. */
  readonly runSeconds: number;
};

export type Watchdog = {
  /** The collector is at work from now on. */
  mark(collector: string): void;
  stop(): void;
};

const beatMs = 500;
const [beats, marked, stopped] = [0, 1, 2] as const;

/** CommonJS in a string: a thread started from a file would need that file beside a single executable. */
const watch = `
const { workerData: { shared, limits, names, file, startedAt, beatMs } } = require('node:worker_threads');
const { closeSync, fsyncSync, openSync, writeSync } = require('node:fs');
const cells = new Int32Array(shared);
const began = performance.now();
let beat = -1, alive = began, looked = began;
for (;;) {
  if (Atomics.wait(cells, ${stopped}, 0, beatMs) !== 'timed-out') break;
  const now = performance.now();
  const present = Atomics.load(cells, ${beats});
  // Where this thread itself was held up, the whole process was: a stopped or starved machine is nobody's fault.
  if (present !== beat || now - looked > 4 * beatMs) { beat = present; alive = now; }
  looked = now;
  const reason = process.memoryUsage.rss() > limits.memoryMiB * 1048576 ? 'too-much-memory'
    : now - alive > limits.stallSeconds * 1000 ? 'stalled'
    : now - began > limits.runSeconds * 1000 ? 'too-long' : undefined;
  if (reason === undefined) continue;
  const collector = names[Atomics.load(cells, ${marked}) - 1];
  try {
    const handle = openSync(file, 'w', 0o600);
    writeSync(handle, JSON.stringify({ startedAt, reason, ...(collector === undefined ? {} : { collector }) }));
    fsyncSync(handle);
    closeSync(handle);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}
`;

/** Watches from now on. `file` gets why it ended the process, with `startedAt` to tell runs apart. */
export function startWatchdog(
  names: readonly string[],
  limits: WatchdogLimits,
  { file, startedAt }: { readonly file: string; readonly startedAt: string },
): Watchdog {
  const shared = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  const cells = new Int32Array(shared);
  const worker = new Worker(watch, {
    eval: true,
    workerData: { shared, limits, names, file, startedAt, beatMs },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 8, stackSizeMb: 1 },
    execArgv: [],
    env: {},
  });
  // Without it a run goes on as it would have without a watchdog.
  worker.on('error', () => undefined);
  worker.unref();
  const beating = setInterval(() => void Atomics.add(cells, beats, 1), beatMs).unref();
  return {
    mark: (collector) => void Atomics.store(cells, marked, names.indexOf(collector) + 1),
    stop() {
      clearInterval(beating);
      Atomics.store(cells, stopped, 1);
      Atomics.notify(cells, stopped);
    },
  };
}

/** The same host; each of its answers is preceded by the mark of who asked. */
export function markedHost(host: Host, mark: () => void): Host {
  const marking =
    (ask: (...args: readonly unknown[]) => Promise<unknown>) =>
    (...args: readonly unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        // What a collector does before its first answer is its own, too.
        mark();
        ask(...args).then((answer) => {
          queueMicrotask(mark);
          resolve(answer);
        }, reject);
      });
  return Object.fromEntries(
    Object.entries(host).map(([name, member]: [string, unknown]) => [
      name,
      typeof member === 'function'
        ? marking((...args) => Reflect.apply(member, host, args) as Promise<unknown>)
        : member,
    ]),
  ) as unknown as Host;
}
