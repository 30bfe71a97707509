/**
 * Ways by somebody else: a rule of sudo that lets act as an account which itself becomes root. Whose password that
 * account is asked for the caller need not know, so that only a way without one goes on to root for sure.
 */

import { shownText } from './mfa/text.ts';
import { reachOf } from './root-commands.ts';
import { matchesUser, sameUser } from './sudo-match.ts';
import { type Admins, groupsOf, groupsWith, type WayToRoot, type Who } from './ways.ts';
import { neverAuthenticated, rulesInForce } from './ways-sudo.ts';

type Ways = Pick<Who, 'name'> & { readonly ways: readonly WayToRoot[] };

/** The same accounts, with the ways that lead through another of them. */
export function throughOthers<Account extends Ways>(
  accounts: readonly Account[],
  admins: Admins,
  at: string | undefined,
): Account[] {
  const lines = admins.accounts.status === 'observed' ? admins.accounts.value : [];
  const others = accounts.filter(({ name, ways }) => name !== 'root' && ways.some(isSure));
  const steps = rulesInForce(admins, at).flatMap((rule) => {
    const { runAsUsers = [], commands } = rule;
    const given = commands.filter(({ negated }) => negated !== true);
    const targets = others.filter(({ name }) => runAsUsers.some((target) => sameUser(target, name)));
    return given.length === 0 ? [] : targets.map((target) => ({ rule, target, given }));
  });
  if (steps.length === 0) return [...accounts];
  const groups = groupsOf(admins);
  return accounts.map((account): Account => {
    const who: Who = lines.find(({ name }) => sameUser(name, account.name)) ?? account;
    const own = groupsWith(groups, who);
    const more = steps
      .filter(({ rule, target }) => target !== account && matchesUser(rule.users, who, own) === 'yes')
      .map(({ rule, target, given }): WayToRoot => {
        const free = target.ways.some((way) => isSure(way) && way.withoutPassword);
        const reach = given.map(reachOf);
        const asks =
          !rule.tags.includes('NOPASSWD') && (rule.tags.includes('PASSWD') || !neverAuthenticated(who, own, admins));
        const via = `${shownText(rule.definedIn)} line ${rule.line}`;
        return {
          kind: 'sudo-limited',
          via,
          withoutPassword: free && !asks,
          chain: [
            shownText(account.name),
            via,
            shownText(target.name),
            ...(target.ways.find(isSure)?.chain.slice(1) ?? []),
          ],
          reaches: !free ? 'unknown' : reach.includes('yes') ? 'yes' : reach.includes('unknown') ? 'unknown' : 'no',
        };
      });
    return more.length === 0 ? account : { ...account, ways: [...account.ways, ...more] };
  });
}

function isSure({ reaches, kind }: WayToRoot): boolean {
  return reaches === 'yes' && kind !== 'group-indirect';
}
