/** All servers of a sweep, so many at once; one that misbehaves costs its own place alone. */
import { failed } from '../host/ssh/failure.ts';
import type { PlannedHost } from './plan.ts';
import { type HostWatch, type SweepContext, type Swept, sweepHost } from './sweep-host.ts';

export type SweepWatch = {
  readonly began: (host: PlannedHost) => HostWatch;
  /** Called once for each server, before the next takes its place. Where it answers false no further one is asked. */
  readonly ended: (swept: Swept) => boolean;
};

export async function sweepAll(
  hosts: readonly PlannedHost[],
  parallel: number,
  context: SweepContext,
  watch: SweepWatch,
): Promise<void> {
  const queue = [...hosts];
  const worker = async (): Promise<void> => {
    for (let host = queue.shift(); host !== undefined; host = queue.shift())
      if (!watch.ended(await one(host, context, watch))) queue.length = 0;
  };
  await Promise.all(Array.from({ length: Math.min(parallel, hosts.length) }, worker));
  context.reach.end();
}

/** A fault of ours at one server must not end the sweep of the others. */
async function one(host: PlannedHost, context: SweepContext, watch: SweepWatch): Promise<Swept> {
  try {
    return await sweepHost(host, context, watch.began(host));
  } catch (error) {
    const word = error instanceof Error ? error.message : 'unknown';
    const result = failed(
      'failed',
      'sweep-broke',
      `a fault of the program: ${word}`,
      'report it; the other servers are not affected',
    );
    return { host, hostKey: undefined, privilege: undefined, result };
  }
}
