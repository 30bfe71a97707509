/** What was not seen and could hold another way to root that asks for no password. */
import type { Text } from '../schemas/generated/types.ts';
import { peopleOf, unreadKeys } from './account-state.ts';
import { shownText } from './mfa/text.ts';
import { beginsRootAction, isRootAction } from './root-commands.ts';
import { type Admins, groupsOf, keyOf } from './ways.ts';
import { rulesInForce } from './ways-sudo.ts';

/** Facts that must have been seen; where `absentIsFine`, that there is none is an answer. */
const needed = [
  'accounts',
  'groups',
  'sudoRules',
  'sudoDefaults',
  'passwordStates',
  'doasRules',
  'suGuards',
  'polkitRules',
  'controlSockets',
  'dockerListeners',
  'fileCapabilities',
  'setIdFiles',
  'writableRootJobs',
] as const satisfies (keyof Admins)[];
const absentIsFine: ReadonlySet<string> = new Set([
  'sudoRules',
  'sudoDefaults',
  'doasRules',
  'suGuards',
  'polkitRules',
]);

/** Of these, whoever is an administrator by what they hold is not on the list where they were not seen. */
const naming = ['accounts', 'groups', 'sudoRules', 'doasRules', 'polkitRules'] as const satisfies (keyof Admins)[];

/** Facts by which somebody may be an administrator whom nobody names, each with the reason; of Linux alone. */
export function unseenAdministrators(admins: Admins): string[] {
  return [...unseenOf(naming, admins), ...ofDirectory(admins)];
}

function unseenOf(names: readonly (typeof needed)[number][], admins: Admins): string[] {
  return names.flatMap((name) => {
    const fact = admins[name];
    const leadsNowhere =
      name === 'doasRules' && admins.doasInstalled.status === 'observed' && !admins.doasInstalled.value;
    const isAnswer = fact.status === 'observed' || leadsNowhere || (fact.status === 'absent' && absentIsFine.has(name));
    return isAnswer ? [] : [`${name}: ${fact.reason}`];
  });
}

export function unknownsOf(admins: Admins): string[] {
  return [
    ...unseenOf(needed, admins),
    ...ofSources(admins),
    ...ofDirectory(admins),
    ...ofPolkit(admins),
    ...ofSockets(admins),
    ...ofKeys(admins),
    ...ofPasswords(admins),
    ...ofReaders(admins),
    ...ofRules(admins),
  ];
}

/** Services of nsswitch.conf(5) that add no account or group of their own but those that systemd makes for its services. */
const localServices: ReadonlySet<string> = new Set(['files', 'systemd']);

function ofSources({ accountSources, nisEntries }: Admins): string[] {
  if (accountSources.status === 'absent') return [];
  if (accountSources.status !== 'observed') return [`accountSources: ${accountSources.reason}`];
  // `compat` is local files and what their `+` lines take in.
  const emptyCompat = nisEntries.status === 'observed' && nisEntries.value.length === 0;
  const databases: [string, readonly string[]][] = Object.entries(accountSources.value);
  return databases.flatMap(([database, services]) =>
    services
      .filter(
        (service) => !localServices.has(service) && !service.startsWith('[') && !(service === 'compat' && emptyCompat),
      )
      .map((service) => `${database} also comes from ${service}`),
  );
}

/** Asked where local files are not all: members that only a directory names, and rules that stand nowhere else. */
function ofDirectory(admins: Admins): string[] {
  if (admins.accountSources.status !== 'observed') return [];
  return (['directoryGroups', 'sudoListings'] as const).flatMap((name) => {
    const fact = admins[name];
    const isAnswer = fact.status === 'observed' || fact.status === 'not-applicable' || fact.status === 'absent';
    return isAnswer ? [] : [`${name}: ${fact.reason}`];
  });
}

/** A rule is a program: one that can answer yes to an action of root's leaves it open for whom. */
function ofPolkit({ polkitRules }: Admins): string[] {
  if (polkitRules.status !== 'observed') return [];
  return polkitRules.value.files
    .filter(({ grantsYes, actions, rules }) => {
      const named = actions.filter((action) => typeof action === 'string' && !action.endsWith('.'));
      return (
        grantsYes &&
        rules > 0 &&
        (named.length === 0 ||
          actions.some((action) => isRootAction(shownText(action)) || beginsRootAction(shownText(action))))
      );
    })
    .map(({ path }) => `for whom ${shownText(path)} asks for nothing`);
}

function ofSockets({ controlSockets }: Admins): string[] {
  if (controlSockets.status !== 'observed') return [];
  return controlSockets.value.unread.map(({ subject, reason }) => `who may write to ${shownText(subject)}: ${reason}`);
}

/** Keys that open root: whoever holds one is there at once. */
function ofKeys(admins: Admins): string[] {
  const { accounts, authorizedKeys } = admins;
  if (accounts.status !== 'observed') return [];
  if (authorizedKeys.status === 'absent') return [];
  if (authorizedKeys.status !== 'observed') return [`authorizedKeys: ${authorizedKeys.reason}`];
  const people = peopleOf(admins);
  return accounts.value
    .filter(({ uid }) => uid === 0)
    .flatMap((root) => unreadKeys(root, people))
    .map(({ subject, reason }) => `which keys open root: ${shownText(subject)}: ${reason}`);
}

/** A password without an account: the account file was cut short, or somebody left it over (pwck(8) looks for the same). */
function ofPasswords({ accounts, passwordStates }: Admins): string[] {
  if (accounts.status !== 'observed' || passwordStates.status !== 'observed') return [];
  const known = new Set(accounts.value.map(({ name }) => keyOf(name)));
  return passwordStates.value
    .filter(({ name }) => !known.has(keyOf(name)) && !/^[+-]/.test(shownText(name)))
    .map(({ name }) => `whose password is that of ${shownText(name)}, who has no account`);
}

/** sudo's own reader understood the rules otherwise. */
function ofReaders({ sudoRules }: Admins): string[] {
  return sudoRules.status === 'observed' && sudoRules.answers !== undefined
    ? ['the sudo rules: cvtsudoers reads them otherwise']
    : [];
}

function ofRules(admins: Admins): string[] {
  return rulesInForce(admins)
    .flatMap(({ users }) => users)
    .flatMap((user) => unknownMember(user, admins));
}

/** Members of a rule whose people this server's files do not name. */
function unknownMember(user: Text, admins: Admins): string[] {
  if (typeof user !== 'string') return ['a name in a sudo rule is not UTF-8'];
  const bare = user.replace(/^!/, '');
  if (bare.startsWith('+') || bare.startsWith('%:')) return [`who is in ${bare}`];
  if (!bare.startsWith('%') || admins.groups.status !== 'observed') return [];
  const name = bare.slice(1).toLowerCase();
  const known = groupsOf(admins).some(
    (group) => shownText(group.name).toLowerCase() === name || `#${group.gid}` === name,
  );
  return known ? [] : [`who is in ${bare}, no local group`];
}
