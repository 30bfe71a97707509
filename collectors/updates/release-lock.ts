/**
 * Amazon Linux from 2023 on reads the repositories of one release until somebody names another: what dnf offers is then
 * all of that release, and none of the fixes of later ones, so that a server that never moves on looks up to date.
 * `releasever` is `latest`, or a dated release: by /etc/dnf/vars/releasever, else by the package system-release
 * (docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html). Which releases there are is on the network alone
 * (`dnf check-release-update`).
 */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, OperatingSystem } from '../../schemas/generated/types.ts';
import { missed, unseen } from '../fact.ts';

const variable = '/etc/dnf/vars/releasever';

/** Why an answer without security updates is none; undefined where no release is locked. */
export async function readReleaseLock(
  host: Host,
  distribution: Fact<OperatingSystem>,
): Promise<Fact<never> | undefined> {
  if (distribution.status !== 'observed' || distribution.value.id !== 'amzn') return undefined;
  const { versionId } = distribution.value;
  if (typeof versionId !== 'string' || !/^20(?:2[3-9]|[3-9]\d)(?:\.|$)/.test(versionId)) return undefined;
  const named = await host.readFile(variable);
  if (named.status !== 'observed' && named.status !== 'absent') return missed(named);
  if (named.status === 'observed' && !named.value.truncated && named.value.text.trim() === 'latest') return undefined;
  return unseen('unsupported', 'release-locked', [named.source, ...distribution.sources]);
}

/** What a locked release has is true; that it has nothing which `matters` is no answer. */
export function unlessLocked<T>(
  fact: Fact<T[]>,
  lock: Fact<never> | undefined,
  matters: (value: T) => boolean,
): Fact<T[]> {
  if (lock === undefined || fact.status !== 'observed' || fact.value.some(matters)) return fact;
  return { ...lock, sources: [...new Set([...lock.sources, ...fact.sources])].slice(0, 64) };
}
