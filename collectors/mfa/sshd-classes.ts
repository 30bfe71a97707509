/**
 * Classes of logins that a configuration tells apart: accounts and source addresses with the same
 * outcome in every Match block. Networks are parted exactly: of the addresses where something can
 * change, the first of each network and the one after its end, every region holds one.
 */
import type { Administrator } from './administrators.ts';
import type { Directive } from './sshd-files.ts';
import { allHold, type Connection, type Criterion } from './sshd-match.ts';
import { addressText, firstOf, matchesAddresses, matchesList, parseAddress, parseNetwork } from './sshd-patterns.ts';

export type LoginClass = {
  readonly accounts: readonly string[];
  readonly connection: Connection;
  /** Client addresses that were tried and belong here, its own first. */
  readonly addresses: readonly string[];
};

export type Classes = { readonly classes: readonly LoginClass[]; readonly leftOut: number };

/** Documentation networks stand for the rest of the world (RFC 5737, RFC 3849), then the private ones (RFC 1918) and this machine. */
const usualAddresses = ['203.0.113.7', '10.0.0.7', '172.16.0.7', '192.168.0.7', '127.0.0.1', '2001:db8::7', '::1'];
const maxAddresses = 512;
const maxClasses = 32;
/** Beyond so many blocks nothing is parted any more: all that is left out is said to be. */
const maxBlocks = 2_000;
const maxTried = 64;

export type Listening = { readonly addresses: readonly string[]; readonly ports: readonly number[] };

export function classesOf(
  directives: readonly Directive[],
  administrators: readonly Administrator[],
  usesDns: boolean,
  listening: Listening,
): Classes {
  const blocks = [...new Set(directives.flatMap(({ match }) => (match === undefined ? [] : [match])))];
  const considered = blocks.slice(0, maxBlocks);
  const criteria = considered.flat();
  const sources = sourceLists(directives);
  const { addresses, exact } = addressesOf([...listsOf(criteria, 'address'), ...sources]);
  const hosts = usesDns ? hostsOf([...listsOf(criteria, 'host'), ...sources]) : [];
  const places = placesOf(addresses, hosts, criteria, listening);
  const placeGroups = grouped(
    places,
    (place) => outcomesOf(considered, { ...place, user: '', groups: [] }, isPlace) + sourceOutcomes(sources, place),
  );
  const people = administrators.map((account) => ({ name: account.name, groups: account.groups }));
  const accountGroups = grouped(people, ({ name, groups }) =>
    outcomesOf(considered, { ...nowhere, user: name, groups }, (keyword) => !isPlace(keyword)),
  );
  const classes = new Map<string, LoginClass>();
  let leftOut = blocks.length > considered.length || !exact ? 1 : 0;
  for (const [placeKey, tried] of placeGroups) {
    const [place] = tried;
    if (place === undefined) continue;
    // Once some are left out the answer is not whole any more: how many there are is not worth the time.
    if (classes.size >= maxClasses && leftOut > 0) {
      leftOut += 1;
      continue;
    }
    const addressesHere = [...new Set(tried.map(({ address }) => address))];
    // What tells accounts apart may not matter at this place.
    const outcomes = grouped([...accountGroups], ([accountKey]) => combined(placeKey, accountKey, considered.length));
    for (const [key, groups] of outcomes) {
      const members = groups.flatMap(([, each]) => each);
      const [member] = members;
      if (member === undefined) continue;
      const accounts = members.map(({ name }) => name);
      const id = `${key} ${accounts.join(' ')}`;
      const found = classes.get(id);
      const known = found?.addresses ?? [];
      if (found === undefined && classes.size >= maxClasses) leftOut += 1;
      else
        classes.set(id, {
          accounts,
          connection: found?.connection ?? { ...place, user: member.name, groups: member.groups },
          addresses: [...new Set([...known, ...addressesHere])].slice(0, maxTried),
        });
    }
  }
  return { classes: [...classes.values()], leftOut };
}

type Place = Omit<Connection, 'user' | 'groups'>;
const nowhere: Place = { host: '', address: '', localAddress: '', localPort: 0 };

function isPlace(keyword: Criterion['keyword']): boolean {
  return /^(?:host|address|localaddress|localport|rdomain|version|all|invalid-user)$/.test(keyword);
}

function listsOf(criteria: readonly Criterion[], keyword: Criterion['keyword']): string[] {
  return [...new Set(criteria.filter((each) => each.keyword === keyword).map(({ list }) => list))];
}

/** Hosts and addresses behind the `@` of AllowUsers and DenyUsers part the sources too. */
function sourceLists(directives: readonly Directive[]): string[] {
  const lists = directives
    .filter(({ keyword }) => keyword === 'allowusers' || keyword === 'denyusers')
    .flatMap(({ args }) => args)
    .flatMap((arg) => (arg.includes('@') ? [arg.slice(arg.indexOf('@') + 1)] : []));
  return [...new Set(lists)].slice(0, 1_000);
}

/** `exact` is false where a pattern of text cannot be turned into addresses. */
function addressesOf(lists: readonly string[]): { addresses: string[]; exact: boolean } {
  const found = new Set(usualAddresses);
  let exact = true;
  const parts = new Set(lists.flatMap((list) => list.split(',')).map((part) => part.replace(/^!/, '')));
  for (const part of parts) {
    if (found.size > maxAddresses) return { addresses: [...found], exact: false };
    const network = parseNetwork(part) ?? textNetwork(part);
    if (network !== undefined && network !== 'invalid') {
      const first = firstOf(network);
      const after = first + (1n << BigInt(network.bits - network.prefix));
      found.add(addressText({ bits: network.bits, value: first }));
      if (after < 1n << BigInt(network.bits)) found.add(addressText({ bits: network.bits, value: after }));
    } else if (/^[\d.:*?a-fA-F]*[*?][\d.:*?a-fA-F]*$/.test(part) && part !== '*') {
      const sample = part.replaceAll('*', part.includes(':') ? '1' : '7').replaceAll('?', '7');
      if (parseAddress(sample) !== undefined) found.add(sample);
      exact = false;
    }
  }
  return { addresses: [...found], exact };
}

/** `10.*` and `192.168.1.*` are networks. */
function textNetwork(pattern: string): ReturnType<typeof parseNetwork> {
  const match = /^((?:\d{1,3}\.){1,3})\*$/.exec(pattern);
  if (match === null) return undefined;
  const octets = (match[1] ?? '').split('.').slice(0, -1);
  return parseNetwork(`${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${octets.length * 8}`);
}

/** With UseDNS the client's name counts: one name for each pattern, and one that matches none. */
function hostsOf(lists: readonly string[]): string[] {
  const names = lists
    .flatMap((list) => list.split(','))
    .map((part) => part.replace(/^!/, '').toLowerCase())
    .filter((part) => /[a-z]/.test(part) && !part.includes('/') && !part.includes(':'))
    .map((part) => part.replaceAll('*', 'x').replaceAll('?', 'x'));
  return ['unknown.invalid', ...new Set(names)].slice(0, 64);
}

function placesOf(
  addresses: readonly string[],
  hosts: readonly string[],
  criteria: readonly Criterion[],
  listening: Listening,
): Place[] {
  const localPorts = ports(criteria, listening);
  const localLists = listsOf(criteria, 'localaddress');
  const localAddresses =
    localLists.length === 0
      ? ['192.0.2.1']
      : [
          ...new Set([
            ...listening.addresses.filter((each) => parseAddress(each) !== undefined),
            ...addressesOf(localLists).addresses,
          ]),
        ].slice(0, 64);
  const places: Place[] = [];
  for (const localPort of localPorts)
    for (const localAddress of localAddresses)
      for (const address of addresses) {
        places.push({ host: address, address, localAddress, localPort });
        for (const host of hosts) places.push({ host, address, localAddress, localPort });
        if (places.length > 50_000) return places;
      }
  return places;
}

function ports(criteria: readonly Criterion[], { ports: listened }: Listening): number[] {
  const own = listened.length === 0 ? [22] : listened;
  return listsOf(criteria, 'localport').length === 0 ? own.slice(0, 1) : [...new Set(own)].slice(0, 8);
}

/** One character a block: `y`, `n`, `?`. Criteria of the other kind count as held. */
function outcomesOf(
  blocks: readonly (readonly Criterion[])[],
  connection: Connection,
  wanted: (keyword: Criterion['keyword']) => boolean,
): string {
  return blocks
    .map((block) => {
      const held = allHold(
        block.filter(({ keyword }) => wanted(keyword)),
        connection,
      );
      return held === undefined ? '?' : held ? 'y' : 'n';
    })
    .join('');
}

function sourceOutcomes(sources: readonly string[], { host, address }: Place): string {
  return sources.map((list) => `${matchesAddresses(address, list)}${matchesList(host, list, true)}`).join(' ');
}

function combined(place: string, account: string, blocks: number): string {
  let key = '';
  for (let at = 0; at < blocks; at += 1) {
    const both = `${place[at] ?? ''}${account[at] ?? ''}`;
    key += both.includes('n') ? 'n' : both.includes('?') ? '?' : 'y';
  }
  return `${key} ${place.slice(blocks)}`;
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
