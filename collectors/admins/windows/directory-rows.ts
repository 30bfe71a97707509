/** Raw objects of the directory as what they mean: groups with their members, accounts with their flags. Pure. */
import type { Moment, WindowsAccount } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { queryErrorReason } from '../../query-error.ts';
import {
  flagOf,
  integerOf,
  momentOf,
  momentOfFiletime,
  objectOf,
  type Raw,
  rowsOf,
  textOf,
  textsOf,
} from '../../raw-objects.ts';
import { toText } from '../../text.ts';
import { capped, type ListedGroup, type ListedMember } from './local-rows.ts';
import { sidOf, sidOfBytes } from './sid.ts';

export type DirectoryObject = {
  readonly sid: string;
  readonly name: string | undefined;
  readonly kind: 'user' | 'group' | 'computer' | 'managed-service-account' | 'foreign';
  readonly account: WindowsAccount | undefined;
  readonly group: ListedGroup | undefined;
  /** Seconds since 1970 when the directory was read, for time-bound memberships. */
  readonly readAt: number | undefined;
  /** SIDs of silo, flags and the like are of no use to groups; the name of the authentication silo. */
  readonly silo: string | undefined;
};

export type DirectoryAnswer = {
  readonly found: ReadonlyMap<string, DirectoryObject>;
  /** SIDs that the directory does not know. */
  readonly unknown: ReadonlySet<string>;
  /** Reason by SID or by the name that was asked for. */
  readonly failed: ReadonlyMap<string, string>;
  /** SID by the name that was asked for. */
  readonly byName: ReadonlyMap<string, string>;
};

/** One row for each that was asked: `Asked`, `Found`, `Error`, and the object's attributes. */
export function parseDirectoryObjects(value: unknown): Parsed<DirectoryAnswer> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const found = new Map<string, DirectoryObject>();
  const unknown = new Set<string>();
  const failed = new Map<string, string>();
  const byName = new Map<string, string>();
  for (const row of rows.value) {
    const asked = textOf(row['Asked']);
    const there = flagOf(row['Found']);
    if (asked === undefined || there === undefined) return unparsed('row-without-subject');
    const error = queryErrorReason(row['Error']);
    if (there) {
      const object = directoryObject(row);
      if (object === undefined) failed.set(asked, 'unexpected-object');
      else {
        found.set(object.sid, object);
        if (object.sid !== asked) byName.set(asked, object.sid);
      }
    } else if (error === undefined || error === noSuchObject) unknown.add(asked);
    else failed.set(asked, error);
  }
  return parsed({ found, unknown, failed, byName });
}

/** LDAP: there is no such object. */
const noSuchObject = 'hresult-0x80072030';

const flags = {
  disabled: 0x2,
  lockedOut: 0x10,
  passwordNotRequired: 0x20,
  neverExpires: 0x1_00_00,
  smartCard: 0x4_00_00,
  unconstrained: 0x8_00_00,
  notDelegated: 0x10_00_00,
} as const;

function directoryObject(row: Raw): DirectoryObject | undefined {
  const sid = sidOf(row['ObjectSid']);
  const classes = (textsOf(row['ObjectClass']) ?? []).map((each) => each.toLowerCase());
  const kind = kindOf(classes);
  if (sid === undefined || kind === undefined) return undefined;
  const name = textOf(row['SamAccountName']) ?? textOf(row['Name']);
  const domain = textOf(row['DomainName']);
  const full = name === undefined ? undefined : domain === undefined ? name : `${domain}\\${name}`;
  const silo = textOf(row['AuthNPolicySilo']);
  return {
    sid,
    name: full,
    kind,
    silo: silo === undefined ? undefined : (/^CN=([^,]{1,256})/i.exec(silo)?.[1] ?? silo.slice(0, 256)),
    account: kind === 'group' || kind === 'foreign' ? undefined : directoryAccount(sid, full, kind, row),
    group: kind === 'group' ? directoryGroup(sid, full, row) : undefined,
    readAt: secondsOf(momentOf(row['ReadAt'])),
  };
}

function kindOf(classes: readonly string[]): DirectoryObject['kind'] | undefined {
  if (classes.includes('msds-groupmanagedserviceaccount') || classes.includes('msds-managedserviceaccount'))
    return 'managed-service-account';
  if (classes.includes('computer')) return 'computer';
  if (classes.includes('group')) return 'group';
  if (classes.includes('foreignsecurityprincipal')) return 'foreign';
  return classes.includes('user') ? 'user' : undefined;
}

function directoryAccount(
  sid: string,
  name: string | undefined,
  kind: NonNullable<WindowsAccount['kind']>,
  row: Raw,
): WindowsAccount {
  const control = integerOf(row['UserAccountControl']);
  const has = (flag: number): boolean => control !== undefined && (control & flag) !== 0;
  const changed = momentOfFiletime(row['PwdLastSet']);
  const logon = momentOfFiletime(row['LastLogonTimestamp']);
  const sync = integerOf(row['LogonTimeSyncInterval']) ?? 14;
  const expires = momentOfFiletime(row['AccountExpires']);
  const lockout = textOf(row['LockoutTime']) ?? integerOf(row['LockoutTime']);
  return {
    sid,
    view: 'directory',
    kind,
    ...(name !== undefined && { name: toText(name) }),
    ...(control !== undefined && {
      enabled: !has(flags.disabled),
      passwordRequired: !has(flags.passwordNotRequired),
      passwordNeverExpires: has(flags.neverExpires),
      smartCardRequired: has(flags.smartCard),
      delegation: has(flags.unconstrained) ? 'unconstrained' : 'none',
      notDelegated: has(flags.notDelegated),
    }),
    ...(lockout !== undefined && { lockedOut: String(lockout) !== '0' }),
    ...(changed !== undefined && { passwordChangedAt: changed }),
    ...((row['PwdLastSet'] === '0' || row['PwdLastSet'] === 0) && { mustChangePassword: true }),
    ...(logon !== undefined && { lastLogonAt: logon, lastLogonPrecisionDays: Math.min(366, Math.max(0, sync)) }),
    ...(expires !== undefined && { expiresAt: expires }),
    ...('AdminCount' in row && { adminCount: integerOf(row['AdminCount']) === 1 }),
  };
}

/** `Members` as the directory writes them with the extended form of names, `PrimaryMembers` by their primary group. */
function directoryGroup(sid: string, name: string | undefined, row: Raw): ListedGroup {
  const listed = textsOf(row['Members']);
  const primary = textsOf(row['PrimaryMembers']);
  const members = new Map<string, ListedMember>();
  let unread: string | undefined;
  for (const text of listed ?? []) {
    const member = memberOf(text);
    if (member === undefined) unread ??= 'member-without-sid';
    else members.set(member.sid, member);
  }
  for (const text of primary ?? []) {
    const member = sidOf(text);
    if (member === undefined) unread ??= 'member-without-sid';
    else if (!members.has(member)) members.set(member, { sid: member, primary: true });
  }
  const cut = flagOf(row['MembersComplete']) === true ? undefined : 'members-cut';
  const reason =
    queryErrorReason(row['MembersError']) ??
    (listed === undefined || primary === undefined ? 'unexpected-object' : (unread ?? cut));
  return capped({ sid, name, members: [...members.values()], reason });
}

/** `<TTL=6987>,<GUID=…>;<SID=S-1-5-21-…>;CN=Alice,…`, the SID as text or as hexadecimal bytes. */
export function memberOf(text: string): (ListedMember & { readonly sid: string }) | undefined {
  const ttl = /^<TTL=([0-9]{1,10})>,/i.exec(text)?.[1];
  const written = /<SID=(S-1-[0-9-]{1,200}|[0-9a-f]{16,160})>/i.exec(text)?.[1];
  const sid = written === undefined ? undefined : (sidOf(written) ?? sidOfHex(written));
  if (sid === undefined) return undefined;
  const name = /;CN=((?:\\.|[^,\\]){1,256})/i.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1');
  return { sid, ...(name !== undefined && { name }), ...(ttl !== undefined && { ttl: Number(ttl) }) };
}

function sidOfHex(text: string): string | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return sidOfBytes(bytes);
}

function secondsOf(moment: Moment | undefined): number | undefined {
  return moment === undefined || !('at' in moment) ? undefined : Math.floor(Date.parse(moment.at) / 1000);
}

export type DirectoryRoot = {
  readonly domainSid: string;
  readonly forestRootSid: string;
  readonly timeBound: boolean | undefined;
  /** Whether the machine's own object has a password of LAPS that runs out, and when. */
  readonly lapsExpires: Moment | undefined;
  readonly legacyLapsExpires: Moment | undefined;
};

export function parseDirectoryRoot(value: unknown): Parsed<DirectoryRoot> {
  const object = objectOf(value);
  if (!object.ok) return object;
  const row = object.value;
  const domainSid = sidOf(row['DomainSid']);
  if (domainSid === undefined) return unparsed('no-domain-sid');
  return parsed({
    domainSid,
    forestRootSid: sidOf(row['ForestRootSid']) ?? domainSid,
    timeBound: flagOf(row['TimeBoundMemberships']),
    lapsExpires: momentOfFiletime(row['LapsExpires']),
    legacyLapsExpires: momentOfFiletime(row['LegacyLapsExpires']),
  });
}
