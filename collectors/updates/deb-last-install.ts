/** When packages were last changed: apt's log beside dpkg's database. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, LastInstall } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import { type HistoryEntry, lastHistoryEntry } from './apt-history.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { fieldText, withoutUserInfo } from './field-text.ts';
import { instantOf } from './instant.ts';
import { instantOfLocalTime } from './local-time.ts';
import { wholeFile } from './whole-text.ts';
import { readZone } from './zone.ts';

const log = '/var/log/apt/history.log';
const logBytes = 8 * 1024 * 1024;

/**
 * The log's last entry, or the newest change of the database where that is later (packages installed with
 * dpkg alone) or where the log has nothing (just rotated: the older logs are compressed; or not readable).
 */
export async function readLastInstall(host: Host, dpkg: Fact<readonly DpkgPackage[]>): Promise<Fact<LastInstall>> {
  const entry = wholeFile(await host.readFile(log, { maxBytes: logBytes }), lastHistoryEntry);
  const change = newestChange(dpkg);
  if (entry.status !== 'observed' || entry.value === undefined) {
    if (change.status === 'observed') return { ...change, sources: [...change.sources, ...entry.sources] };
    if (entry.status === 'observed') return unseen('unsupported', 'log-empty', entry.sources);
    return entry.status === 'absent' ? unseen('unsupported', 'no-log', entry.sources) : entry;
  }
  const zone = await readZone(host);
  if (zone.status !== 'observed') return zone;
  const sources = [...entry.sources, ...zone.sources];
  const at = instantOfLocalTime(entry.value.start, zone.value);
  const end = instantOfLocalTime(entry.value.end ?? entry.value.start, zone.value);
  if (at === undefined || end === undefined)
    return unseen('failed', 'time-zone-unknown', sources, fieldText(zone.value, 64));
  if (change.status === 'observed' && Date.parse(change.value.at) > Date.parse(end)) {
    return { ...change, sources: [...change.sources, ...sources] };
  }
  return observed(fromLog(entry.value, at), ...sources);
}

function fromLog(entry: HistoryEntry, at: string): LastInstall {
  const { commandLine, upgraded, installed, removed } = entry;
  return {
    at,
    basis: 'log',
    // A command line can name a proxy with its password.
    ...(commandLine === undefined ? {} : { commandLine: toText(withoutUserInfo(commandLine).slice(0, 65_536)) }),
    upgraded,
    installed,
    removed,
  };
}

function newestChange(dpkg: Fact<readonly DpkgPackage[]>): Fact<LastInstall> {
  if (dpkg.status !== 'observed') return dpkg;
  const newest = dpkg.value.reduce((latest, { changedAt = 0 }) => Math.max(latest, changedAt), 0);
  if (newest === 0) return unseen('unsupported', 'no-change-times', dpkg.sources);
  const at = instantOf(newest * 1000);
  return observed({ at, basis: 'database-change' }, ...dpkg.sources);
}
