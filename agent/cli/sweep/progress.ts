/** What a sweep shows while it runs: on a terminal the servers that are asked now, elsewhere a line for each that ended. */
import type { HostWatch, Swept } from '../../sweep/sweep-host.ts';
import type { Io } from '../io.ts';
import { forTerminal } from '../render/escape.ts';

export type SweepProgress = {
  readonly began: (name: string) => HostWatch;
  readonly ended: (swept: Swept) => void;
  readonly clear: () => void;
};

/** Fewer lines than a small window has. */
const maxShown = 12;

export function sweepProgress({ stderr, err, environment }: Io, total: number): SweepProgress {
  const isShown = stderr.isTTY === true && environment['TERM'] !== 'dumb';
  const running = new Map<string, string>();
  const counts = { collected: 0, failed: 0 };
  let drawn = 0;

  const erase = (): string => (drawn === 0 ? '' : `\u001b[${drawn}F\u001b[0J`);
  const draw = (): void => {
    if (!isShown) return;
    const width = (stderr.columns ?? 80) - 1;
    const shown = [...running].slice(0, maxShown).map(([name, state]) => `  ${name}: ${state}`);
    if (running.size > maxShown) shown.push(`  and ${running.size - maxShown} more`);
    const done = counts.collected + counts.failed;
    const lines = [
      `${done} of ${total}: ${counts.collected} collected, ${counts.failed} not; ${running.size} under way`,
      ...shown,
    ];
    err(`${erase()}${lines.map((line) => forTerminal(line).slice(0, width)).join('\n')}\n`);
    drawn = lines.length;
  };
  const clear = (): void => {
    if (isShown) err(erase());
    drawn = 0;
  };

  return {
    began: (name) => {
      running.set(name, 'begins');
      draw();
      return {
        state: (words) => {
          if (!running.has(name)) return;
          running.set(name, words);
          draw();
        },
      };
    },
    ended: ({ host, result }) => {
      running.delete(host.name);
      if (result.ok) counts.collected += 1;
      else counts.failed += 1;
      if (isShown) return draw();
      const done = counts.collected + counts.failed;
      const words = result.ok ? 'collected' : `${result.failure.outcome} (${result.failure.reason})`;
      err(`${done} of ${total}  ${forTerminal(`${host.name}: ${words}`)}\n`);
    },
    clear,
  };
}
