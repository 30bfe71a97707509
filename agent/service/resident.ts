/**
 * The resident form. At each turn a process of its own collects, another posts; in between somebody sleeps who holds
 * nothing: a shell on Linux (sleeper.ts), the service host on Windows, else this process. What has to be remembered
 * lies in the state folder, so that a restart loses no turn and makes none twice.
 */

/** How a child ended; undefined is a signal's doing. */
export type Ended = number | undefined;

export type Surroundings = {
  /** Milliseconds since 1970: a clock that may jump. */
  readonly nowMs: () => number;
  /** When the collection's next turn comes; in the past where it was missed. */
  readonly nextTurnMs: (nowMs: number) => number;
  /** Whether anything waits to be sent. */
  readonly waiting: () => boolean;
  readonly run: (what: 'collect' | 'post') => Promise<Ended>;
  /** In [0, 1). */
  readonly random: () => number;
};

/** Failures in a row: all that one turn tells the next. */
export type Failures = { readonly collect: number; readonly post: number };
export const noFailures: Failures = { collect: 0, post: 0 };

export type Turned = { readonly failures: Failures; readonly sleepMs: number };

/** The sleeper looks at the clock so often: one that jumps, or a machine that slept, is noticed within it. */
export const lookMs = 60_000;
const collectAgainMs = 60_000;
const postAgainMs = 5 * 60_000;
const longestPauseMs = 3_600_000;
/** Nobody sleeps for longer without a look at what waits. */
const longestSleepMs = 86_400_000;

/** Does what is due, and says for how long there is nothing more to do. */
export async function takeTurn(around: Surroundings, before: Failures): Promise<Turned> {
  let { collect, post } = before;
  let fresh = false;
  if (around.nextTurnMs(around.nowMs()) <= around.nowMs()) {
    fresh = (await around.run('collect')) === 0;
    collect = fresh ? 0 : collect + 1;
  }
  // Something new goes out at once, whatever the last post met.
  if (fresh) post = 0;
  if (around.waiting()) post = (await around.run('post')) === 0 ? 0 : post + 1;
  const now = around.nowMs();
  const untilTurn = around.nextTurnMs(now) - now;
  const sleeps = [
    longestSleepMs,
    collect > 0 ? pause(collectAgainMs, collect) : untilTurn,
    ...(post > 0 ? [pause(postAgainMs, post) * (0.5 + around.random())] : []),
  ];
  return { failures: { collect, post }, sleepMs: Math.max(0, Math.ceil(Math.min(...sleeps))) };
}

function pause(firstMs: number, failures: number): number {
  return Math.min(longestPauseMs, firstMs * 2 ** Math.min(20, failures - 1));
}

/** Whether a sleep is over: its time has come, or the clock stands before what it showed at the last look. */
export function wakes(untilMs: number, lastLookMs: number, nowMs: number): boolean {
  return nowMs >= untilMs || nowMs < lastLookMs;
}

/** Turn after turn in this process, until it is told to stop. */
export async function reside(
  around: Surroundings,
  sleeper: { readonly sleep: (ms: number) => Promise<void>; readonly stopping: () => boolean },
): Promise<void> {
  for (let failures = noFailures; !sleeper.stopping(); ) {
    const turned = await takeTurn(around, failures);
    failures = turned.failures;
    const until = around.nowMs() + turned.sleepMs;
    for (let look = around.nowMs(); !sleeper.stopping() && !wakes(until, look, around.nowMs()); ) {
      look = around.nowMs();
      await sleeper.sleep(Math.min(lookMs, until - look));
    }
  }
}
