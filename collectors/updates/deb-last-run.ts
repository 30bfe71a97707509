/** When unattended-upgrades last ran: its log, else its own stamp, else the timer's. */
import type { Host } from '../../agent/host/host.ts';
import type { AutomaticRun, AutomaticUpdates, Fact } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { withoutEmptyFraction } from './instant.ts';
import { lastRunByTimers } from './last-run.ts';
import { instantOfLocalTime } from './local-time.ts';
import { lastUnattendedRun } from './unattended-log.ts';
import { wholeFile } from './whole-text.ts';
import { readZone } from './zone.ts';

const log = '/var/log/unattended-upgrades/unattended-upgrades.log';
const logBytes = 8 * 1024 * 1024;
/** apt.systemd.daily touches it after unattended-upgrade ended well. */
const stamp = '/var/lib/apt/periodic/upgrade-stamp';

export async function readLastAutomaticRun(host: Host, automatic: Fact<AutomaticUpdates>): Promise<Fact<AutomaticRun>> {
  if (automatic.status !== 'observed') return automatic;
  if (automatic.value.mechanism === 'none') return unseen('not-applicable', 'no-automatic-updates', automatic.sources);
  const run = wholeFile(await host.readFile(log, { maxBytes: logBytes }), lastUnattendedRun);
  if (run.status === 'observed') {
    const zone = await readZone(host);
    if (zone.status !== 'observed') return zone;
    const at = instantOfLocalTime(run.value.start, zone.value);
    if (at === undefined) return unseen('failed', 'time-zone-unknown', [...run.sources, ...zone.sources]);
    const { outcome, packages } = run.value;
    const installed = outcome === 'installed' ? { installed: packages } : {};
    return observed<AutomaticRun>({ at, basis: 'log', outcome, ...installed }, ...run.sources, ...zone.sources);
  }
  const mark = await host.stat(stamp);
  if (mark.status === 'observed')
    return observed<AutomaticRun>(
      { at: withoutEmptyFraction(mark.value.mtime), basis: 'stamp', outcome: 'unknown' },
      mark.source,
      ...run.sources,
    );
  const timer = await lastRunByTimers(host, ['apt-daily-upgrade.timer']);
  const sources = [...new Set([...timer.sources, mark.source, ...run.sources])];
  if (timer.status === 'observed') return { ...timer, sources };
  // A log that could not be read says more than a stamp that is not there.
  return run.status === 'absent' || run.reason === 'no-run' ? { ...timer, sources } : { ...run, sources };
}
