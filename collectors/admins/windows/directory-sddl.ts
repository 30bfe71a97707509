/**
 * What the security descriptor of an object of the directory lets whom do ([MS-DTYP] 2.5.1, [MS-ADTS] 5.1.3), as far
 * as it opens a way to the domain. Rules for the objects below alone are left out: they do not hold for this one.
 */
import type { DirectoryGrant } from '../../../schemas/generated/types.ts';

type Right = DirectoryGrant['right'];

/** Two letters of SDDL for principals of every domain ([MS-DTYP] 2.4.2.4); numbers are relative to the domain. */
const builtin: Readonly<Record<string, string>> = {
  AN: 'S-1-5-7',
  AO: 'S-1-5-32-548',
  AU: 'S-1-5-11',
  BA: 'S-1-5-32-544',
  BG: 'S-1-5-32-546',
  BO: 'S-1-5-32-551',
  BU: 'S-1-5-32-545',
  CG: 'S-1-3-1',
  CO: 'S-1-3-0',
  CY: 'S-1-5-32-569',
  ED: 'S-1-5-9',
  IU: 'S-1-5-4',
  LS: 'S-1-5-19',
  MU: 'S-1-5-32-558',
  NO: 'S-1-5-32-556',
  NS: 'S-1-5-20',
  NU: 'S-1-5-2',
  OW: 'S-1-3-4',
  PO: 'S-1-5-32-550',
  PS: 'S-1-5-10',
  PU: 'S-1-5-32-547',
  RD: 'S-1-5-32-555',
  RE: 'S-1-5-32-552',
  RU: 'S-1-5-32-554',
  SO: 'S-1-5-32-549',
  SU: 'S-1-5-6',
  SY: 'S-1-5-18',
  WD: 'S-1-1-0',
};
const ofDomain: Readonly<Record<string, number>> = {
  AP: 525,
  CA: 517,
  CN: 522,
  DA: 512,
  DC: 515,
  DD: 516,
  DG: 514,
  DU: 513,
  KA: 526,
  LA: 500,
  LG: 501,
  PA: 520,
  RS: 553,
};
const ofForest: Readonly<Record<string, number>> = { EA: 519, EK: 527, RO: 498, SA: 518 };

const bits: Readonly<Record<string, number>> = {
  CC: 0x1,
  DC: 0x2,
  LC: 0x4,
  SW: 0x8,
  RP: 0x10,
  WP: 0x20,
  DT: 0x40,
  LO: 0x80,
  CR: 0x1_00,
  SD: 0x1_00_00,
  RC: 0x2_00_00,
  WD: 0x4_00_00,
  WO: 0x8_00_00,
  GA: 0x10_00_00_00,
  GX: 0x20_00_00_00,
  GW: 0x40_00_00_00,
  GR: 0x80_00_00_00,
};
const fullControl = 0xf_01_ff;
const [selfWrite, writeProperty, controlAccess] = [0x8, 0x20, 0x1_00];

/** Extended rights ([MS-ADTS] 5.1.3.2.1). */
const extended: Readonly<Record<string, Right>> = {
  '1131f6aa-9c07-11d1-f79f-00c04fc2dcd2': 'replicate-changes',
  '1131f6ad-9c07-11d1-f79f-00c04fc2dcd2': 'replicate-changes-all',
};
/** Attributes that alone make a way: members, keys to log on with, who may act for others, policies. */
const attributes: Readonly<Record<string, Right>> = {
  'bf9679c0-0de6-11d0-a285-00aa003049e2': 'write-members',
  '5b47d60f-6090-40b2-9f37-2a4de88f3063': 'write-keys',
  '3f78c3e5-f79a-46bd-a0b8-9d18116ddc79': 'write-delegation',
  'f30e3bbe-9ff0-11d1-b603-0000f80367c1': 'write-policies',
};

export type Naming = { readonly domainSid: string; readonly forestRootSid: string };

/** Undefined for what is no descriptor with an owner and access rules, or names somebody whom nobody knows by it. */
export function directoryGrants(sddl: string, naming: Naming): DirectoryGrant[] | undefined {
  const owner = /^O:([A-Z]{2}|S-1-[0-9-]+)/.exec(sddl)?.[1];
  const rules = accessRules(sddl);
  const ownerSid = owner === undefined ? undefined : sidOfLetters(owner, naming);
  if (ownerSid === undefined || rules === undefined) return undefined;
  if (rules === 'none') return [{ sid: 'S-1-1-0', right: 'full-control' }];
  const grants = new Map<string, DirectoryGrant>([[`${ownerSid} owner`, { sid: ownerSid, right: 'owner' }]]);
  for (const [type = '', flags = '', rights = '', object = '', , who = ''] of rules) {
    if (!/^(?:A|OA|XA|ZA)$/.test(type) || /^(?:..)*IO/.test(flags)) continue;
    const mask = maskOf(rights);
    const sid = sidOfLetters(who, naming);
    if (mask === undefined || sid === undefined) return undefined;
    for (const right of rightsOf(mask, object.toLowerCase())) grants.set(`${sid} ${right}`, { sid, right });
  }
  return [...grants.values()].toSorted((a, b) => (`${a.sid} ${a.right}` < `${b.sid} ${b.right}` ? -1 : 1));
}

/** Whom an object takes word from: everyone whom its rules let in at all. */
export function trustedBy(sddl: string, naming: Naming): string[] | undefined {
  const rules = accessRules(sddl);
  if (rules === undefined) return undefined;
  if (rules === 'none') return ['S-1-1-0'];
  const sids = rules
    .filter(([type = '']) => /^(?:A|OA|XA|ZA)$/.test(type))
    .map(([, , , , , who = '']) => sidOfLetters(who, naming));
  return sids.every((sid) => sid !== undefined) ? [...new Set(sids)].toSorted() : undefined;
}

/**
 * The fields of each rule of the list; `none` where the object has no list, which lets everybody do everything
 * ([MS-DTYP] 2.4.5). Undefined unless all of the list was read: a rule that is passed over may be the one that counts.
 */
function accessRules(sddl: string): readonly (readonly string[])[] | 'none' | undefined {
  const list = /D:([A-Z_]*)((?:\([^()]*(?:\([^()]*\)[^()]*)*\))*)(.*)$/s.exec(sddl);
  if (list === null) return undefined;
  const [, flags = '', text = '', rest = ''] = list;
  if (flags.includes('NO_ACCESS_CONTROL')) return 'none';
  if (rest !== '' && !rest.startsWith('S:')) return undefined;
  const rules = (text.match(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g) ?? []).map((rule) => rule.slice(1, -1).split(';'));
  return rules.every((fields) => fields.length >= 6) ? rules : undefined;
}

function rightsOf(mask: number, object: string): Right[] {
  const has = (bit: number): boolean => (mask & bit) !== 0;
  const everything = object === '';
  if (everything && (has(0x10_00_00_00) || (mask & fullControl) === fullControl)) return ['full-control'];
  const found: Right[] = [];
  if (has(0x4_00_00)) found.push('write-rules');
  if (has(0x8_00_00)) found.push('take-ownership');
  if (everything && (has(writeProperty) || has(0x40_00_00_00))) found.push('write-all');
  if (everything && has(controlAccess)) found.push('all-extended-rights');
  const named = extended[object];
  if (named !== undefined && has(controlAccess)) found.push(named);
  const attribute = attributes[object];
  if (attribute !== undefined && (has(writeProperty) || (attribute === 'write-members' && has(selfWrite))))
    found.push(attribute);
  return found;
}

function maskOf(rights: string): number | undefined {
  if (/^0x[0-9a-f]{1,8}$/i.test(rights)) return Number.parseInt(rights, 16);
  if (!/^(?:[A-Z]{2})*$/.test(rights)) return undefined;
  let mask = 0;
  for (const pair of rights.match(/../g) ?? []) {
    const bit = bits[pair];
    if (bit === undefined) return undefined;
    mask |= bit;
  }
  return mask;
}

function sidOfLetters(text: string, { domainSid, forestRootSid }: Naming): string | undefined {
  if (/^S-1-[0-9-]{1,180}$/.test(text)) return text;
  const [own, forest] = [ofDomain[text], ofForest[text]];
  if (own !== undefined) return `${domainSid}-${own}`;
  return forest === undefined ? builtin[text] : `${forestRootSid}-${forest}`;
}
