/** rsyslog.conf and what it includes below /etc: where it sends to, and where it writes its statistics. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, ForwardingTarget } from '../../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../../fact.ts';
import { wholeFile } from '../../updates/whole-text.ts';
import type { RsyslogStatistics } from './impstats.ts';
import { parseRsyslog, type RsyslogFile } from './rsyslog.ts';

const maxFiles = 64;

type Configured = { readonly targets: Fact<ForwardingTarget[]>; readonly statistics?: RsyslogStatistics };

/** A file that could not be read leaves the whole unknown. */
export async function readRsyslog(host: Host): Promise<Configured> {
  const files: RsyslogFile[] = [];
  const sources: string[] = [];
  const waiting = ['/etc/rsyslog.conf'];
  const seen = new Set<string>();
  while (waiting.length > 0) {
    const path = waiting.shift() ?? '';
    if (seen.has(path)) continue;
    seen.add(path);
    if (seen.size > maxFiles) return { targets: unseen('failed', 'too-many-files', sources) };
    if (!path.startsWith('/etc/')) return { targets: unseen('unsupported', 'include-elsewhere', sources) };
    const star = /^(\/[^*?[]*)\/([^/]*[*?[][^/]*)$/.exec(path);
    if (star !== null) {
      const names = await host.list(star[1] ?? '/');
      if (names.status !== 'observed' && names.status !== 'absent') return { targets: missed(names, ...sources) };
      sources.push(names.source);
      const suffix = /\*(\.[a-z]+)$/.exec(star[2] ?? '')?.[1] ?? '';
      if (names.status === 'observed')
        waiting.push(
          ...names.value
            .filter((name) => name.endsWith(suffix) && !name.startsWith('.'))
            .map((name) => `${star[1]}/${name}`),
        );
      continue;
    }
    const file = wholeFile(await host.readFile(path), (text) => parseRsyslog(text, path));
    sources.push(...file.sources);
    if (file.status === 'absent' && seen.size > 1) continue;
    if (file.status !== 'observed')
      return { targets: unseen(file.status, file.reason, [...file.sources, ...sources.slice(0, 50)]) };
    files.push(file.value);
    waiting.push(...file.value.includes);
  }
  const targets = files.flatMap((file) => file.targets);
  if (targets.length > 256) return { targets: unseen('failed', 'too-many-entries', sources) };
  const written = files.findLast(({ statistics }) => statistics !== undefined)?.statistics;
  return {
    targets: observed(targets, ...sources.slice(0, 60)),
    ...(written !== undefined && {
      statistics: {
        ...written,
        actions: files.flatMap(({ actions }) => actions),
        failover: files.some(({ failover }) => failover),
      },
    }),
  };
}
