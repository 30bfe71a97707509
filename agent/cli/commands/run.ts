import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostSeed } from '../../run/host-seed.ts';
import { nextTurnMs, turnOffsetMs } from '../../run/schedule.ts';
import { whenInputEnds } from '../../service/asked-to-end.ts';
import { children } from '../../service/child.ts';
import { ownCommand } from '../../service/own-command.ts';
import { type Failures, reside, type Surroundings, takeTurn } from '../../service/resident.ts';
import { canSleepOutside, sleepOutside } from '../../service/sleeper.ts';
import { readArguments } from '../arguments.ts';
import { readDuration } from '../duration.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { serviceLog } from '../service-log.ts';
import { stateFolderOf } from '../state-folder.ts';
import { stop } from '../stop.ts';

const kinds = {
  every: 'text',
  state: 'text',
  config: 'text',
  turn: 'flag',
  failures: 'text',
} as const;

/**
 * Stays and collects once in each interval, posting what waits: for containers, and behind the Windows service. It
 * loads next to nothing and leaves the work to processes that end; to sleep it becomes a shell, where there is one.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, kinds, { min: 0, max: 0 }, 'run [--every TIME] [--state DIR] [--config FILE]');
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const every = options.every ?? '24h';
  const interval = readDuration(every, '--every');
  if (!interval.ok) return stop(io, interval.refusal);
  const folder = stateFolderOf(options.state, io);
  const common = ['--state', folder, ...(options.config === undefined ? [] : ['--config', io.path(options.config)])];
  const { run: start, stop: end } = children();
  const stopping = new AbortController();
  const ask = (): void => {
    stopping.abort();
    end();
  };
  process.once('SIGTERM', ask);
  process.once('SIGINT', ask);
  if (options.turn === true) whenInputEnds(ask);
  const turn = { intervalMs: interval.value, offsetMs: turnOffsetMs(hostSeed(), interval.value) };
  const around: Surroundings = {
    nowMs: () => Date.now(),
    nextTurnMs: (nowMs) => nextTurnMs(lastRunMs(folder), nowMs, turn),
    waiting: () => !stopping.signal.aborted && waits(folder),
    run: (what) =>
      start([...ownCommand(), what, '--scheduled', ...(what === 'collect' ? ['--resident'] : []), ...common]),
    random: Math.random,
  };
  const failures = readFailures(options.failures);
  if (options.failures === undefined)
    serviceLog(io)('info', `collects every ${every}; next ${new Date(around.nextTurnMs(Date.now())).toISOString()}`);
  if (options.turn !== true && !canSleepOutside())
    await reside(around, { sleep: (ms) => sleep(ms, stopping.signal), stopping: () => stopping.signal.aborted });
  else {
    const turned = await takeTurn(around, failures);
    const told = `${turned.failures.collect},${turned.failures.post}`;
    // For the service host of Windows, which sleeps and hands the failures back.
    if (options.turn === true) io.out(`${Math.ceil(turned.sleepMs / 1000)} ${told}\n`);
    else if (!stopping.signal.aborted)
      sleepOutside(
        Date.now() + turned.sleepMs,
        [...ownCommand(), 'run', '--every', every, '--failures', told, ...common],
        io.environment,
      );
  }
  if (options.turn !== true) serviceLog(io)('info', 'stopped');
  return exitCodes.done;
}

function readFailures(given: string | undefined): Failures {
  const [, collect, post] = /^([0-9]{1,4}),([0-9]{1,4})$/.exec(given ?? '') ?? [];
  return { collect: Number(collect ?? 0), post: Number(post ?? 0) };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}

/** Without opening the state folder, whose safety each child looks at: what is read here only chooses a moment. */
function lastRunMs(folder: string): number | undefined {
  try {
    const note = JSON.parse(readFileSync(join(folder, 'last-run.json'), 'utf8')) as { startedAt?: unknown } | null;
    const at = Date.parse(String(note?.startedAt));
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
}

function waits(folder: string): boolean {
  try {
    return readdirSync(join(folder, 'spool')).some((name) => name.endsWith('.pack.json'));
  } catch {
    return false;
  }
}
