/**
 * Who administers the mail server and what its ways in ask for, over time. The documents come from the real
 * Windows collectors over a recorded Exchange server; for each state the answers of its directory and of its
 * Exchange are changed as an administrator would change them. Everything else is as recorded.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import type { Machine } from '../../agent/host/machine.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { digestsWith } from '../../agent/run/run-collectors.ts';
import type { Day } from '../../audit/days.ts';
import { admins } from '../../collectors/admins/index.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { mfa } from '../../collectors/mfa/index.ts';
import { exchangeAnswers, type MailState } from './mail-answers.ts';

const recording = join(import.meta.dirname, '../../test/fixtures/machines/windows-exchange-de');

export type AccessState = MailState & {
  /** Members of Domain Admins, and of Organization Management, without an end. */
  readonly domainAdmins: readonly Person[];
  readonly organizationManagement: readonly Person[];
  /** A day on which each of them had logged on a moment before. */
  readonly loggedOn: Day;
  /** Members of Domain Admins until two hours after the look; the day of the look, since the end is dated. */
  readonly temporary?: { readonly day: Day; readonly people: readonly Person[] };
};

export type AccessDrafts = Required<Pick<Drafts, 'admins' | 'mfa'>>;

const domain = 'S-1-5-21-1004336348-1177238915-682003330';
const groups = {
  'Domain Admins': `${domain}-512`,
  'Organization Management': `${domain}-1110`,
  'Exchange Trusted Subsystem': `${domain}-1111`,
} as const;
/** The server's own account. */
const server = `${domain}-1112`;

/** People of the replay; every name is invented. */
const numbers = { alice: 1104, bob: 1105, dana: 1106, erik: 1107, exadmin: 1108, contractor: 1109 } as const;
export type Person = keyof typeof numbers;

const distinguished = (name: string, sid: string): string =>
  `<GUID=00000000-0000-0000-0000-000000000000>;<SID=${sid}>;CN=${name},CN=Users,DC=corp,DC=example`;
const member = (name: Person): string => distinguished(name, `${domain}-${numbers[name]}`);

/** What the directory says of a SID that it is asked for. */
function directoryRow(sid: string, state: AccessState): object {
  const readAt = `${state.temporary?.day ?? '2020-07-01'}T22:59:45.0000000Z`;
  const common = { Asked: sid, Found: true, ObjectSid: sid, DomainName: 'CORP', Name: null, ReadAt: readAt };
  const person = (Object.keys(numbers) as Person[]).find((name) => `${domain}-${numbers[name]}` === sid);
  if (person !== undefined)
    return {
      ...common,
      SamAccountName: person,
      ObjectClass: ['top', 'person', 'organizationalPerson', 'user'],
      // 0x200 is a usual account, 0x40000 one that demands a smart card.
      UserAccountControl: state.smartCards === true ? '262656' : '512',
      AdminCount: '1',
      AccountExpires: '9223372036854775807',
      LockoutTime: '0',
      LastLogonTimestamp: filetime(`${state.loggedOn}T08:00:00Z`),
      LogonTimeSyncInterval: '14',
      AuthNPolicySilo: null,
    };
  if (sid === server)
    return {
      ...common,
      SamAccountName: 'SRV1$',
      ObjectClass: ['top', 'person', 'organizationalPerson', 'user', 'computer'],
      UserAccountControl: '4096',
    };
  const lists: Readonly<Record<string, readonly string[]>> = {
    [groups['Domain Admins']]: [
      ...state.domainAdmins.map(member),
      ...(state.temporary?.people ?? []).map((name) => `<TTL=7200>,${member(name)}`),
    ],
    [groups['Organization Management']]: state.organizationManagement.map(member),
    [groups['Exchange Trusted Subsystem']]: [distinguished('SRV1', server)],
    [`${domain}-525`]: [],
  };
  const members = lists[sid];
  if (members === undefined) return { Asked: sid, Found: false };
  return {
    ...common,
    SamAccountName: Object.entries(groups).find(([, each]) => each === sid)?.[0] ?? 'Protected Users',
    ObjectClass: ['top', 'group'],
    Members: members,
    MembersComplete: true,
    PrimaryMembers: [],
  };
}

/** The bytes of a SID in base64, as objectSid has them. */
function sidBytes(sid: string): string {
  const [, , authority, ...rest] = sid.split('-');
  const bytes = Buffer.alloc(8 + 4 * rest.length);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(rest.length, 1);
  bytes.writeUIntBE(Number(authority), 2, 6);
  for (const [at, part] of rest.entries()) bytes.writeUInt32LE(Number(part), 8 + 4 * at);
  return bytes.toString('base64');
}

/** FILETIME: tenths of a microsecond since 1601. */
function filetime(instant: string): string {
  return String((BigInt(Date.parse(instant)) + 11_644_473_600_000n) * 10_000n);
}

const machineSid = 'S-1-5-21-1111111111-2222222222-3333333333';

/** Setup of Exchange puts Organization Management and its own servers among the administrators of a server. */
const administrators = {
  Sid: 'S-1-5-32-544',
  Found: true,
  Name: 'Administrators',
  Members: [
    { Path: 'WinNT://CORP/SRV1/Administrator', ObjectSid: sidBytes(`${machineSid}-500`), Error: null },
    ...Object.entries(groups).map(([name, sid]) => ({
      Path: `WinNT://CORP/${name}`,
      ObjectSid: sidBytes(sid),
      Error: null,
    })),
  ],
};

const localAccounts = {
  Source: 'Get-LocalUser',
  Accounts: [
    {
      Name: 'Administrator',
      SID: `${machineSid}-500`,
      Enabled: false,
      PasswordRequired: true,
      PasswordExpires: null,
      PasswordLastSet: null,
      AccountExpires: null,
      LastLogon: null,
    },
  ],
};

/** Nobody but the system runs tasks and services on this server. */
const quiet = { UserId: 'SYSTEM', TaskName: 'Defrag', TaskPath: '\\Microsoft\\Windows\\', State: 'Ready' };

function answers(state: AccessState): (name: string, parameters: object | undefined) => unknown {
  const given: Readonly<Record<string, unknown>> = {
    ...exchangeAnswers(state),
    'local-accounts': localAccounts,
    'scheduled-tasks': [{ ...quiet, RunLevel: 'Highest', LogonType: 'ServiceAccount', GroupId: '' }],
  };
  return (name, parameters) => {
    const list = (key: string): readonly string[] =>
      parameters !== undefined && key in parameters
        ? ((Object.entries(parameters).find(([each]) => each === key)?.[1] ?? []) as readonly string[])
        : [];
    if (name === 'directory-objects') return list('subjects').map((sid) => directoryRow(sid, state));
    if (name === 'local-groups')
      return list('sids').map((sid) => (sid === administrators.Sid ? administrators : { Sid: sid, Found: false }));
    if (name === 'account-sids') return list('names').map((each) => ({ Name: each, Sid: null }));
    return given[name];
  };
}

/** The recorded server, with its directory and its Exchange in the given state. */
function machineIn(recorded: Machine, state: AccessState): Machine {
  const answer = answers(state);
  return {
    ...recorded,
    query: (name, limits, parameters) => {
      const value = answer(name, parameters);
      return value === undefined ? recorded.query(name, limits, parameters) : Promise.resolve({ outcome: 'ok', value });
    },
  };
}

export async function collectAccess(state: AccessState): Promise<AccessDrafts> {
  const opened = openRecording(recording);
  if (!opened.ok) throw new Error(opened.refusal.message);
  const door = openHost(machineIn(opened.value.machine, state));
  const digests = digestsWith(createHash('sha256').update('replay mail-access').digest());
  const drafts: Drafts = {};
  for (const collector of [admins, mfa])
    Object.assign(drafts, await collector.collect(door.forCollector(collector.name).host, digests));
  const { admins: who, mfa: ways } = drafts;
  if (who === undefined || ways === undefined) throw new Error('a collector made no document');
  return { admins: who, mfa: ways };
}
