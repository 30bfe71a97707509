import { BlockList, isIP } from 'node:net';

/**
 * Whether an address is reached through the proxy. This machine itself never is. The rules: `*` for
 * all; a name for that host; a name with a leading dot for the domain and all beneath it; an address,
 * or a network as address/bits; each with `:port` (an IPv6 address in brackets then) for one port alone.
 */
export function usesProxy(host: string, port: number, noProxy: readonly string[]): boolean {
  const name = plainName(host);
  if (name === 'localhost' || matchesNetwork(name, '127.0.0.0/8') || matchesNetwork(name, '::1')) return false;
  return !noProxy.some((entry) => exempts(entry.trim().toLowerCase(), name, port));
}

function exempts(entry: string, name: string, port: number): boolean {
  if (entry === '*') return true;
  const { pattern, onlyPort } = splitPort(entry);
  if (pattern === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
  if (isIP(name) !== 0) return matchesNetwork(name, pattern);
  const wanted = plainName(pattern);
  return wanted.startsWith('.') ? name === wanted.slice(1) || name.endsWith(wanted) : name === wanted;
}

/** A bare IPv6 address has colons of its own. */
function splitPort(entry: string): { pattern: string; onlyPort: number | undefined } {
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]{1,5}))?$/.exec(entry) ?? [];
  const pattern = bracketed ?? name;
  if (pattern === undefined) return { pattern: entry, onlyPort: undefined };
  return { pattern, onlyPort: digits === undefined ? undefined : Number(digits) };
}

/** A domain's root dot and the brackets of a URL are no part of the name. */
function plainName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/(?<=.)\.$/, '');
}

function matchesNetwork(address: string, pattern: string): boolean {
  const [network = '', bits] = pattern.split('/', 2);
  const family = isIP(network);
  const width = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : /^[0-9]{1,3}$/.test(bits) ? Number(bits) : -1;
  const kind = isIP(address);
  if (family === 0 || kind === 0 || prefix < 0 || prefix > width) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, kind === 4 ? 'ipv4' : 'ipv6');
}
