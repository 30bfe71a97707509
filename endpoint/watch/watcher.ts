/** Looks at the reporting of servers when something came, and by a timer. */
import { ok, type Result } from '../../evidence/result.ts';
import type { Reporting, TargetState } from '../../schemas/generated/types.ts';
import type { Logger } from '../log-lines.ts';
import { plainTarget } from '../readers/target-state.ts';
import type { Store, TargetSummary } from '../store/store.ts';
import { watchedTargets } from '../store/watch-tables.ts';
import type { ReportingConfig } from './expect.ts';
import { type StepOptions, step } from './step.ts';

export type Watcher = {
  /** Something came: look soon. */
  nudge(): void;
  /** Looks now; resolves when everything that was there is seen. */
  look(): Promise<void>;
  stop(): Promise<void>;
};

export type WatcherOptions = {
  readonly store: Store;
  readonly now: () => Date;
  readonly reporting: ReportingConfig;
  readonly hooks: readonly string[];
  readonly origin: string;
  readonly log: Logger;
  /** Messages lie ready. */
  readonly onMessages: () => void;
  /** Looks only when it is asked to. */
  readonly idle?: boolean;
  readonly everyMs?: number;
  readonly soonMs?: number;
};

export function startWatcher(options: WatcherOptions): Watcher {
  const { store, now, log, everyMs = 30_000, soonMs = 2_000 } = options;
  let running: Promise<void> = Promise.resolve();
  let soon: NodeJS.Timeout | undefined;

  async function lookOnce(): Promise<void> {
    for (;;) {
      const wish: StepOptions = { ...options, now: now().toISOString() };
      const stepped = await store.write((sql) => step(sql, wish));
      if (!stepped.ok) return log('error', 'watch-failed', { error: stepped.refusal.message });
      const { changes, lost, more } = stepped.value;
      for (const change of changes) log('info', 'reporting', change);
      if (lost > 0) log('error', 'webhook-full', { lost });
      if (changes.length > 0) options.onMessages();
      if (!more) return;
    }
  }

  /** One look at a time; who asks meanwhile gets the next. */
  function look(): Promise<void> {
    running = running.then(lookOnce).catch((error: unknown) => {
      log('error', 'fault', { error: error instanceof Error ? (error.stack ?? error.message) : 'unknown' });
    });
    return running;
  }

  const timer = options.idle === true ? undefined : setInterval(() => void look(), everyMs).unref();
  if (timer !== undefined) void look();
  return {
    nudge() {
      soon ??= setTimeout(() => {
        soon = undefined;
        void look();
      }, soonMs).unref();
    },
    look,
    async stop() {
      clearInterval(timer);
      clearTimeout(soon);
      await running;
    },
  };
}

/** Servers with the state that was decided last. */
export async function describeTargets(
  store: Store,
  targets: readonly TargetSummary[],
): Promise<Result<readonly TargetState[]>> {
  const watched = await store.read((sql) =>
    watchedTargets(
      sql,
      targets.map(({ id }) => id),
    ),
  );
  if (!watched.ok) return watched;
  return ok(
    targets.map((target) => {
      const found = watched.value.get(target.id);
      return {
        ...plainTarget(target),
        ...(found !== undefined && { reporting: JSON.parse(found.reporting) as Reporting }),
      };
    }),
  );
}
