/** Update levels of a Windows server: every memory of it beside the build that counts. */
import type { Host } from '../../agent/host/host.ts';
import type { Drafts } from '../collector.ts';
import { fromAnswer, unseen } from '../fact.ts';
import { partText, readParts } from '../host/system-facts.ts';
import { linuxFactsOnWindows } from './platform-facts.ts';
import { kernelFile, readBuild } from './windows/build.ts';
import { parseComponentPackages } from './windows/component-packages.ts';
import { readExchange } from './windows/exchange.ts';
import { parseFileVersions } from './windows/file-versions.ts';
import { parseHotfixes } from './windows/hotfixes.ts';
import { parseInstalledSoftware } from './windows/installed-software.ts';
import { lastInstallOf } from './windows/last-install.ts';
import { parseOfferedUpdates } from './windows/offered-updates.ts';
import { readPendingReboot } from './windows/pending-reboot.ts';
import { parseSupportLicences, readHotpatch, readServerProducts, sshdFile } from './windows/small-facts.ts';
import { readSqlInstances } from './windows/sql-instances.ts';
import { agentInstallOf, agentRebootOf, lastCheckOf } from './windows/update-agent.ts';
import { parseUpdateHistory } from './windows/update-history.ts';
import { readUpdateSettings } from './windows/update-settings.ts';

export async function collectWindows(host: Host): Promise<Drafts> {
  const [identity, system, files, packages, hotfixes, history, agent, software, licences] = await Promise.all([
    host.identity(),
    host.query('system-facts'),
    host.query('file-versions', { paths: [kernelFile, sshdFile] }),
    host.query('component-packages'),
    host.query('hotfixes'),
    host.query('update-history'),
    host.query('update-agent'),
    host.query('installed-software'),
    host.query('support-licences'),
  ]);
  const versions = parseFileVersions(files);
  const componentPackages = fromAnswer(packages, parseComponentPackages);
  const windowsUpdateHistory = fromAnswer(history, parseUpdateHistory);
  const installedSoftware = fromAnswer(software, parseInstalledSoftware);
  const rebootRequired = agentRebootOf(agent);
  const os = readParts(system)('os');
  const lastBoot = os.status === 'observed' ? partText(os.value, 'lastBoot') : undefined;
  // Asked together: the keys of the registry become one query, and what may hang comes last of all.
  const [osBuild, settings, pendingReboot, hotpatch, serverProducts, sqlInstances, exchange, search] =
    await Promise.all([
      readBuild(host, versions),
      readUpdateSettings(host, agent),
      readPendingReboot(host, rebootRequired, lastBoot === undefined ? undefined : `${lastBoot.slice(0, 16)}:00Z`),
      readHotpatch(host),
      readServerProducts(host, versions),
      readSqlInstances(host),
      readExchange(host, installedSoftware, windowsUpdateHistory),
      host.query('update-search'),
    ]);
  const notHere = unseen('not-applicable', 'windows', [identity.source]);
  return {
    updates: {
      ...linuxFactsOnWindows([identity.source]),
      osBuild,
      componentPackages,
      hotfixes: fromAnswer(hotfixes, parseHotfixes),
      windowsUpdateHistory,
      offeredUpdates: fromAnswer(search, parseOfferedUpdates),
      ...settings,
      pendingReboot,
      rebootRequired,
      hotpatch,
      supportLicences: fromAnswer(licences, parseSupportLicences),
      installedSoftware,
      serverProducts,
      lastCheck: lastCheckOf(agent),
      lastInstall: lastInstallOf(agentInstallOf(agent), agent.source, windowsUpdateHistory, componentPackages),
      sqlInstances,
      ...exchange,
    },
    packages: { packages: notHere, history: notHere },
  };
}
