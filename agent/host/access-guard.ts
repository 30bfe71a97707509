/**
 * A deadline for accesses that the kernel may never answer, such as a file on a dead NFS server.
 * Nobody can cancel such a system call: it keeps one of the few threads that Node has for files. So
 * the guard counts those that never came back, and lets no further one start before the last
 * threads are gone: without them the agent could not even write its evidence.
 */
import { missOfErrno } from './errno.ts';
import type { Raw } from './machine.ts';

/** Node has four threads for files unless told otherwise; two stay free. */
const maxStuck = 2;

export type AccessGuard = <T>(deadlineMs: number, work: () => Promise<Raw<T>>) => Promise<Raw<T>>;

let stuckAnywhere = 0;

/** Whether an access of this process is under way that did not come back in time. */
export function storageIsStuck(): boolean {
  return stuckAnywhere > 0;
}

/** The guard of one machine. Errors of the work become misses by their errno; the deadline is `timed-out`. */
export function createAccessGuard(): AccessGuard {
  let stuck = 0;
  return async (deadlineMs, work) => {
    if (stuck >= maxStuck) return { outcome: 'timed-out', reason: 'storage-stuck' };
    const running = work().catch(missOfErrno);
    const { promise: deadline, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(resolve, deadlineMs, 'late');
    const first = await Promise.race([running, deadline]);
    clearTimeout(timer);
    if (first !== 'late') return first;
    stuck += 1;
    stuckAnywhere += 1;
    void running.finally(() => {
      stuck -= 1;
      stuckAnywhere -= 1;
    });
    return { outcome: 'timed-out', reason: 'deadline' };
  };
}
