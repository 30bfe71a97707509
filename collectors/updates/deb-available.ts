/** What apt would upgrade. */
import type { Host } from '../../agent/host/host.ts';
import type { AvailableUpdate, Fact } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { parseAptList, type UpgradablePackage } from './apt-list.ts';
import type { Archives } from './deb-archives.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { byCodePoint, fieldText, withoutUserInfo } from './field-text.ts';
import { securityRelevance } from './security-suites.ts';
import { wholeOutput } from './whole-text.ts';

/**
 * Held packages are among them, and so are updates that Ubuntu phases in and has not offered to this server
 * yet: apt lists both. An empty answer counts only where apt had an index to look into.
 */
export async function readAvailableUpdates(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
  archives: Archives,
): Promise<Fact<AvailableUpdate[]>> {
  const answer = await host.exec('apt-list-upgradable');
  const list = wholeOutput(answer, parseAptList);
  if (list.status !== 'observed') return list;
  const unread = answer.status === 'observed' ? unreadBy(answer.value.stderr) : undefined;
  if (unread !== undefined) return unseen('failed', 'apt-could-not-read', list.sources, unread);
  if (list.value.length === 0 && archives.blindness !== undefined) {
    return { ...archives.blindness, sources: [...list.sources, ...archives.blindness.sources] };
  }
  const metadata = archives.metadata.status === 'observed' ? archives.metadata.value : [];
  const installed = dpkg.status === 'observed' ? dpkg.value : [];
  const held = new Set(installed.filter((entry) => entry.held).map(keyOf));
  const updates = list.value.map(
    (entry): AvailableUpdate => ({
      name: entry.name,
      architecture: entry.architecture,
      installedVersion: entry.installedVersion,
      candidateVersion: entry.candidateVersion,
      securityRelevant: securityRelevance(entry.suites, metadata),
      suites: entry.suites.slice(0, 64).map((suite) => fieldText(suite, 256)),
      ...(held.has(keyOf(entry)) ? { held: true } : {}),
    }),
  );
  return observed(
    updates.toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture)),
    ...list.sources,
    ...dpkg.sources,
    ...archives.metadata.sources.slice(0, 1),
  );
}

/**
 * apt ends with 0 and a shorter list where it could not read an index or a file of its sources; only a
 * line on standard error tells. Its file of passwords is for root alone and no part of this question.
 */
function unreadBy(stderr: string): string | undefined {
  const line = stderr
    .split('\n')
    .find(
      (text) => /^[WE]: .*(?:unable to|permission denied|could not|cannot)/i.test(text) && !/auth\.conf/.test(text),
    );
  return line === undefined ? undefined : fieldText(withoutUserInfo(line), 200);
}

function keyOf({ name, architecture }: UpgradablePackage | DpkgPackage): string {
  return `${name}:${architecture}`;
}
