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

const all = 'CCDCLCSWRPWPDTLOCRSDRCWDWO';
/** As a new domain gives them: SYSTEM, Domain Admins and Administrators may do everything, everybody may look. */
export const groupRules = `O:DAG:DAD:AI(A;;${all};;;SY)(A;;${all};;;DA)(A;;${all};;;BA)(A;;LCRPLORC;;;AU)`;
export const holderRules = `O:DAG:DAD:PAI(A;;${all};;;SY)(A;;CCDCLCSWRPWPLOCRRCWDWO;;;DA)(A;;CCDCLCSWRPWPLOCRRCWDWO;;;EA)(A;;${all};;;BA)(A;;LCRPLORC;;;AU)(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD)`;
const [replicate, replicateAll] = ['1131f6aa-9c07-11d1-f79f-00c04fc2dcd2', '1131f6ad-9c07-11d1-f79f-00c04fc2dcd2'];
/** Administrators and controllers replicate; what holds for objects below alone stands among the rest. */
export const headRules = `O:BAG:BAD:AI(OA;;CR;${replicate};;BA)(OA;;CR;${replicateAll};;BA)(OA;;CR;${replicate};;ED)(OA;;CR;${replicateAll};;DD)(OA;;CR;${replicate};;RO)(OA;CIIO;RPWP;5b47d60f-6090-40b2-9f37-2a4de88f3063;bf967aba-0de6-11d0-a285-00aa003049e2;KA)(OA;CI;RPWP;5b47d60f-6090-40b2-9f37-2a4de88f3063;;KA)(A;;CCLCSWRPWPLOCRRCWDWO;;;DA)(A;CI;${all};;;EA)(A;CI;LC;;;RU)(A;;RPLCLORC;;;AU)(A;CI;CCLCSWRPWPLOCRSDRCWDWO;;;BA)(A;;${all};;;SY)`;
/** Whoever has both of these takes every secret. */
export const replication = (sid: string): string => `(OA;;CR;${replicate};;${sid})(OA;;CR;${replicateAll};;${sid})`;

/** The search for whatever is trusted to act for others. */
export const delegated =
  '(|(userAccountControl:1.2.840.113556.1.4.803:=524288)(msDS-AllowedToActOnBehalfOfOtherIdentity=*))';

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
        nTSecurityDescriptor: [groupRules],
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
    [`${naming}|(objectClass=*)|Base`]: [
      { objectSid: [domain], 'msDS-LogonTimeSyncInterval': ['14'], nTSecurityDescriptor: [headRules] },
    ],
    [`CN=AdminSDHolder,CN=System,${naming}|(objectClass=*)|Base`]: [{ nTSecurityDescriptor: [holderRules] }],
    [`OU=Domain Controllers,${naming}|(objectClass=*)|Base`]: [{ nTSecurityDescriptor: [groupRules] }],
    [`CN=Partitions,${configuration}|(objectClass=*)|Base`]: [
      { 'msDS-EnabledFeature': [`CN=Privileged Access Management Feature,CN=Optional Features,${configuration}`] },
    ],
    [`${naming}|(&(objectCategory=computer)(sAMAccountName=SRV1$))|Subtree`]: [
      { 'msLAPS-PasswordExpirationTime': [filetime('2026-12-20T00:00:00Z')] },
    ],
    ...more,
  };
}
