/** Timers of systemd: whether they start anything, and when they last did. */
import type { Answer, FileStat, Host, Miss } from '../../agent/host/host.ts';

export type Timer = {
  readonly name: string;
  readonly runs: boolean;
  readonly state?: string;
  /** Why it could not be looked at; `runs` says nothing then. */
  readonly unseen?: Miss;
  readonly sources: readonly string[];
};

/**
 * systemd's own links say whether a timer is masked or not enabled (systemd.unit(5)); without systemd, cron runs
 * the same script. `runs` is true where nothing was seen to switch it off.
 */
export async function readTimer(host: Host, name: string, target = 'timers.target'): Promise<Timer> {
  const mask = await host.readLink(`/etc/systemd/system/${name}`);
  if (mask.status === 'observed' && mask.value === '/dev/null') {
    return { name, runs: false, state: 'masked', sources: [mask.source] };
  }
  const wanted = await host.readLink(`/etc/systemd/system/${target}.wants/${name}`);
  if (wanted.status === 'observed') return { name, runs: true, state: 'enabled', sources: [wanted.source] };
  for (const link of [mask, wanted])
    if (link.status === 'denied' || link.status === 'timed-out' || link.status === 'failed')
      return { name, runs: true, unseen: link, sources: [link.source] };
  const systemd = await host.stat('/run/systemd/system');
  const isOff = wanted.status === 'absent' && systemd.status === 'observed';
  return isOff
    ? { name, runs: false, state: 'not-enabled', sources: [wanted.source, systemd.source] }
    : { name, runs: true, sources: [wanted.source] };
}

/** When a persistent timer last went off (systemd.timer(5), Persistent=): the time of its stamp. */
export function readTimerStamp(host: Host, name: string): Promise<Answer<FileStat>> {
  return host.stat(`/var/lib/systemd/timers/stamp-${name}`);
}
