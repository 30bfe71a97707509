import { type Answer, jsonAnswer, problem, problemAnswer } from './answer.ts';
import { storeFailed } from './ingest.ts';
import type { Store } from './store/store.ts';

/** How long an answer stands, in milliseconds: whoever asks often does not ask the store often. */
const standsMs = 1000;

export type Health = {
  /** 200 while the store can be read, else 503. */
  health(): Promise<Answer>;
  /** The same, and 503 from the moment that the endpoint is told to end. */
  readiness(): Promise<Answer>;
  /** The endpoint takes nothing new from now on. */
  drain(): void;
};

export function makeHealth(store: Store, now: () => number): Health {
  let last: { readonly at: number; readonly answer: Promise<Answer> } | undefined;
  let isDraining = false;

  async function look(): Promise<Answer> {
    const sealed = await store.checkpoint();
    return sealed.ok ? jsonAnswer(200, 'application/json', '{"status":"ok"}') : storeFailed();
  }

  function health(): Promise<Answer> {
    if (last === undefined || now() - last.at > standsMs) last = { at: now(), answer: look() };
    return last.answer;
  }

  return {
    health,
    readiness: async () =>
      isDraining
        ? problemAnswer(problem(503, 'draining', 'The endpoint is ending; others may still run.'), {
            'retry-after': '5',
          })
        : health(),
    drain() {
      isDraining = true;
    },
  };
}
