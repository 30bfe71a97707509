/** What a person reads first of the administrators: plain counts and names. What follows from them is the judge's. */
import type {
  Fact,
  LocalAccount,
  LocalGroup,
  NisEntry,
  PasswordState,
  SudoDefault,
  SudoRule,
  Text,
} from '../../schemas/generated/types.ts';
import type { Drafts, SummaryRow } from '../collector.ts';
import { otherRows } from './summary-others.ts';
import { windowsRows } from './windows/summary.ts';

const namesShown = 8;

export function summariseAdmins({ admins }: Drafts): readonly SummaryRow[] {
  if (admins === undefined) return [];
  const rows = [
    seen(admins.accounts, accountRow),
    seen(admins.groups, groupRow),
    seen(admins.sudoInstalled, (there) => plain('sudo', there ? 'installed' : 'not installed')),
    seen(admins.nisEntries, nisRow),
    seen(admins.sudoRules, (rules) => ruleRow(rules, admins.sudoDefaults)),
    disagreement(admins.sudoRules),
    seen(admins.passwordStates, passwordRow),
    seen(admins.accountSources, ({ passwd = ['files'], group = ['files'], sudoers = ['files'] }) =>
      plain(
        'Looked up in',
        `accounts: ${passwd.join(' ')}; groups: ${group.join(' ')}; sudo rules: ${sudoers.join(' ')}`,
      ),
    ),
  ];
  return [...rows, ...windowsRows(admins), ...otherRows(admins)].filter((row) => row !== undefined);
}

function seen<T>(fact: Fact<T>, row: (value: T) => SummaryRow | undefined): SummaryRow | undefined {
  return fact.status === 'observed' ? row(fact.value) : undefined;
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

function accountRow(accounts: readonly LocalAccount[]): SummaryRow {
  const roots = accounts.filter(({ uid }) => uid === 0).map(({ name }) => name);
  const open = accounts.filter(({ password }) => password === 'empty').map(({ name }) => name);
  const text = `${accounts.length} local, with user id 0: ${listed(roots)}`;
  const tone = roots.length > 1 || open.length > 0 ? 'attention' : 'plain';
  return {
    label: 'Accounts',
    text: open.length === 0 ? text : `${text}; no password in the account file: ${listed(open)}`,
    tone,
  };
}

function groupRow(groups: readonly LocalGroup[]): SummaryRow {
  const filled = groups.filter(({ members }) => members.length > 0);
  const text = filled.map(({ name, members }) => `${shown(name)} (${listed(members)})`).join(', ');
  return plain('Groups of note', text === '' ? `${groups.length}, all without members` : text);
}

/** Entries that let in whom a directory names (nsswitch.conf(5), compat): the list of local accounts is then not all. */
function nisRow(entries: readonly NisEntry[]): SummaryRow | undefined {
  if (entries.length === 0) return undefined;
  const text = `${entries.length} lines let in accounts of a directory: ${listed(entries.map(({ entry }) => entry))}`;
  return { label: 'From NIS', text, tone: 'attention' };
}

function ruleRow(rules: readonly SudoRule[], defaults: Fact<SudoDefault[]>): SummaryRow {
  const free = rules.filter(({ tags }) => tags.includes('NOPASSWD'));
  const users = listed([...new Set(rules.flatMap(({ users }) => users).map(shown))]);
  if (rules.length === 0) return plain('Sudo rules', 'none');
  // sudoers(5), authenticate: off for all or for some, whatever the tags of the rules say.
  const off =
    defaults.status === 'observed' &&
    defaults.value.some(({ setting, operation }) => setting === 'authenticate' && operation === 'off');
  const asked = `${free.length} without a password${off ? ', and a Defaults line asks for none' : ''}`;
  const text = `${rules.length} for ${users}; ${asked}`;
  return { label: 'Sudo rules', text, tone: free.length > 0 || off ? 'attention' : 'plain' };
}

function disagreement(rules: Fact<SudoRule[]>): SummaryRow | undefined {
  if (rules.status !== 'observed' || rules.answers === undefined) return undefined;
  return { label: 'Sudo rules', text: 'cvtsudoers reads them otherwise than we do', tone: 'attention' };
}

function passwordRow(states: readonly PasswordState[]): SummaryRow {
  const of = (wanted: PasswordState['state']): Text[] =>
    states.filter(({ state }) => state === wanted).map(({ name }) => name);
  const open = of('empty');
  const text = `${of('set').length} set, ${of('locked').length} locked, ${of('none').length} that no password opens`;
  if (open.length === 0) return plain('Passwords', text);
  return { label: 'Passwords', text: `${text}; empty, so that anyone gets in: ${listed(open)}`, tone: 'attention' };
}

function listed(names: readonly Text[]): string {
  if (names.length === 0) return 'nobody';
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : '';
  return names.slice(0, namesShown).map(shown).join(', ') + more;
}

function shown(name: Text): string {
  return typeof name === 'string' ? name : `(not UTF-8: ${name.bytes})`;
}
