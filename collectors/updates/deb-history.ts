/** What apt installed, upgraded and removed, its compressed older logs included: Debian keeps twelve months of them. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, UpdateTransaction } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { type AptRun, parseAptHistory } from './apt-history.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { type Found, newestFirst, transactionsByTime } from './history.ts';
import { instantOfLocalTime } from './local-time.ts';
import { wholeFile, wholeOutput } from './whole-text.ts';
import { readZone } from './zone.ts';

const log = '/var/log/apt/history.log';
const logBytes = 8 * 1024 * 1024;
const folder = '/var/log/apt';
/** Rotations that are read; logrotate keeps twelve unless told otherwise. */
const maxRotations = 24;
/** A document lists so many transactions; where the newest log has them, older ones add nothing. */
const enough = 100;

/** apt's log; where it has nothing or cannot be read, the times at which dpkg last changed each package. */
export async function readDebHistory(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
): Promise<Fact<UpdateTransaction[]>> {
  const newest = wholeFile(await host.readFile(log, { maxBytes: logBytes }), parseAptHistory);
  const runs = await withRotated(host, newest);
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

/** What older logs add, the oldest first; one that cannot be read ends the way back, and its source says so. */
async function withRotated(host: Host, newest: Fact<readonly AptRun[]>): Promise<Fact<readonly AptRun[]>> {
  if (newest.status !== 'observed' || newest.value.length >= enough) return newest;
  const names = await host.list(folder);
  const numbers = names.status === 'observed' ? rotationsIn(names.value) : [];
  const older: AptRun[] = [];
  const sources = [...newest.sources, names.source];
  for (const number of numbers) {
    const answer = await host.exec('apt-history-rotated', `${folder}/history.log.${number}.gz`);
    const found = wholeOutput(answer, parseAptHistory);
    sources.push(answer.source);
    if (found.status !== 'observed') break;
    older.unshift(...found.value);
    if (older.length + newest.value.length >= enough) break;
  }
  return { ...newest, value: [...older, ...newest.value], sources };
}

/** 1 is the newest. */
function rotationsIn(names: readonly string[]): number[] {
  return names
    .map((name) => /^history\.log\.(\d{1,3})\.gz$/.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b)
    .slice(0, maxRotations);
}
