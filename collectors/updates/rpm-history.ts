/** What was installed, upgraded and removed on an rpm system: the tool's log, else the times in the database. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, LastInstall, UpdateTransaction } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { parseDnf5History, parseDnfLog } from './dnf-log.ts';
import { countOf, type Found, newestFirst, transactionsByTime } from './history.ts';
import { instantOf } from './instant.ts';
import { instantOfLocalTime } from './local-time.ts';
import type { RpmTool } from './rpm-metadata.ts';
import type { RpmPackage } from './rpm-query.ts';
import { wholeFile, wholeOutput } from './whole-text.ts';
import { readZone } from './zone.ts';
import { parseZyppLog } from './zypp-log.ts';

const logBytes = 16 * 1024 * 1024;

export async function readRpmHistory(
  host: Host,
  tool: RpmTool,
  packages: Fact<readonly RpmPackage[]>,
): Promise<Fact<UpdateTransaction[]>> {
  const log = await readLog(host, tool, packages);
  if (log.status === 'observed') {
    const transactions = newestFirst(log.value);
    if (transactions.length > 0) return observed(transactions, ...log.sources);
  }
  if (packages.status !== 'observed') return packages;
  const byDatabase = newestFirst(
    transactionsByTime(
      packages.value.flatMap((entry) => (entry.installedAt === undefined ? [] : [{ ...entry, at: entry.installedAt }])),
    ),
  );
  const sources = [...packages.sources, ...log.sources];
  return byDatabase.length === 0 ? unseen('unsupported', 'no-change-times', sources) : observed(byDatabase, ...sources);
}

async function readLog(
  host: Host,
  tool: RpmTool,
  packages: Fact<readonly RpmPackage[]>,
): Promise<Fact<readonly Found[]>> {
  if (tool === 'dnf5') return wholeOutput(await host.exec('dnf5-history-info'), parseDnf5History);
  if (tool === 'dnf')
    return wholeFile(await host.readFile('/var/log/dnf.rpm.log', { maxBytes: logBytes }), parseDnfLog);
  // yum's log names no years, tdnf keeps none.
  if (tool !== 'zypper') return unseen('unsupported', 'no-log', packages.sources);
  const runs = wholeFile(await host.readFile('/var/log/zypp/history', { maxBytes: logBytes }), parseZyppLog);
  if (runs.status !== 'observed') return runs;
  const zone = await readZone(host);
  if (zone.status !== 'observed') return zone;
  const found = runs.value.flatMap(({ start, commandLine, changes }): Found[] => {
    const at = instantOfLocalTime(start, zone.value);
    return at === undefined ? [] : [{ at, basis: 'log', commandLine, changes }];
  });
  return observed(found, ...runs.sources, ...zone.sources);
}

/** The newest time of installation in the database; what a log says of that transaction is added where it has it. */
export function lastRpmInstall(
  packages: Fact<readonly RpmPackage[]>,
  history: Fact<UpdateTransaction[]>,
): Fact<LastInstall> {
  if (packages.status !== 'observed') return packages;
  const newest = packages.value.reduce((latest, { installedAt = 0 }) => Math.max(latest, installedAt), 0);
  const [last] = history.status === 'observed' ? history.value : [];
  // Removals leave no time in the database.
  if (last?.basis === 'log' && Date.parse(last.at) + 3_600_000 >= newest * 1000) {
    const { at, commandLine, changes } = last;
    return observed<LastInstall>(
      {
        at,
        basis: 'log',
        ...(commandLine === undefined ? {} : { commandLine }),
        upgraded: countOf(changes, 'upgraded', 'downgraded', 'reinstalled'),
        installed: countOf(changes, 'installed'),
        removed: countOf(changes, 'removed'),
      },
      ...history.sources,
      ...packages.sources,
    );
  }
  if (newest === 0) return unseen('unsupported', 'no-change-times', packages.sources);
  return observed({ at: instantOf(newest * 1000), basis: 'database-change' }, ...packages.sources);
}
