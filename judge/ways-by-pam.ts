/**
 * su by which somebody becomes root without being asked anything, as its PAM stacks have it: lines such as
 * `auth sufficient pam_permit.so` or `… pam_succeed_if.so use_uid user ingroup staff`. Such an account need hold no
 * rule and be in no group that anybody knows for root's.
 */
import type { Draft } from '../collectors/collector.ts';
import { passwordOf, peopleOf } from './account-state.ts';
import { administratorOf, pamAccount } from './mfa/account.ts';
import { pamOf } from './mfa/matrix.ts';
import { pamSuccesses } from './mfa/pam-judge.ts';
import { shownText } from './mfa/text.ts';
import { type Admins, groupsOf, groupsWith } from './ways.ts';
import { suWays } from './ways-other.ts';

type Found = { readonly faults: readonly string[]; readonly unknowns: readonly string[] };

const services = ['su', 'su-l'];

/** What waysToRoot cannot see, since it knows no stacks. Nothing where su is not there, or cannot make root of anybody. */
export function waysBySu(mfa: Draft<'mfa'>, admins: Admins): Found {
  const { escalationPrograms: programs, pamStacks } = mfa;
  const su = programs.status === 'observed' ? programs.value.find(({ kind }) => kind === 'su') : undefined;
  if ((programs.status === 'observed' && su?.setUserId !== true) || pamStacks.status !== 'observed')
    return { faults: [], unknowns: [] };
  const accounts = admins.accounts.status === 'observed' ? admins.accounts.value : [];
  const root = accounts.find(({ uid }) => uid === 0);
  if (root === undefined) return { faults: [], unknowns: [] };
  // An empty password of root is a fault of its own.
  if (passwordOf(root, peopleOf(admins))?.state === 'empty') return { faults: [], unknowns: [] };
  const judgePam = pamOf(mfa);
  const account = pamAccount(administratorOf({ ...root, local: true, state: 'unknown', ways: [] }, admins));
  const asksNothing = (name?: string): 'yes' | 'no' | 'maybe' => {
    const caller = name === undefined ? {} : { name };
    const ways = services
      .filter((service) => pamStacks.value.some((stack) => shownText(stack.service) === service))
      .flatMap((service) => pamSuccesses(judgePam({ service, account, caller, origin: 'local' }), service))
      .filter(({ factors, unknown, bypass }) => factors.length === 0 && unknown === undefined && bypass === undefined);
    return ways.some(({ when }) => when === undefined) ? 'yes' : ways.length > 0 ? 'maybe' : 'no';
  };
  // One question for all; who it is that is asked for nothing is worked out only where somebody is.
  if (asksNothing() === 'no') return { faults: [], unknowns: [] };
  const groups = groupsOf(admins);
  const others = accounts
    .filter((who) => who.uid !== 0 && suWays(who, groupsWith(groups, who), admins).length === 0)
    .map(({ name }) => ({ name: shownText(name), answer: asksNothing(shownText(name)) }));
  const named = (answer: 'yes' | 'maybe'): string[] =>
    others.filter((each) => each.answer === answer).map(({ name }) => name);
  const [free, unclear] = [named('yes'), named('maybe')];
  return {
    faults: free.length === 0 ? [] : [`su asks for nothing, by its PAM stack, of ${shortened(free)}`],
    unknowns: unclear.length === 0 ? [] : [`whether su asks for anything of ${shortened(unclear)}`],
  };
}

function shortened(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
