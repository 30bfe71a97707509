/** Security identifiers ([MS-DTYP] 2.4.2), and the groups that open a way to administrator. */
import { fromBase64 } from '../../text.ts';

const text = /^S-1-[0-9]{1,15}(?:-[0-9]{1,10}){0,15}$/;

/** `S-1-5-32-544` as it stands, or base64 of its bytes; undefined where it is neither. */
export function sidOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (text.test(value)) return value;
  const bytes = fromBase64(value);
  return bytes === undefined ? undefined : sidOfBytes(bytes);
}

/** Revision 1, a count, six bytes of authority with the highest first, then numbers with the lowest byte first. */
export function sidOfBytes(bytes: Uint8Array): string | undefined {
  const [revision, count = 0] = bytes;
  if (revision !== 1 || count > 15 || bytes.length !== 8 + 4 * count) return undefined;
  let authority = 0;
  for (const byte of bytes.subarray(2, 8)) authority = authority * 256 + byte;
  let sid = `S-1-${authority}`;
  for (let at = 8; at < bytes.length; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
    sid += `-${a + b * 0x1_00 + c * 0x1_00_00 + d * 0x1_00_00_00}`;
  }
  return sid;
}

/** What stands before the last number of an account's SID: the machine or domain that made it. */
export function authorityOf(sid: string): string | undefined {
  return /^(S-1-5-21-[0-9]+-[0-9]+-[0-9]+)-[0-9]+$/.exec(sid)?.[1];
}

/** The last number. */
export function ridOf(sid: string): number | undefined {
  const rid = /-([0-9]+)$/.exec(sid)?.[1];
  return rid === undefined ? undefined : Number(rid);
}

/** Local groups that are read on every machine but a domain controller (well-known RIDs of S-1-5-32). */
export const localGroupRids = [544, 551, 547, 555, 580, 578, 562, 556, 573] as const;
/** Builtin groups of a domain, which are those of its controllers. */
const controllerRids = [544, 548, 549, 550, 551, 555, 578, 580] as const;
/** Domain Admins, Domain Controllers, Group Policy Creator Owners, Protected Users, Key Admins, read-only controllers. */
const domainRids = [512, 516, 520, 525, 526, 521] as const;
/** Schema Admins, Enterprise Admins, Enterprise Key Admins and controllers, which are of the forest's root domain. */
const forestRids = [518, 519, 527, 498] as const;

/** The groups to look at on a domain controller, and no others: nobody enumerates a domain. */
export function controllerGroups(domain: string, forestRoot: string): readonly string[] {
  return [
    ...controllerRids.map((rid) => `S-1-5-32-${rid}`),
    ...domainRids.map((rid) => `${domain}-${rid}`),
    ...forestRids.map((rid) => `${forestRoot}-${rid}`),
  ];
}

/** Privileged groups without a SID of their own; these names are not translated. */
export const namedGroups = [
  'DnsAdmins',
  'Organization Management',
  'Exchange Trusted Subsystem',
  'Exchange Windows Permissions',
] as const;

/** Role groups of Exchange (OU Microsoft Exchange Security Groups): whoever is in the first administers all of it. */
export const exchangeGroups = namedGroups.filter((name) => name !== 'DnsAdmins');
/** Present where Exchange is installed. */
export const exchangeSetupKey = String.raw`HKLM\SOFTWARE\Microsoft\ExchangeServer\v15\Setup`;

/** Principals that Windows makes itself and whose members nobody lists. */
export function isWellKnown(sid: string): boolean {
  return /^S-1-(?:[0-4]|1[01568]|5-(?!21-|32-))/.test(sid) && !sid.startsWith('S-1-5-21-');
}

/** LocalSystem, LocalService, NetworkService, and the accounts of services and application pools themselves. */
export function isMachineAccount(sid: string): boolean {
  return /^S-1-5-(?:18|19|20)$|^S-1-5-8[0-9](?:-|$)/.test(sid);
}
