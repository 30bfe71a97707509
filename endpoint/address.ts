import ipaddr from 'ipaddr.js';

/**
 * The name under which an address is counted: an IPv4 address as it is, also where it is written as
 * IPv6, and of an IPv6 address its /64, since whoever has one address of it has them all (RFC 6177).
 */
export function addressName(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  const known = names.get(address);
  if (known !== undefined) return known;
  // A handful of proxies or a fleet: whoever comes with more addresses than that only makes it work again.
  if (names.size >= maxNames) names.clear();
  const name = nameOf(address);
  names.set(address, name);
  return name;
}

/** Asked for each connection and each request, of addresses that come again and again. */
const names = new Map<string, string>();
const maxNames = 4096;

function nameOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/** Whether an address is one of these, which are addresses or networks such as 10.0.0.0/8. Throws TypeError on one that is neither. */
export function networksOf(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map((network) => {
    try {
      if (network.includes('/')) return ipaddr.parseCIDR(network);
      const single = ipaddr.process(network);
      return [single, single.kind() === 'ipv4' ? 32 : 128] as [ipaddr.IPv4 | ipaddr.IPv6, number];
    } catch {
      throw new TypeError(`${network} is neither an address nor a network`);
    }
  });
  return (address) => {
    if (ranges.length === 0 || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some((range) => range[0].kind() === parsed.kind() && parsed.match(range));
  };
}
