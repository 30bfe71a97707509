/** Which distribution this is, as far as package names need it. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, OperatingSystem } from '../../schemas/generated/types.ts';
import { parseOsRelease } from '../host/os-release.ts';
import { wholeFile } from './whole-text.ts';

/** From /etc/os-release, or /usr/lib/os-release where that is not there (os-release(5)). */
export async function readDistribution(host: Host): Promise<Fact<OperatingSystem>> {
  const first = await host.readFile('/etc/os-release');
  const answer = first.status === 'absent' ? await host.readFile('/usr/lib/os-release') : first;
  return wholeFile(answer, parseOsRelease);
}
