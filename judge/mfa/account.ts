/** An administrator with everything that the documents know of the account. */
import type { Draft } from '../../collectors/collector.ts';
import type { ConditionGroup, LocalAccount, Text } from '../../schemas/generated/types.ts';
import type { AccountWays } from '../ways-to-root.ts';
import type { PamSubject } from './pam/outcome.ts';
import { equalText, shownText } from './text.ts';

type Admins = Draft<'admins'>;
type Mfa = Draft<'mfa'>;

export type Administrator = {
  readonly name: Text;
  readonly uid?: number;
  /** The row of the local account file. */
  readonly local?: LocalAccount;
  /** Undefined where it was not seen. */
  readonly password?: 'set' | 'empty' | 'locked';
  /** Whether local files are all that accounts and groups come from. */
  readonly wholeView: boolean;
  readonly ways: AccountWays['ways'];
};

export function administratorOf({ name, ways }: AccountWays, admins: Admins): Administrator {
  const accounts = admins.accounts.status === 'observed' ? admins.accounts.value : [];
  const local = accounts.find((account) => equalText(account.name, name));
  const states = admins.passwordStates.status === 'observed' ? admins.passwordStates.value : [];
  const state = local?.password ?? states.find((each) => equalText(each.name, name))?.state;
  const { accountSources } = admins;
  const services =
    accountSources.status === 'observed'
      ? [...(accountSources.value.passwd ?? []), ...(accountSources.value.group ?? [])]
      : [];
  const known = accountSources.status === 'observed' || accountSources.status === 'absent';
  return {
    name,
    ...(local === undefined ? {} : { uid: local.uid, local }),
    ...(state === undefined ? {} : { password: state === 'none' ? ('locked' as const) : state }),
    wholeView: known && services.every((service) => /^(?:files|systemd|\[.*)$/.test(service)),
    ways,
  };
}

/** The account as PAM sees it. */
export function pamAccount(person: Administrator): NonNullable<PamSubject['account']> {
  const { local, password } = person;
  return {
    name: shownText(person.name),
    ...(local === undefined
      ? { local: false }
      : { uid: local.uid, gid: local.gid, shell: shownText(local.shell), local: true }),
    ...(local?.home === undefined ? {} : { home: shownText(local.home) }),
    ...(password === undefined ? {} : { password }),
  };
}

/** Groups that are a condition and have the account; undefined where none were asked for or they were not seen. */
export function conditionGroupsOf(mfa: Mfa, name: Text): readonly string[] | undefined {
  const { conditionGroups } = mfa;
  if (conditionGroups.status !== 'observed') return undefined;
  return groupsWith(conditionGroups.value, name);
}

function groupsWith(groups: readonly ConditionGroup[], name: Text): string[] {
  return groups
    .filter(({ members }) => members.some((member) => equalText(member, name)))
    .map(({ group }) => shownText(group));
}
