/** One look at all running processes, as one source: their names, and what code they run that is gone from disk. */
import { decodeBytes } from '../../collectors/text.ts';
import type { ProcessList, RunningProcess } from './host.ts';
import type { Limits, Machine, Raw } from './machine.ts';

/** Servers run a few hundred, kernel threads among them. */
const maxProcesses = 2000;
/** Readings under way at once: what waits is the kernel, not us. */
const atOnce = 4;

/**
 * Reads comm, maps and, where it matters, cgroup of every process (proc_pid(5)). A process that ended meanwhile
 * is none. `complete` is false where one could not be looked at, where there are too many, or past the deadline.
 */
export async function walkProcesses(machine: Machine, limits: Limits): Promise<Raw<ProcessList>> {
  const began = performance.now();
  const listing = await machine.list('/proc', limits);
  if (listing.outcome !== 'ok') return listing;
  const pids = listing.value
    .map(decodeBytes)
    .filter((name) => /^[1-9][0-9]{0,9}$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
  let namesComplete = pids.length <= maxProcesses;
  let complete = namesComplete;
  const queue = pids.slice(0, maxProcesses);
  const processes: RunningProcess[] = [];
  const worker = async (): Promise<void> => {
    for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
      const deadlineMs = limits.deadlineMs - (performance.now() - began);
      if (deadlineMs <= 0) {
        complete = false;
        namesComplete = false;
        return;
      }
      const found = await lookAt(machine, pid, { ...limits, deadlineMs });
      if (found === 'gone') continue;
      if (found === 'unknown' || found.goneFiles === undefined) complete = false;
      if (found === 'unknown') namesComplete = false;
      else processes.push(found);
    }
  };
  await Promise.all(Array.from({ length: machine.accessesAtOnce ?? atOnce }, worker));
  return { outcome: 'ok', value: { processes: processes.toSorted((a, b) => a.pid - b.pid), complete, namesComplete } };
}

async function lookAt(machine: Machine, pid: number, limits: Limits): Promise<RunningProcess | 'gone' | 'unknown'> {
  const name = await machine.readFile(`/proc/${pid}/comm`, limits);
  if (name.outcome === 'absent') return 'gone';
  if (name.outcome !== 'ok') return 'unknown';
  const about = { pid, name: decodeBytes(name.value.bytes).replace(/\n$/, '') };
  const maps = await machine.readFile(`/proc/${pid}/maps`, limits);
  if (maps.outcome === 'absent') return 'gone';
  if (maps.outcome !== 'ok' || maps.value.truncated) return about;
  const goneFiles = goneCode(decodeBytes(maps.value.bytes));
  if (goneFiles.length === 0) return { ...about, goneFiles };
  const groups = await machine.readFile(`/proc/${pid}/cgroup`, limits);
  const cgroup = groups.outcome === 'ok' ? controlGroup(decodeBytes(groups.value.bytes)) : undefined;
  return { ...about, goneFiles, ...(cgroup === undefined ? {} : { cgroup }) };
}

/**
 * Files that are mapped as code and have no name on disk any more (proc_pid_maps(5)):
 *
 *     7f1c…-7f1d… r-xp 00028000 fe:01 131   /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)
 */
export function goneCode(maps: string): string[] {
  const gone = new Set<string>();
  for (const line of maps.split('\n')) {
    if (!line.endsWith(' (deleted)')) continue;
    const path = /^[0-9a-f]+-[0-9a-f]+ ..x. [0-9a-f]+ \S+ \d+ +(\/.*) \(deleted\)$/.exec(line)?.[1];
    if (path !== undefined) gone.add(path);
  }
  return [...gone].toSorted();
}

/** The path in the unified hierarchy, or in systemd's own (cgroups(7)). */
function controlGroup(text: string): string | undefined {
  return /^0::(.*)$/m.exec(text)?.[1] ?? /^\d+:name=systemd:(.*)$/m.exec(text)?.[1];
}
