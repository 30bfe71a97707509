/** Programs that still run code which an update replaced or removed: installed, and not in force. */
import type { Host, RunningProcess } from '../../agent/host/host.ts';
import type { Fact, StaleProcess, StaleProcesses } from '../../schemas/generated/types.ts';
import { mapFact, missed, observed } from '../fact.ts';
import { byCodePoint, fieldText } from './field-text.ts';

/** Other processes are not ours to judge: what lies in these folders comes from packages. */
const packaged = /^\/(?:usr|lib|lib32|lib64|libx32|bin|sbin|opt)\//;

export async function readStaleProcesses(host: Host): Promise<Fact<StaleProcesses>> {
  const answer = await host.processes();
  if (answer.status !== 'observed') return missed(answer);
  return mapFact(observed(answer.value, answer.source), ({ processes, complete }) => ({
    complete,
    processes: staleProcesses(processes),
  }));
}

/** One entry for each program and unit, ordered by name; no process ids, which would differ after every restart. Pure; exported for its tests. */
export function staleProcesses(processes: readonly RunningProcess[]): StaleProcess[] {
  const found = new Map<string, { name: string; unit: string | undefined; count: number; files: Set<string> }>();
  for (const { name, cgroup, goneFiles = [] } of processes) {
    const files = goneFiles.filter((path) => packaged.test(path)).map(plainName);
    if (files.length === 0) continue;
    const unit = unitOf(cgroup);
    const key = JSON.stringify([name, unit]);
    const known = found.get(key) ?? { name, unit, count: 0, files: new Set<string>() };
    known.count += 1;
    for (const file of files) known.files.add(file);
    found.set(key, known);
  }
  return [...found.values()]
    .map(({ name, unit, count, files }) => ({
      name: fieldText(name, 64),
      ...(unit === undefined ? {} : { unit: fieldText(unit, 256) }),
      processes: count,
      files: [...files]
        .toSorted(byCodePoint)
        .slice(0, 16)
        .map((file) => fieldText(file, 512)),
    }))
    .toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.unit ?? '', b.unit ?? ''))
    .slice(0, 1000);
}

/** rpm puts a file that is in use aside as `name;5f3e1a2b` before it removes it; dpkg as `name.dpkg-tmp` or `-new`. */
function plainName(path: string): string {
  return path.replace(/;[0-9a-f]{8}$/, '').replace(/\.dpkg-(?:tmp|new)$/, '');
}

/** The innermost service or scope; a session's number differs at every log-in. */
function unitOf(cgroup: string | undefined): string | undefined {
  const units = (cgroup ?? '').split('/').filter((part) => /\.(?:service|scope|socket|mount)$/.test(part));
  return units.at(-1)?.replace(/^session-[0-9a-z]+\.scope$/, 'session.scope');
}
