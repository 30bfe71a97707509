/** Criteria of Match blocks (sshd_config(5), Match; OpenSSH servconf.c `match_cfg_line`). */
import type { SshMatch } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { isAddressList, matchesAddresses, matchesList } from './sshd-patterns.ts';
import { splitKeyword } from './sshd-words.ts';

/** One criterion; `list` is as written, patterns between commas. Empty for `all` and `invalid-user`. */
export type Criterion = { readonly keyword: SshMatch['keyword']; readonly list: string };

/** A login as sshd sees it before anybody is authenticated. */
export type Connection = {
  readonly user: string;
  /** Groups of the account by name; undefined where they are not known. */
  readonly groups?: readonly string[] | undefined;
  readonly host: string;
  readonly address: string;
  readonly localAddress: string;
  readonly localPort: number;
};

const withList: ReadonlySet<string> = new Set([
  'user',
  'group',
  'host',
  'address',
  'localaddress',
  'localport',
  'rdomain',
  'version',
] satisfies SshMatch['keyword'][]);

/** Criteria of a Match line; what sshd refuses is refused, since it then serves nobody. */
export function parseMatch(text: string): Parsed<Criterion[]> {
  const words = wordsOf(text);
  if (words === undefined) return unparsed('malformed-line', 'a quote does not end');
  const criteria: Criterion[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = (words[at] ?? '').toLowerCase();
    if (word === 'all') {
      const alone = words.length === 1;
      return alone ? parsed([{ keyword: 'all', list: '' }]) : unparsed('malformed-line', 'all does not stand alone');
    }
    if (word === 'invalid-user') {
      criteria.push({ keyword: word, list: '' });
      continue;
    }
    if (!withList.has(word)) return unparsed('unknown-criterion', 'a criterion that OpenSSH does not know');
    at += 1;
    const list = words[at] ?? '';
    if (list === '') return unparsed('malformed-line', 'a criterion without patterns');
    const addresses = word === 'address' || word === 'localaddress';
    if (addresses && !isAddressList(list)) return unparsed('malformed-line', 'an address list that OpenSSH refuses');
    if (word === 'localport' && !/^\d{1,5}$/.test(list)) return unparsed('malformed-line', 'a port that is none');
    criteria.push({ keyword: word as SshMatch['keyword'], list });
  }
  return criteria.length === 0 ? unparsed('malformed-line', 'no criterion') : parsed(criteria);
}

/** Words up to a comment. Undefined where a quote does not end. */
function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  let split = splitKeyword(text);
  while (split !== undefined && split.keyword !== '' && !split.keyword.startsWith('#')) {
    words.push(split.keyword);
    if (split.rest === '') return words;
    split = splitKeyword(split.rest);
  }
  return split === undefined ? undefined : words;
}

/** Whether a criterion holds; undefined where that depends on what is not known. */
export function holds({ keyword, list }: Criterion, connection: Connection): boolean | undefined {
  const { user, groups, host, address, localAddress, localPort } = connection;
  if (keyword === 'all') return true;
  if (keyword === 'user') return matchesList(user, list) === 'yes';
  if (keyword === 'group') return groups === undefined ? undefined : inGroups(groups, list);
  if (keyword === 'host') return matchesList(host, list, true) === 'yes';
  if (keyword === 'address') return matchesAddresses(address, list) === 'yes';
  if (keyword === 'localaddress') return matchesAddresses(localAddress, list) === 'yes';
  if (keyword === 'localport') return Number(list) === localPort;
  // Nobody who has an account is an invalid user; routing domains are not of Linux as sshd tests them.
  return keyword === 'invalid-user' || keyword === 'rdomain' ? false : undefined;
}

/** OpenSSH groupaccess.c `ga_match_pattern_list`: one group that is taken away outweighs all others. */
export function inGroups(groups: readonly string[], list: string): boolean {
  const matches = groups.map((group) => matchesList(group, list));
  return !matches.includes('no') && matches.includes('yes');
}

/** All criteria together; a criterion that surely fails outweighs one that is not known. */
export function allHold(criteria: readonly Criterion[], connection: Connection): boolean | undefined {
  let result: boolean | undefined = true;
  for (const criterion of criteria) {
    const one = holds(criterion, connection);
    if (one === false) return false;
    if (one === undefined) result = undefined;
  }
  return result;
}
