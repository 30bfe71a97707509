/** One line on a terminal that says what is being waited for; nothing anywhere else. */
import type { Io } from './io.ts';
import { forTerminal } from './render/escape.ts';

export type Progress = {
  readonly say: (text: string) => void;
  readonly began: (name: string) => void;
  readonly ended: (name: string) => void;
  readonly clear: () => void;
};

export function progressOn({ stderr, err, environment }: Io): Progress {
  const shown = stderr.isTTY === true && environment['TERM'] !== 'dumb';
  const running = new Set<string>();
  const say = (text: string): void => {
    if (shown) err(`\r\u001b[2K${forTerminal(text).slice(0, (stderr.columns ?? 80) - 1)}`);
  };
  const collecting = (): void => say(running.size === 0 ? 'collected' : `collecting: ${[...running].join(', ')} ...`);
  return {
    say,
    began: (name) => {
      running.add(name);
      collecting();
    },
    ended: (name) => {
      running.delete(name);
      collecting();
    },
    clear: () => {
      if (shown) err('\r\u001b[2K');
    },
  };
}
