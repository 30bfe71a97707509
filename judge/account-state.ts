/** Whether an account can be used, by its password and its keys. What was not seen is not locked. */
import type { LocalAccount, PasswordState, UnreadPlace } from '../schemas/generated/types.ts';
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

/** What is asked of each account of a server, by the account: hundreds of them, and as many places of keys, are no search each. */
export type People = {
  readonly lines: ReadonlyMap<string, LocalAccount>;
  readonly passwords: ReadonlyMap<string, PasswordState>;
  /** Of each account its home, with a stroke at the end. */
  readonly homes: ReadonlyMap<string, string>;
  /** Places of keys that were not seen, each with the homes in which it lies. */
  readonly unread: readonly {
    readonly place: UnreadPlace;
    readonly path: string;
    readonly within: readonly string[];
  }[];
};

export function peopleOf({ accounts, passwordStates, authorizedKeys }: Admins): People {
  const all = accounts.status === 'observed' ? accounts.value : [];
  const homes = new Map(
    all.map(({ name, home }) => [keyOf(name), `${home === undefined ? '' : shownText(home)}/`] as const),
  );
  // The root folder is in everybody's way, and nobody's home.
  const folders = new Set<string>([...homes.values()].filter((home) => home.length > 2));
  return {
    lines: firstByName(all),
    passwords: firstByName(passwordStates.status === 'observed' ? passwordStates.value : []),
    homes,
    unread: (authorizedKeys.status === 'observed' ? authorizedKeys.value.unread : []).map((place) => {
      const path = shownText(place.subject);
      return { place, path, within: foldersOf(path).filter((folder) => folders.has(folder)) };
    }),
  };
}

function firstByName<T extends { readonly name: Who['name'] }>(items: readonly T[]): Map<string, T> {
  return new Map(items.toReversed().map((item) => [keyOf(item.name), item]));
}

/** `/`, `/home/`, `/home/x/` of `/home/x/keys`. */
function foldersOf(path: string): string[] {
  return [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1));
}

export function passwordOf(who: Pick<Who, 'name'>, { lines, passwords }: People): Partial<PasswordState> | undefined {
  const line = lines.get(keyOf(who.name));
  return line?.password === undefined ? passwords.get(keyOf(who.name)) : { state: line.password };
}

export function stateOf(who: Who, admins: Admins, people: People, at: string | undefined): AccountState {
  const password = passwordOf(who, people);
  const logins = admins.lastLogins.status === 'observed' ? admins.lastLogins.value.logins : [];
  const last = logins.find(({ name, uid }) => (name === undefined ? uid === who.uid : keyOf(name) === keyOf(who.name)));
  const keys = hasKeys(who, admins, people);
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
function hasKeys(who: Who, admins: Admins, people: People): boolean | undefined {
  const { authorizedKeys, sshKeySettings } = admins;
  if (authorizedKeys.status !== 'observed') return undefined;
  const own = authorizedKeys.value.files.filter(({ accounts }) =>
    accounts.some((name) => keyOf(name) === keyOf(who.name)),
  );
  if (own.some(({ keys }) => keys.length > 0)) return true;
  if (unreadKeys(who, people).length > 0) return undefined;
  if (sshKeySettings.status !== 'observed') return sshKeySettings.status === 'absent' ? false : undefined;
  const { authorizedKeysCommand, trustedUserCaKeys, conditionalOthers } = sshKeySettings.value;
  return authorizedKeysCommand !== undefined || trustedUserCaKeys !== undefined || conditionalOthers
    ? undefined
    : false;
}

/** Places that could hold a key of this account and were not seen. What lies in the home of another lets in the other. */
export function unreadKeys(who: Pick<Who, 'name'>, { homes, unread }: People): readonly UnreadPlace[] {
  const own = homes.get(keyOf(who.name)) ?? '/';
  return unread
    .filter(({ path, within }) => path.startsWith(own) || within.every((home) => own.startsWith(home)))
    .map(({ place }) => place);
}
