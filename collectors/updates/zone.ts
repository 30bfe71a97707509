/** The zone in which the server writes its logs. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { readTimeZone } from '../host/time-zone.ts';

/** Its name; UTC where the server has no zone at all, as tzset(3) does. Fails with `time-zone-unknown`. */
export async function readZone(host: Host): Promise<Fact<string>> {
  const zone = await readTimeZone(host);
  if (zone.status === 'observed') return observed(zone.value.replace(/^(?:posix|right)\//, ''), ...zone.sources);
  if (zone.status === 'absent') {
    // The link is also absent where a copy of the zone's data stands in its place, which names no zone.
    const data = await host.stat('/etc/localtime');
    if (data.status === 'absent') return observed('UTC', data.source, ...zone.sources);
  }
  return unseen('failed', 'time-zone-unknown', zone.sources, zone.detail);
}
