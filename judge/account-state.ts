/** Whether an account can be used, by its password and its keys. What was not seen is not locked. */
import type { PasswordState, UnreadPlace } from '../schemas/generated/types.ts';
import { shownText } from './mfa/text.ts';
import { type Admins, keyOf, type Who } from './ways.ts';

export type AccountState = {
  /**
   * enabled: it has a password, an empty one or a usable key. locked: none of these. expired: its day is
   * over. unknown: that was not seen.
   */
  readonly state: 'enabled' | 'locked' | 'expired' | 'unknown';
  /** A day, from the shadow file. */
  readonly passwordChangedOn?: string;
  /** To the second, from the login records; missing where they have none. */
  readonly lastLoginAt?: string;
};

export function passwordOf(who: Who, { passwordStates, accounts }: Admins): Partial<PasswordState> | undefined {
  const line =
    accounts.status === 'observed' ? accounts.value.find(({ name }) => keyOf(name) === keyOf(who.name)) : undefined;
  if (line?.password !== undefined) return { state: line.password };
  if (passwordStates.status !== 'observed') return undefined;
  return passwordStates.value.find(({ name }) => keyOf(name) === keyOf(who.name));
}

export function stateOf(who: Who, admins: Admins, at: string | undefined): AccountState {
  const password = passwordOf(who, admins);
  const logins = admins.lastLogins.status === 'observed' ? admins.lastLogins.value.logins : [];
  const last = logins.find(({ name, uid }) => (name === undefined ? uid === who.uid : keyOf(name) === keyOf(who.name)));
  const keys = hasKeys(who, admins);
  const over = password?.expiresOn !== undefined && at !== undefined && at.slice(0, 10) >= password.expiresOn;
  const open = password?.state === 'set' || password?.state === 'empty';
  const unsure = password?.state === undefined || keys === undefined;
  return {
    state: over ? 'expired' : open || keys === true ? 'enabled' : unsure ? 'unknown' : 'locked',
    ...(password?.changedOn === undefined ? {} : { passwordChangedOn: password.changedOn }),
    ...(last === undefined ? {} : { lastLoginAt: last.at }),
  };
}

/** Undefined where a place that could hold some was not seen, or a program or an authority lets in whom no file names. */
function hasKeys(who: Who, admins: Admins): boolean | undefined {
  const { authorizedKeys, sshKeySettings } = admins;
  if (authorizedKeys.status !== 'observed') return undefined;
  const own = authorizedKeys.value.files.filter(({ accounts }) =>
    accounts.some((name) => keyOf(name) === keyOf(who.name)),
  );
  if (own.some(({ keys }) => keys.length > 0)) return true;
  if (unreadKeys(who, admins).length > 0) return undefined;
  if (sshKeySettings.status !== 'observed') return sshKeySettings.status === 'absent' ? false : undefined;
  const { authorizedKeysCommand, trustedUserCaKeys, conditionalOthers } = sshKeySettings.value;
  return authorizedKeysCommand !== undefined || trustedUserCaKeys !== undefined || conditionalOthers
    ? undefined
    : false;
}

/** Places that could hold a key of this account and were not seen. What lies in the home of another lets in the other. */
export function unreadKeys(who: Who, { authorizedKeys, accounts }: Admins): readonly UnreadPlace[] {
  if (authorizedKeys.status !== 'observed') return [];
  const homes = new Map(
    accounts.status === 'observed'
      ? accounts.value.map(({ name, home }) => [keyOf(name), `${home === undefined ? '' : shownText(home)}/`])
      : [],
  );
  const own = homes.get(keyOf(who.name)) ?? '/';
  const others = [...homes.values()].filter((home) => home.length > 2 && home !== own && !own.startsWith(home));
  return authorizedKeys.value.unread.filter(({ subject }) => {
    const place = shownText(subject);
    return place.startsWith(own) || !others.some((home) => place.startsWith(home));
  });
}
