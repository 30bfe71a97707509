/** Whether a connection to a forwarder's target stands, by the kernel's own table (proc_net(5)). */
import type { Answer, FileContent, Host } from '../../../agent/host/host.ts';
import type { Delivery, Fact, ForwardingTarget } from '../../../schemas/generated/types.ts';
import { addressOf } from '../../admins/proc-net-tcp.ts';
import { fromAnswer, observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';

export type Endpoint = { readonly address: string; readonly port: number };

const established = '01';
const maxBytes = 8 * 1024 * 1024;

/** Ports that log collectors are given and little else uses; a connection to another may be anybody's. */
const logPorts: ReadonlySet<number> = new Set([
  60, 514, 601, 1514, 2514, 5044, 5140, 6514, 9997, 10514, 12201, 19532, 20514, 24224, 24284,
]);

/** The other ends of connections that stand. */
export function parseEstablished(text: string): Parsed<Endpoint[]> {
  const [head = '', ...lines] = text.split('\n');
  if (!/^\s*sl\s+local_address/.test(head)) return unparsed('malformed-line', 'line 1');
  const found: Endpoint[] = [];
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const match = /^\s*\d+:\s+\S+\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+([0-9A-F]{2})\s/.exec(line);
    if (match === null) return unparsed('malformed-line', `line ${at + 2}`);
    const [, address = '', port = '', state = ''] = match;
    if (state === established) found.push({ address: plain(addressOf(address)), port: Number.parseInt(port, 16) });
  }
  return parsed(found);
}

/** `0000:0000:0000:0000:0000:ffff:0a00:0001` is 10.0.0.1 (RFC 4291, section 2.5.5.2). */
function plain(address: string): string {
  const [, high, low] = /^(?:0000:){5}ffff:([0-9a-f]{4}):([0-9a-f]{4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  return (`${high}${low}`.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.');
}

const overTcp: ReadonlySet<ForwardingTarget['protocol']> = new Set(['tcp', 'tls', 'relp', 'http', 'https']);

/**
 * True or false where every target is one that shows in the table: over TCP, with its port, and told apart from
 * others' connections by its address or by a port for logs. A name is not looked up. Undefined otherwise.
 */
export function standsTo(targets: readonly ForwardingTarget[], connections: readonly Endpoint[]): boolean | undefined {
  let stands = targets.length > 0;
  for (const { address, port, protocol } of targets) {
    const literal = typeof address === 'string' && /^[0-9.]+$/.test(address) ? address : undefined;
    if (!overTcp.has(protocol) || port === undefined || (literal === undefined && !logPorts.has(port)))
      return undefined;
    stands &&= connections.some((each) => each.port === port && (literal === undefined || each.address === literal));
  }
  return targets.length === 0 ? undefined : stands;
}

/** `unsupported` with `not-exposed` where the table cannot tell. */
export async function readConnection(
  host: Host,
  configured: Fact<readonly ForwardingTarget[]> | undefined,
): Promise<Fact<Delivery>> {
  const sources = configured?.sources ?? [];
  const unknown = unseen('unsupported', 'not-exposed', sources);
  if (configured?.status !== 'observed' || standsTo(configured.value, []) === undefined) return unknown;
  const four = await tableOf(host, '/proc/net/tcp');
  const six = await tableOf(host, '/proc/net/tcp6');
  if (four.status !== 'observed') return four.status === 'absent' ? unknown : four;
  if (six.status !== 'observed' && six.status !== 'absent') return six;
  const connected = standsTo(configured.value, [...four.value, ...(six.status === 'observed' ? six.value : [])]);
  return connected === undefined ? unknown : observed({ connected }, ...four.sources, ...six.sources);
}

async function tableOf(host: Host, path: string): Promise<Fact<Endpoint[]>> {
  const answer: Answer<FileContent> = await host.readFile(path, { maxBytes, volatile: true });
  return fromAnswer(answer, ({ text, truncated }) => (truncated ? unparsed('file-truncated') : parseEstablished(text)));
}
