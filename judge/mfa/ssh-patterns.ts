/** Patterns of AllowUsers and its like (sshd_config(5), ssh_config(5) PATTERNS; OpenSSH match.c `match_user`). */

/** `*` and `?`, anchored at both ends; time is linear in the product of the lengths. */
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

export type Client = { readonly host: string; readonly address: string };

/** `USER` or `USER@HOST`, where HOST is a list of names, addresses and networks; a negated one takes away. */
export function matchesUserPattern(user: string, { host, address }: Client, pattern: string): boolean {
  const at = pattern.indexOf('@');
  if (at < 0) return matchesPattern(user, pattern);
  if (!matchesPattern(user, pattern.slice(0, at))) return false;
  let found = false;
  for (const part of pattern.slice(at + 1).split(',')) {
    const negated = part.startsWith('!');
    const bare = negated ? part.slice(1) : part;
    if (!matchesClient(host, address, bare)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function matchesClient(host: string, address: string, pattern: string): boolean {
  const network = /^(.+)\/(\d{1,3})$/.exec(pattern);
  const [of, given] = [bitsOf(network?.[1] ?? pattern), bitsOf(address)];
  if (of !== undefined)
    return (
      given !== undefined &&
      of.length === given.length &&
      given.startsWith(of.slice(0, Number(network?.[2] ?? of.length)))
    );
  return matchesPattern(address, pattern) || matchesPattern(host.toLowerCase(), pattern.toLowerCase());
}

/** The bits of an address as text, 32 or 128; undefined where it is none. */
function bitsOf(text: string): string | undefined {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (v4 !== undefined)
    return v4.every((octet) => octet < 256)
      ? v4.map((octet) => octet.toString(2).padStart(8, '0')).join('')
      : undefined;
  if (!/^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
