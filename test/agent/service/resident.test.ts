import assert from 'node:assert/strict';
import { nextTurnMs } from '../../../agent/run/schedule.ts';
import { type Ended, reside, type Surroundings } from '../../../agent/service/resident.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const noon = Date.parse('2026-03-01T12:00:00Z');

/** A server whose clock is ours; `jumps` are added to it after so many minutes of sleep. */
async function live(
  minutes: number,
  {
    jumps = new Map<number, number>(),
    lastMs = noon - hour,
    answer = () => 0,
  }: {
    jumps?: ReadonlyMap<number, number>;
    lastMs?: number;
    answer?: (what: 'collect' | 'post', atMinute: number) => Ended;
  } = {},
): Promise<string[]> {
  let now = noon;
  let slept = 0;
  let last = lastMs;
  let waiting = 0;
  const jumped = new Set<number>();
  const runs: string[] = [];
  const sleeper = {
    stopping: () => slept >= minutes * minute,
    sleep: async (ms: number) => {
      slept += ms;
      now += ms;
      for (const [at, jump] of jumps)
        if (at * minute <= slept && !jumped.has(at)) {
          jumped.add(at);
          now += jump;
        }
    },
  };
  const around: Surroundings = {
    nowMs: () => now,
    nextTurnMs: (nowMs) => nextTurnMs(last, nowMs, { intervalMs: day, offsetMs: 18 * hour }),
    waiting: () => waiting > 0,
    run: async (what) => {
      const ended = answer(what, slept / minute);
      runs.push(`${slept / minute} ${what} ${ended ?? 'killed'}`);
      if (ended === 0 && what === 'collect') {
        last = now;
        waiting += 1;
      } else if (ended === 0) waiting = 0;
      return ended;
    },
    random: () => 0.5,
  };
  await reside(around, sleeper);
  return runs;
}

describe('the resident form', () => {
  it('collects at its turn and posts at once, and does nothing else', async () => {
    assert.deepEqual(
      await live(5 * 24 * 60 - 1),
      [0, 1, 2, 3, 4].flatMap((at) => {
        const turn = 360 + at * 1440;
        return [`${turn} collect 0`, `${turn} post 0`];
      }),
    );
  });

  it('makes up a turn that was missed while it did not run, once', async () => {
    assert.deepEqual(await live(60, { lastMs: noon - 3 * day }), ['0 collect 0', '0 post 0']);
  });

  it('collects once after a clock that jumped ahead, and once after one that was set back', async () => {
    const jumps = new Map([
      [10, 400 * day],
      [30, -400 * day],
    ]);
    assert.deepEqual(await live(120, { jumps }), ['10 collect 0', '10 post 0', '30 collect 0', '30 post 0']);
  });

  it('tries a collection that died again, ever more seldom, and not in between', async () => {
    const runs = await live(400, { lastMs: noon - 2 * day, answer: () => undefined });
    assert.deepEqual(
      runs.map((each) => Number.parseInt(each, 10)),
      [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363],
    );
  });

  it('posts ever more seldom while the endpoint is away, and at once when there is something new', async () => {
    const answer = (what: 'collect' | 'post'): Ended => (what === 'collect' ? 0 : 4);
    const runs = await live(1500, { lastMs: noon - 2 * day, answer });
    const posts = runs.filter((each) => each.includes('post')).map((each) => Number.parseInt(each, 10));
    assert.deepEqual(posts.slice(0, 6), [0, 5, 15, 35, 75, 135]);
    assert.ok(posts.includes(360), 'the turn at 18:00 posts at once');
  });
});
