/** Which server the documents speak of: the same id whoever collected, from the best identity that was seen. */
import { createHash } from 'node:crypto';
import type { TargetIdentity } from '../../collectors/host/target-identity.ts';
import type { Target } from '../../schemas/generated/types.ts';

/**
 * The machine-id (derived) first: it tells installations apart, also clones that were prepared well.
 * Then the SMBIOS UUID, then the oldest kind of SSH host key, then the random id of the state folder.
 * `last` is the target of the run before. It stays unless what it rests on was seen and is another
 * now: a run that could not look, or that was told to look at less, is of no other server, and an
 * endpoint would refuse its bundle for good.
 */
export function targetOf(host: TargetIdentity | undefined, stateId: string, last?: Target): Target {
  const seen = candidates(host);
  if (last !== undefined) {
    const now = seen.find(({ basis }) => basis === last.basis);
    if (now === undefined || now.id === last.id) return last;
  }
  return seen[0] ?? { id: stateId, basis: 'state' };
}

function candidates(host: TargetIdentity | undefined): Target[] {
  if (host === undefined) return [];
  const { machineId, smbiosUuid, sshHostKeys } = host;
  const [key] = sshHostKeys.status === 'observed' ? sshHostKeys.value : [];
  return [
    ...(machineId.status === 'observed' ? [{ id: machineId.value, basis: 'machine-id' } as const] : []),
    ...(smbiosUuid.status === 'observed'
      ? [{ id: derived('smbios-uuid', smbiosUuid.value), basis: 'smbios-uuid' } as const]
      : []),
    ...(key === undefined ? [] : [{ id: derived('ssh-host-key', key.fingerprint), basis: 'ssh-host-key' } as const]),
  ];
}

/** A recording's target: never that of a server. */
export function recordedTarget(folder: string): Target {
  return { id: derived('recording', folder), basis: 'recording' };
}

/** A tenant's target: the same wherever it is asked from. */
export function tenantTarget(vendor: string, id: string): Target {
  return { id: derived('tenant', `${vendor}\n${id.toLowerCase()}`), basis: 'tenant' };
}

function derived(kind: string, value: string): string {
  return createHash('sha256').update(`affiant target 1\n${kind}\n${value}`).digest('hex').slice(0, 32);
}
