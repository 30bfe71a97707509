/** When automatic updates last ran, where only stamps tell. */
import type { Host } from '../../agent/host/host.ts';
import type { AutomaticRun, Fact } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { withoutEmptyFraction } from './instant.ts';
import { readTimerStamp } from './timer.ts';

/** The newest stamp of these timers. Without any the question stays open: a timer need not leave one. */
export async function lastRunByTimers(host: Host, timers: readonly string[]): Promise<Fact<AutomaticRun>> {
  const answers = [];
  for (const timer of timers) answers.push(await readTimerStamp(host, timer));
  const seen = answers.flatMap((answer) => (answer.status === 'observed' ? [answer] : []));
  const [newest] = seen.toSorted((a, b) => Date.parse(b.value.mtime) - Date.parse(a.value.mtime));
  if (newest !== undefined) {
    const run: AutomaticRun = {
      at: withoutEmptyFraction(newest.value.mtime),
      basis: 'timer-stamp',
      outcome: 'unknown',
    };
    return observed(run, newest.source);
  }
  for (const answer of answers) if (answer.status !== 'observed' && answer.status !== 'absent') return missed(answer);
  return unseen(
    'unsupported',
    'no-stamp',
    answers.map(({ source }) => source),
  );
}
