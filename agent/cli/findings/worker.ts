/** A thread that judges a part of the packs (part.ts). Begun by thread.ts. */
import { resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { askedOf } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { holdersOf, judgePart } from './part.ts';
import type { Answer, Task } from './thread.ts';

const { options, from, at, unchangedBy, listed, page, file } = workerData as Task;

const tell = parentPort?.postMessage.bind(parentPort);

function answer(message: Answer): void {
  tell?.(message);
}

/** What a user is told, the first thread tells. */
const silent: Io = {
  out: () => undefined,
  err: () => undefined,
  refused: () => undefined,
  path: (given) => resolve(from, given),
  environment: {},
  stdout: {},
  stderr: {},
};

const asked = askedOf({ ...options, at }, silent);
const judged = asked.ok
  ? judgePart({ ...asked.value, request: { ...asked.value.request, unchangedBy } }, listed, page, file, silent)
  : asked;
if (asked.ok) asked.value.request.cache?.close();
if (judged.ok) {
  const { part, memory } = judged.value;
  answer({ kind: 'judged', part });
  parentPort?.on('message', (digests: readonly string[]) =>
    answer({ kind: 'holders', holders: holdersOf(memory, digests) }),
  );
} else answer({ kind: 'refused', refusal: judged.refusal });
