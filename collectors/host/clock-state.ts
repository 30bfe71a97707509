/** Two answers to whether the clock is kept. */
import type { ClockState } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';

/** `timedatectl show -p NTPSynchronized -p NTP`: the kernel's flag (timedatectl(1), adjtimex(2)). */
export function parseTimedatectl(stdout: string): Parsed<ClockState> {
  const [, answer] = /^NTPSynchronized=(yes|no)$/m.exec(stdout) ?? [];
  return answer === undefined
    ? unparsed('no-answer')
    : parsed({ synchronised: answer === 'yes', keeper: 'timedatectl' });
}

const leapStates: ReadonlyMap<string, boolean> = new Map([
  ['Normal', true],
  ['Insert second', true],
  ['Delete second', true],
  ['Not synchronised', false],
]);

/** `chronyc -n -c tracking`: comma-separated, the leap status last of fourteen fields (chronyc(1)). */
export function parseChronyTracking(stdout: string): Parsed<ClockState> {
  const fields = stdout.trim().split(',');
  const synchronised = fields.length === 14 ? leapStates.get(fields.at(-1) ?? '') : undefined;
  return synchronised === undefined ? unparsed('no-answer') : parsed({ synchronised, keeper: 'chrony' });
}
