/** /proc/net/tcp and tcp6 (proc_net(5)): who listens on Docker's ports in our network. */
import type { Host } from '../../agent/host/host.ts';
import type { DockerListener, Fact } from '../../schemas/generated/types.ts';
import { observed, type Parsed, parsed, unparsed } from '../fact.ts';
import { fileFact } from './file-fact.ts';

/** 2375 is the plain port, which asks nobody; 2376 the one with TLS. */
const ports: ReadonlySet<number> = new Set([2375, 2376]);
const listening = '0A';
const maxBytes = 8 * 1024 * 1024;
const maxListeners = 500;

/** The addresses are 32-bit words in the byte order of the machine: little-endian on all that we cover. */
export function parseListeners(text: string): Parsed<DockerListener[]> {
  const [head = '', ...lines] = text.split('\n');
  if (!/^\s*sl\s+local_address/.test(head)) return unparsed('malformed-line', 'line 1');
  const found: DockerListener[] = [];
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const match = /^\s*\d+:\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+\S+\s+([0-9A-F]{2})\s/.exec(line);
    if (match === null) return unparsed('malformed-line', `line ${at + 2}`);
    const [, address = '', port = '', state = ''] = match;
    if (state === listening && ports.has(Number.parseInt(port, 16)))
      found.push({ address: addressOf(address), port: Number.parseInt(port, 16) });
  }
  return found.length > maxListeners ? unparsed('too-many-entries') : parsed(found);
}

/** An address of these tables: `0100007F` is 127.0.0.1. */
export function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  return (bytes.join('').match(/.{4}/g) ?? []).join(':').toLowerCase();
}

/** A kernel without IPv6 has no second file. */
export async function readDockerListeners(host: Host): Promise<Fact<DockerListener[]>> {
  const four = fileFact(await host.readFile('/proc/net/tcp', { maxBytes, volatile: true }), parseListeners);
  if (four.status !== 'observed') return four.status === 'absent' ? { ...four, status: 'unsupported' } : four;
  const six = fileFact(await host.readFile('/proc/net/tcp6', { maxBytes, volatile: true }), parseListeners);
  if (six.status !== 'observed' && six.status !== 'absent') return six;
  const more = six.status === 'observed' ? six.value : [];
  return observed([...four.value, ...more], ...four.sources, ...six.sources);
}
