/** Who may change a file, by its security descriptor (MS-DTYP 2.5.1, SDDL). Pure. */

/** Those who may change anything on the machine anyway: SYSTEM, Administrators, TrustedInstaller. */
const masters = new Set([
  'SY',
  'BA',
  'S-1-5-18',
  'S-1-5-32-544',
  'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464',
]);
/** CREATOR OWNER applies to what is made below; the owner itself is looked at apart. OWNER RIGHTS is the owner. */
const placeholders = new Set(['CO', 'S-1-3-0', 'OW', 'S-1-3-4']);

/** Rights in SDDL's two letters by which a file, or what lies in a folder, can be changed or handed on. */
const changing = new Set(['GA', 'GW', 'FA', 'FW', 'WD', 'WO', 'SD', 'DC', 'LC', 'DT']);
/** The same as bits: write data, append, delete child, delete, WRITE_DAC, WRITE_OWNER, GENERIC_WRITE, GENERIC_ALL. */
const changingBits = 0x0002 | 0x0004 | 0x0040 | 0x10000 | 0x40000 | 0x80000 | 0x40000000 | 0x10000000;
/** On a folder: to add files or folders to it, as every user may in the root of a drive, replaces nothing that is there. */
const adding = new Set(['DC', 'LC']);
const addingBits = 0x0002 | 0x0004;

export type Descriptor = {
  readonly owner: string;
  /** SIDs (or SDDL's letters for them) that an access rule lets change it. */
  readonly changers: readonly string[];
};

/** Undefined for what is no descriptor with an owner and a list of rules; without a list everybody may do everything. */
export function readDescriptor(sddl: string, kind: 'file' | 'folder-above'): Descriptor | undefined {
  const owner = /O:([A-Z]{2}|S-1-[0-9-]+)/.exec(sddl)?.[1];
  const list = /D:([A-Z_]*)((?:\([^()]*(?:\([^()]*\)[^()]*)*\))*)/.exec(sddl);
  if (owner === undefined || list === null || (list[1] ?? '').includes('NO_ACCESS_CONTROL')) return undefined;
  const changers = [...(list[2] ?? '').matchAll(/\(([^;()]*);([^;()]*);([^;()]*);[^;()]*;[^;()]*;([^;()]*)/g)].flatMap(
    ([, type = '', flags = '', rights = '', sid = '']) => {
      // Denials take away; what is only inherited by things below (IO) does not apply here.
      if (!/^(?:A|XA|OA)$/.test(type) || pairs(flags).includes('IO')) return [];
      return canChange(rights, kind) ? [sid] : [];
    },
  );
  return { owner, changers: [...new Set(changers)] };
}

function pairs(text: string): string[] {
  return text.match(/../g) ?? [];
}

function canChange(rights: string, kind: 'file' | 'folder-above'): boolean {
  const ignored = kind === 'folder-above' ? addingBits : 0;
  if (/^0x[0-9a-f]+$/i.test(rights)) return (Number.parseInt(rights, 16) & changingBits & ~ignored) !== 0;
  // The letters are those of directory objects: DC is write data, LC is append, DT is delete child.
  return pairs(rights).some((right) => changing.has(right) && !(kind === 'folder-above' && adding.has(right)));
}

/** Who beside the masters of the machine (and `also`) owns it or may change it; empty where nobody. */
export function strangersIn({ owner, changers }: Descriptor, also: readonly string[] = []): readonly string[] {
  return [owner, ...changers.filter((sid) => !placeholders.has(sid))].filter(
    (sid) => !masters.has(sid) && !also.includes(sid),
  );
}
