/** One process of the resident form: started, listened to, ended when the service is to stop. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Ended } from './resident.ts';

/** A collection ends itself within its watchdog's time; this is for one that does not even do that. */
const graceMs = 20_000;

export type Children = {
  readonly run: (command: readonly string[]) => Promise<Ended>;
  /** Asks the present one to end, and ends it where it does not. */
  readonly stop: () => void;
};

/** Children write to our standard error, line by line as they please; nobody reads their standard output. */
export function children(): Children {
  let present: ChildProcess | undefined;
  return {
    run([program = '', ...args]) {
      const { promise, resolve } = Promise.withResolvers<Ended>();
      const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'], windowsHide: true });
      present = child;
      child.stdin?.on('error', () => undefined);
      child.once('error', () => resolve(undefined));
      child.once('exit', (code) => resolve(code ?? undefined));
      return promise.finally(() => {
        present = undefined;
      });
    },
    stop() {
      const child = present;
      // Windows knows no signal to ask with: the end of standard input asks, on both systems.
      child?.stdin?.end();
      if (process.platform !== 'win32') child?.kill('SIGTERM');
      setTimeout(() => child?.kill('SIGKILL'), graceMs).unref();
    },
  };
}
