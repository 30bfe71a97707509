/**
 * Sleeping without holding anything: this process becomes a shell that waits and then becomes us again. The process id
 * stays, as whoever supervises us wants it, and instead of some tens of MiB it holds less than one.
 */
import { existsSync } from 'node:fs';
import { isRootsAlone } from './roots-alone.ts';

const shell = '/bin/sh';
const programs = [shell, '/bin/sleep', '/bin/date'];

/**
 * `$1` wakes us, in seconds since 1970, or a clock that stands before what it showed at the last look (resident.ts,
 * `wakes`); the rest is what to become then. A signal ends a shell's wait at once, and PID 1 of a container dies of none
 * that it does not catch. /bin/sleep of its own: as a child it outlives the shell by a minute at most.
 */
const script = `trap 'exit 0' TERM INT
until=$1; shift; look=$(/bin/date +%s)
while :; do
  left=$((until - look)); [ "$left" -gt 60 ] && left=60; [ "$left" -lt 1 ] && left=1
  /bin/sleep "$left" & wait $!
  now=$(/bin/date +%s)
  { [ "$now" -ge "$until" ] || [ "$now" -lt "$look" ]; } && exec "$@"
  look=$now
done`;

/** Whether there is all that it needs: a Linux whose shell only root can change. */
export function canSleepOutside(): boolean {
  return (
    process.platform === 'linux' &&
    process.execve !== undefined &&
    programs.every((program) => existsSync(program) && isRootsAlone(program))
  );
}

/** Does not come back. `command` is what to start when it wakes. */
export function sleepOutside(untilMs: number, command: readonly string[], environment: NodeJS.ProcessEnv): void {
  process.removeAllListeners('warning');
  const kept = Object.fromEntries(Object.entries(environment).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
  process.execve?.(
    shell,
    ['affiant-sleeps', '-c', script, 'affiant-sleeps', String(Math.ceil(untilMs / 1000)), ...command],
    kept,
  );
}
