/** Raw objects of the queries about local groups and accounts, as what they mean. Pure. */
import type { WindowsAccount } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { queryErrorReason } from '../../query-error.ts';
import { flagOf, momentOf, objectOf, partsOf, type Raw, rowsOf, textOf } from '../../raw-objects.ts';
import { toText } from '../../text.ts';
import { sidOf } from './sid.ts';

export type ListedMember = {
  /** Missing where not even that could be read: then the name stands. */
  readonly sid?: string;
  readonly name?: string;
  /** Seconds that a time-bound membership still has. */
  readonly ttl?: number;
  readonly primary?: true;
};

export type ListedGroup = {
  readonly sid: string;
  readonly name: string | undefined;
  readonly members: readonly ListedMember[];
  /** Why the list is not all; undefined where it is. */
  readonly reason: string | undefined;
};

const maxMembers = 20_000;

/**
 * Local groups: `Sid`, `Found`, `Name`, `Members` with `ObjectSid` (base64), `Error` with its code. A group that
 * this Windows does not have is left out; one that could not be read stands with its reason.
 */
export function parseLocalGroups(value: unknown): Parsed<readonly ListedGroup[]> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const groups: ListedGroup[] = [];
  for (const row of rows.value) {
    const sid = sidOf(row['Sid']);
    const found = flagOf(row['Found']);
    if (sid === undefined || found === undefined) return unparsed('group-without-sid');
    if (found) groups.push(localGroup(sid, row));
    else if (queryErrorReason(row['Error']) !== undefined)
      groups.push({ sid, name: undefined, members: [], reason: queryErrorReason(row['Error']) });
  }
  // Administrators is on every Windows: an answer without it is none.
  return groups.some(({ sid }) => sid === 'S-1-5-32-544') ? parsed(groups) : unparsed('no-administrators-group');
}

function localGroup(sid: string, row: Raw): ListedGroup {
  const listed = partsOf(row['Members']);
  const error = queryErrorReason(row['Error']);
  const members: ListedMember[] = [];
  let unread: string | undefined;
  for (const part of listed ?? []) {
    const path = textOf(part['Path']);
    // A member that this machine cannot name has its SID for a name.
    const member = sidOf(part['ObjectSid']) ?? sidOf(path?.replace(/^WinNT:\/\//i, ''));
    const name = nameOf(path) ?? textOf(part['Name']);
    if (member === undefined && name === undefined) unread ??= queryErrorReason(part['Error']) ?? 'member-without-sid';
    else members.push({ ...(member !== undefined && { sid: member }), ...(name !== undefined && { name }) });
  }
  const reason = error ?? (listed === undefined ? 'unexpected-object' : unread);
  return capped({ sid, name: textOf(row['Name']), members, reason });
}

/** `WinNT://CORP/alice`, `WinNT://CORP/SRV1/Administrator` (an account of this machine, which stands in its domain or workgroup). */
function nameOf(path: string | undefined): string | undefined {
  const parts = /^WinNT:\/\/(?!S-1-)(.+)$/i.exec(path ?? '')?.[1]?.split('/');
  return parts === undefined ? undefined : parts.slice(-2).join('\\');
}

/** A list as long as the document takes it; a longer one is cut, and says so. */
export function capped(group: ListedGroup): ListedGroup {
  return group.members.length > maxMembers
    ? { ...group, members: group.members.slice(0, maxMembers), reason: 'too-many-members' }
    : group;
}

/** Get-LocalUser, or Win32_UserAccount where that is not there; `Source` says which. */
export function parseLocalAccounts(value: unknown): Parsed<readonly WindowsAccount[]> {
  const object = objectOf(value);
  if (!object.ok) return object;
  const rows = partsOf(object.value['Accounts']);
  if (rows === undefined) return unparsed('unexpected-object');
  const accounts: WindowsAccount[] = [];
  for (const row of rows) {
    const sid = sidOf(row['SID'] ?? row['Sid']);
    const enabled = enabledOf(row);
    if (sid === undefined || enabled === undefined) return unparsed('account-without-sid');
    accounts.push(localAccount(sid, enabled, row));
  }
  // The built-in administrator cannot be deleted: a list without it is cut.
  return accounts.some(({ sid }) => /^S-1-5-21-.*-500$/.test(sid))
    ? parsed(accounts.slice(0, 100_000))
    : unparsed('no-built-in-administrator');
}

function enabledOf(row: Raw): boolean | undefined {
  const disabled = flagOf(row['Disabled']);
  return flagOf(row['Enabled']) ?? (disabled === undefined ? undefined : !disabled);
}

function localAccount(sid: string, enabled: boolean, row: Raw): WindowsAccount {
  const name = textOf(row['Name']);
  const required = flagOf(row['PasswordRequired']);
  const changed = momentOf(row['PasswordLastSet']);
  const logon = momentOf(row['LastLogon']);
  const expires = momentOf(row['AccountExpires']);
  const locked = flagOf(row['Lockout']);
  const wmi = flagOf(row['PasswordExpires'] === null ? undefined : row['PasswordExpires']);
  // Get-LocalUser gives a date, or null for never; Win32_UserAccount a flag.
  const never =
    wmi === undefined ? ('PasswordExpires' in row && row['PasswordExpires'] === null ? true : undefined) : !wmi;
  const dated = momentOf(row['PasswordExpires']) !== undefined;
  return {
    sid,
    view: 'local',
    kind: 'user',
    enabled,
    ...(name !== undefined && { name: toText(name) }),
    ...(required !== undefined && { passwordRequired: required }),
    ...(dated ? { passwordNeverExpires: false } : never !== undefined && { passwordNeverExpires: never }),
    ...(changed !== undefined && { passwordChangedAt: changed }),
    ...(logon !== undefined && { lastLogonAt: logon, lastLogonPrecisionDays: 0 }),
    ...(expires !== undefined && { expiresAt: expires }),
    ...(locked !== undefined && { lockedOut: locked }),
  };
}
