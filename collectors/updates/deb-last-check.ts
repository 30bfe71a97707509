/** When apt last asked the archives with success. */
import type { Host } from '../../agent/host/host.ts';
import type { ArchiveMetadata, Fact, LastCheck } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { withoutEmptyFraction } from './instant.ts';

/** Touched after a success: by update-notifier-common's hook on every `apt update`, and by apt's own daily job. */
const stamps = ['/var/lib/apt/periodic/update-success-stamp', '/var/lib/apt/periodic/update-stamp'] as const;

/**
 * The newest of the stamps and of the changes of the metadata. Where there is neither, the question has no
 * answer: the lists may have been fetched and thrown away, as images of containers do.
 */
export async function readLastCheck(host: Host, metadata: Fact<ArchiveMetadata[]>): Promise<Fact<LastCheck>> {
  const answers = [];
  for (const path of stamps) answers.push(await host.stat(path));
  const seen = answers.flatMap((answer) =>
    answer.status === 'observed'
      ? [{ at: withoutEmptyFraction(answer.value.mtime), basis: 'success-stamp' as const, sources: [answer.source] }]
      : [],
  );
  const changes =
    metadata.status === 'observed'
      ? metadata.value.map(({ fetchedAt }) => ({
          at: fetchedAt,
          basis: 'metadata-change' as const,
          sources: metadata.sources,
        }))
      : [];
  const [newest] = [...seen, ...changes].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  if (newest !== undefined) return observed({ at: newest.at, basis: newest.basis }, ...newest.sources);
  if (metadata.status !== 'observed' && metadata.status !== 'absent') return metadata;
  for (const answer of answers) if (answer.status !== 'observed' && answer.status !== 'absent') return missed(answer);
  return unseen('unsupported', 'no-metadata', [...answers.map(({ source }) => source), ...metadata.sources]);
}
