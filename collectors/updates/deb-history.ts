/** What apt installed, upgraded and removed. Its older logs are compressed, so this reaches back to the last rotation, a month or so. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, UpdateTransaction } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { parseAptHistory } from './apt-history.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { type Found, newestFirst, transactionsByTime } from './history.ts';
import { instantOfLocalTime } from './local-time.ts';
import { wholeFile } from './whole-text.ts';
import { readZone } from './zone.ts';

const log = '/var/log/apt/history.log';
const logBytes = 8 * 1024 * 1024;

/** apt's log; where it has nothing or cannot be read, the times at which dpkg last changed each package. */
export async function readDebHistory(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
): Promise<Fact<UpdateTransaction[]>> {
  const runs = wholeFile(await host.readFile(log, { maxBytes: logBytes }), parseAptHistory);
  if (runs.status === 'observed' && runs.value.length > 0) {
    const zone = await readZone(host);
    if (zone.status !== 'observed') return zone;
    const found = runs.value.flatMap(({ start, commandLine, outcome, changes }): Found[] => {
      const at = instantOfLocalTime(start, zone.value);
      return at === undefined ? [] : [{ at, basis: 'log', commandLine, outcome, changes }];
    });
    if (found.length === 0) return unseen('failed', 'time-zone-unknown', [...runs.sources, ...zone.sources]);
    return observed(newestFirst(found), ...runs.sources, ...zone.sources);
  }
  if (dpkg.status !== 'observed') return dpkg;
  const found = newestFirst(
    transactionsByTime(
      dpkg.value.flatMap((entry) =>
        entry.state === 'installed' && entry.changedAt !== undefined ? [{ ...entry, at: entry.changedAt }] : [],
      ),
    ),
  );
  const sources = [...dpkg.sources, ...runs.sources];
  return found.length === 0 ? unseen('unsupported', 'no-change-times', sources) : observed(found, ...sources);
}
