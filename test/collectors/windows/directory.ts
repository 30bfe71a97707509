/** A recorded directory: what LDAP gives for each base, filter and scope. */
import type { RecordedWindows } from '../../powershell/engine.ts';
import { domain, filetime } from './identities.ts';

/** Domain naming of the recorded directory. */
export const naming = 'DC=corp,DC=example';
export const configuration = `CN=Configuration,${naming}`;

export function distinguished(name: string, sid: string, ttl?: number): string {
  const plain = `<GUID=00000000-0000-0000-0000-000000000000>;<SID=${sid}>;CN=${name},CN=Users,${naming}`;
  return ttl === undefined ? plain : `<TTL=${ttl}>,${plain}`;
}

export type Entry = Readonly<Record<string, readonly string[]>>;

export function user(name: string, rid: number, more: Entry = {}): Record<string, readonly Entry[]> {
  const sid = `${domain}-${rid}`;
  return {
    [`<SID=${sid}>|(objectClass=*)|Base`]: [
      {
        distinguishedName: [distinguished(name, sid)],
        objectSid: [sid],
        objectClass: ['top', 'person', 'organizationalPerson', 'user'],
        sAMAccountName: [name],
        userAccountControl: ['512'],
        pwdLastSet: [filetime('2026-10-01T08:00:00Z')],
        lastLogonTimestamp: [filetime('2026-11-20T08:00:00Z')],
        accountExpires: ['9223372036854775807'],
        lockoutTime: ['0'],
        adminCount: ['1'],
        ...more,
      },
    ],
  };
}

export function group(
  name: string,
  sid: string,
  members: readonly string[],
  primary: readonly string[] = [],
): Record<string, readonly Entry[]> {
  const plain = `CN=${name},CN=Users,${naming}`;
  const rid = sid.slice(sid.lastIndexOf('-') + 1);
  return {
    [`<SID=${sid}>|(objectClass=*)|Base`]: [
      {
        distinguishedName: [distinguished(name, sid)],
        objectSid: [sid],
        objectClass: ['top', 'group'],
        sAMAccountName: [name],
      },
    ],
    [`${plain}|(objectClass=*)|Base`]: [{ member: members }],
    [`${naming}|(primaryGroupID=${rid})|Subtree`]: primary.map((each) => ({ objectSid: [each] })),
  };
}

export function directory(more: Record<string, readonly Entry[]>): NonNullable<RecordedWindows['ldap']> {
  return {
    '|(objectClass=*)|Base': [
      {
        defaultNamingContext: [naming],
        rootDomainNamingContext: [naming],
        configurationNamingContext: [configuration],
      },
    ],
    [`${naming}|(objectClass=*)|Base`]: [{ objectSid: [domain], 'msDS-LogonTimeSyncInterval': ['14'] }],
    [`CN=Partitions,${configuration}|(objectClass=*)|Base`]: [
      { 'msDS-EnabledFeature': [`CN=Privileged Access Management Feature,CN=Optional Features,${configuration}`] },
    ],
    [`${naming}|(&(objectCategory=computer)(sAMAccountName=SRV1$))|Subtree`]: [
      { 'msLAPS-PasswordExpirationTime': [filetime('2026-12-20T00:00:00Z')] },
    ],
    ...more,
  };
}
