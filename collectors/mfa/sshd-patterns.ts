/** Patterns of sshd_config(5): ssh_config(5) PATTERNS, and addresses (OpenSSH match.c, addrmatch.c, addr.c). */

/** `*` and `?`; anchored at both ends. Linear in the product of the lengths. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let held = 0;
  while (at < text.length) {
    const char = pattern[from];
    if (char === '*') {
      star = from;
      held = at;
      from += 1;
    } else if (char === '?' || (char !== undefined && char === text[at])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      from = star + 1;
      held += 1;
      at = held;
    } else return false;
  }
  while (pattern[from] === '*') from += 1;
  return from === pattern.length;
}

/** A list between commas: `no` where a negated pattern matches, whatever else does. */
export type ListMatch = 'yes' | 'no' | 'none';

export function matchesList(text: string, list: string, ignoreCase = false): ListMatch {
  const subject = ignoreCase ? text.toLowerCase() : text;
  let result: ListMatch = 'none';
  for (const part of list.split(',')) {
    const negated = part.startsWith('!');
    const bare = negated ? part.slice(1) : part;
    if (!matchesPattern(subject, ignoreCase ? bare.toLowerCase() : bare)) continue;
    if (negated) return 'no';
    result = 'yes';
  }
  return result;
}

/** Bits of an address, 32 or 128. A zone after `%` is left aside. */
export type Address = { readonly bits: 32 | 128; readonly value: bigint };
export type Network = Address & { readonly prefix: number };

export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text.split('%', 1)[0] ?? '') : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1).map(Number);
  if (octets.some((octet) => octet > 255)) return undefined;
  return { bits: 32, value: octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n) };
}

function parseV6(text: string): Address | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const tail = parseV4(dotted[2] ?? '');
    if (tail === undefined) return undefined;
    return parseV6(`${dotted[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`);
  }
  const [head = '', tail, extra] = text.split('::');
  if (extra !== undefined || !/^[0-9a-fA-F:]*$/.test(text)) return undefined;
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) };
}

/** `invalid`: sshd refuses the file. undefined: no network, but perhaps a pattern of text. */
export function parseNetwork(text: string): Network | 'invalid' | undefined {
  const [host = '', length, extra] = text.split('/');
  const address = parseAddress(host);
  if (address === undefined || extra !== undefined) return undefined;
  if (length === undefined) return { ...address, prefix: address.bits };
  if (!/^\d{1,3}$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > address.bits) return 'invalid';
  return firstOf({ ...address, prefix }) === address.value ? { ...address, prefix } : 'invalid';
}

export function firstOf({ value, bits, prefix }: Network): bigint {
  const low = BigInt(bits - prefix);
  return (value >> low) << low;
}

export function isWithin(address: Address, { value, bits, prefix }: Network): boolean {
  return address.bits === bits && address.value >> BigInt(bits - prefix) === value >> BigInt(bits - prefix);
}

/** Whether sshd takes the list at all. */
export function isAddressList(list: string): boolean {
  return list
    .split(',')
    .every((part) => part.replace(/^!/, '') !== '' && parseNetwork(part.replace(/^!/, '')) !== 'invalid');
}

/** As `addr_match_list`, for a list that sshd takes: networks, else patterns of text. */
export function matchesAddresses(text: string, list: string): ListMatch {
  const address = parseAddress(text);
  if (address === undefined) return 'none';
  let result: ListMatch = 'none';
  for (const part of list.split(',')) {
    const negated = part.startsWith('!');
    const bare = negated ? part.slice(1) : part;
    const network = parseNetwork(bare);
    if (network === 'invalid') continue;
    if (!(network === undefined ? matchesPattern(text, bare) : isWithin(address, network))) continue;
    if (negated) return 'no';
    result = 'yes';
  }
  return result;
}

/** Text of an address, as sshd compares it with patterns of text. */
export function addressText({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_unused, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  return compressed(groups);
}

/** RFC 5952: the longest run of zeros, the first of equally long ones. */
function compressed(groups: readonly string[]): string {
  let best = { from: -1, length: 1 };
  for (let from = 0; from < groups.length; from += 1) {
    let length = 0;
    while (groups[from + length] === '0') length += 1;
    if (length > best.length) best = { from, length };
  }
  if (best.from < 0) return groups.join(':');
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`;
}
