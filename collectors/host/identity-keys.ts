/** What joins the bundles of one server: the machine id and the SSH host keys. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, SshHostKey } from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';
import { fromAnswer, missed, observed, unseen } from '../fact.ts';
import { toBase64 } from '../text.ts';
import { parseMachineId } from './machine-id.ts';
import { parseSshPublicKey } from './ssh-public-key.ts';

/** Binds the derived value to its purpose, as machine-id(5) asks: the id itself never leaves the server. */
export const machineIdLabel = 'affiant machine 1';
const sshFolder = '/etc/ssh';
const maxHostKeys = 64;

export async function readMachineId(host: Host, digests: Digests): Promise<Fact<string>> {
  const answer = await host.readFile('/etc/machine-id', { secret: true });
  const id = fromAnswer(answer, ({ text }) => parseMachineId(text));
  if (id.status === 'observed') return observed(digests.derive(id.value, machineIdLabel).slice(0, 32), ...id.sources);
  return id.reason === 'uninitialized' ? { ...id, status: 'absent' } : id;
}

/** All keys or none: half a set would look like another server. */
export async function readSshHostKeys(host: Host, digests: Digests, folder = sshFolder): Promise<Fact<SshHostKey[]>> {
  const listing = await host.list(folder);
  const join = folder.includes('\\') ? '\\' : '/';
  if (listing.status !== 'observed') return missed(listing);
  const names = listing.value.filter((name) => /^ssh_host_[A-Za-z0-9_-]+_key\.pub$/.test(name));
  const sources = [listing.source];
  if (names.length > maxHostKeys) return unseen('failed', 'too-many-entries', sources);
  const keys: SshHostKey[] = [];
  for (const name of names) {
    const key = fromAnswer(await host.readFile(`${folder}${join}${name}`), ({ text }) => parseSshPublicKey(text));
    // Gone since it was listed.
    if (key.status === 'absent') continue;
    if (key.status !== 'observed') return { ...key, sources: [...key.sources, ...sources] };
    sources.push(...key.sources);
    const { type, blob } = key.value;
    keys.push({ type, fingerprint: `SHA256:${toBase64(digests.sha256(blob)).replace(/=+$/, '')}` });
  }
  const most = sources.slice(0, maxHostKeys);
  return keys.length === 0 ? unseen('absent', 'no-host-keys', most) : observed(keys, ...most);
}
