/** What a person reads first of the administrators of a Windows machine: plain facts. */
import type { Fact, Text, WindowsGroup, WindowsMember } from '../../../schemas/generated/types.ts';
import type { Draft, SummaryRow } from '../../collector.ts';

type Admins = Draft<'admins'>;

export function windowsRows(admins: Admins): SummaryRow[] {
  return [
    row(admins.windowsDomain, ({ role, name, reachable, reason, lookUpsLeftOut = 0 }) => ({
      label: 'Domain',
      text: [
        role.replace('-', ' '),
        ...(name === undefined ? [] : [`of ${shown(name)}`]),
        ...(reachable === false ? [`which could not be asked (${reason ?? 'no answer'})`] : []),
        ...(lookUpsLeftOut > 0 ? [`${lookUpsLeftOut} look-ups past the budget`] : []),
      ].join(' '),
      tone: reachable === false || lookUpsLeftOut > 0 ? 'attention' : 'plain',
    })),
    ...(admins.windowsGroups.status === 'observed' ? groupRows(admins.windowsGroups.value) : []),
    row(admins.windowsAccounts, (accounts) => {
      const local = accounts.filter(({ view }) => view === 'local');
      const builtIn = local.find(({ sid }) => sid.endsWith('-500'));
      const state =
        builtIn?.enabled === undefined
          ? ''
          : `, the built-in administrator is ${builtIn.enabled ? 'enabled' : 'disabled'}`;
      return plain('Accounts', `${local.length} local, ${accounts.length - local.length} of the domain${state}`);
    }),
    row(admins.laps, ({ kind, backup = 'nowhere', passwordExpiresAt }) =>
      plain(
        'LAPS',
        `${kind}, password kept in ${backup}${passwordExpiresAt !== undefined && 'at' in passwordExpiresAt ? `, runs out at ${passwordExpiresAt.at}` : ''}`,
      ),
    ),
    admins.laps.status === 'absent' ? plain('LAPS', 'not configured') : undefined,
    row(admins.serviceAccounts, (list) => (list.length === 0 ? undefined : plain('Services as', accountsOf(list)))),
    row(admins.taskAccounts, (list) => {
      const own = list.filter(({ enabled }) => enabled);
      return own.length === 0 ? undefined : plain('Tasks as', accountsOf(own));
    }),
  ].filter((each) => each !== undefined);
}

function row<T>(fact: Fact<T>, make: (value: T) => SummaryRow | undefined): SummaryRow | undefined {
  return fact.status === 'observed' ? make(fact.value) : undefined;
}

/** Groups with members, the administrators first. */
function groupRows(groups: readonly WindowsGroup[]): SummaryRow[] {
  return groups
    .filter(({ members, complete }) => members.length > 0 || !complete)
    .slice(0, 12)
    .map(({ sid, name, members, complete, reason }) => {
      const gone = members.filter(({ outcome }) => outcome !== 'resolved').length;
      const text = [
        members.length === 0
          ? 'nobody that shows'
          : `${members.slice(0, 8).map(memberText).join(', ')}${members.length > 8 ? ` and ${members.length - 8} more` : ''}`,
        ...(complete ? [] : [`not all: ${reason ?? 'not known'}`]),
      ].join('; ');
      return {
        label: name === undefined ? sid : shown(name),
        text,
        tone: gone > 0 || !complete ? 'attention' : 'plain',
      };
    });
}

function memberText({ sid, name, outcome, kind, until }: WindowsMember): string {
  const who = name === undefined ? (sid ?? 'somebody') : shown(name);
  const marks = [
    ...(kind === 'group' ? ['group'] : []),
    ...(outcome === 'resolved' ? [] : [outcome]),
    ...(until !== undefined && 'at' in until ? [`until ${until.at}`] : []),
  ];
  return marks.length === 0 ? who : `${who} (${marks.join(', ')})`;
}

function accountsOf(list: readonly { readonly account: Text }[]): string {
  const names = [...new Set(list.map(({ account }) => shown(account)))];
  return names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

function shown(text: Text): string {
  return typeof text === 'string' ? text : `(not UTF-8: ${text.bytes})`;
}
