/** Who asks on Windows, from the query session. Pure. */
import type { Identity } from '../host.ts';
import type { PrivilegeHeld } from '../machine.ts';

type Loose = Readonly<Record<string, unknown>>;
/** The well-known SID of LocalSystem (MS-DTYP 2.4.2.4). */
const localSystem = 'S-1-5-18';
/** The integrity level `high`: an elevated token. */
const highIntegrity = /\bS-1-16-(?:12288|16384)\b/;

export type WindowsIdentity = { readonly privilege: PrivilegeHeld; readonly identity: Identity };

function loose(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The value of a part that has one. */
function partOf(value: unknown): unknown {
  const part = loose(value);
  return part['error'] === undefined ? part['value'] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * What the session query told, and what Node knows beside it. Rights that nothing shows are not
 * claimed: then `elevated` is missing and the privilege is `user`.
 */
export function readWindowsIdentity(answer: unknown, own: Identity): WindowsIdentity {
  const told = loose(answer);
  const groups: unknown = partOf(told['groups']);
  const lines = Array.isArray(groups) ? groups.map(String) : typeof groups === 'string' ? [groups] : undefined;
  const caller = loose(partOf(told['caller']));
  const asked = caller['elevated'];
  const elevated =
    typeof asked === 'boolean'
      ? asked
      : lines === undefined
        ? undefined
        : lines.some((line) => highIntegrity.test(line));
  const sid = textOf(caller['sid']);
  const user = textOf(caller['user']) ?? textOf(told['account']) ?? own.user;
  const isSystem = sid === localSystem || (lines?.some((line) => line.includes('"S-1-16-16384"')) ?? false);
  return {
    privilege: isSystem ? 'system' : elevated === true ? 'administrator' : 'user',
    identity: {
      ...own,
      ...(user !== undefined && { user }),
      ...(elevated !== undefined && { elevated: elevated || isSystem, capabilities: [] }),
    },
  };
}
