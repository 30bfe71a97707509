/** One thread that judges a part of the packs, as what it is asked and what it answers: in the same order. */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { ListedPack } from '../../../audit/evidence-stream.ts';
import type { UnchangedBy } from '../../../audit/file-identity.ts';
import type { Refusal } from '../../../evidence/result.ts';
import type { AuditArguments } from '../audit-source.ts';
import { letHeapGrow } from '../engine.mjs';
import type { Page } from './judge.ts';
import type { JudgedPart } from './part.ts';

/** What a thread begins with: the command's own options, and its part of the packs. */
export type Task = {
  readonly options: AuditArguments;
  /** The folder that paths among the options are meant from. */
  readonly from: string;
  readonly at: string;
  readonly unchangedBy: UnchangedBy | undefined;
  readonly listed: readonly ListedPack[];
  readonly page: Page;
  /** The open file that texts are written to; the threads of a process share them. */
  readonly file: number;
};

/** First what it judged; then, each time it is asked for digests of documents, which packs hold them. */
export type Answer =
  | { readonly kind: 'judged'; readonly part: JudgedPart }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'holders'; readonly holders: readonly (readonly [string, string])[] };

export type Thread = {
  holders(digests: readonly string[]): void;
  /** The next answer. Rejects once the thread has failed. */
  receive(): Promise<Answer>;
  /** Ends it, whatever it does. */
  stop(): Promise<void>;
};

/** What a thread may hold, in MiB, so that two stay below 400 with all else. Whatever needs more is read without threads. */
const resourceLimits = { maxOldGenerationSizeMb: 112, maxYoungGenerationSizeMb: 12 };

export function startThread(task: Task): Thread {
  // A flag of the process goes before the limits of a thread: each would have the young generation of the first one.
  setFlagsFromString('--max-semi-space-size=4');
  letHeapGrow();
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: task, resourceLimits });
  const answers: Answer[] = [];
  const waiting: PromiseWithResolvers<Answer>[] = [];
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.on('message', (answer: Answer) => {
    const first = waiting.shift();
    if (first === undefined) answers.push(answer);
    else first.resolve(answer);
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(new Error('a thread ended before its answer')));
  const ask = worker.postMessage.bind(worker);
  return {
    holders: (digests) => ask(digests),
    receive() {
      const answer = answers.shift();
      if (answer !== undefined) return Promise.resolve(answer);
      if (failure !== undefined) return Promise.reject(failure);
      const wait = Promise.withResolvers<Answer>();
      waiting.push(wait);
      return wait.promise;
    },
    async stop() {
      await worker.terminate();
    },
  };
}
