/** Which server the documents speak of: the same id whoever collected, from the best identity that was seen. */
import { createHash } from 'node:crypto';
import type { Draft } from '../../collectors/collector.ts';
import type { Target } from '../../schemas/generated/types.ts';

/**
 * The machine-id (derived) first: it tells installations apart, also clones that were prepared well.
 * Then the SMBIOS UUID, then the oldest kind of SSH host key, then the random id of the state folder.
 */
export function targetOf(host: Draft<'host'> | undefined, stateId: string): Target {
  if (host?.machineId.status === 'observed') return { id: host.machineId.value, basis: 'machine-id' };
  if (host?.smbiosUuid.status === 'observed')
    return { id: derived('smbios-uuid', host.smbiosUuid.value), basis: 'smbios-uuid' };
  const [key] = host?.sshHostKeys.status === 'observed' ? host.sshHostKeys.value : [];
  if (key !== undefined) return { id: derived('ssh-host-key', key.fingerprint), basis: 'ssh-host-key' };
  return { id: stateId, basis: 'state' };
}

/** A recording's target: never that of a server. */
export function recordedTarget(folder: string): Target {
  return { id: derived('recording', folder), basis: 'recording' };
}

function derived(kind: string, value: string): string {
  return createHash('sha256').update(`affiant target 1\n${kind}\n${value}`).digest('hex').slice(0, 32);
}
