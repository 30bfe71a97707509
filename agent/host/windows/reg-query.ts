/**
 * What `reg.exe query KEY` prints, for a machine whose PowerShell is not there or is forbidden. Names
 * and types are the same in every language; only the name of the unnamed value is translated.
 *
 *     HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion
 *         CurrentBuildNumber    REG_SZ    20348
 *         UBR    REG_DWORD    0xa8c
 *
 *     HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Accessibility
 */
import type { RegistryKey } from '../host.ts';
import type { Raw } from '../machine.ts';

const valueLine = /^ {4}(.*?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/;

/** `key` in full. Fails where a line is none that we know: a line passed over would be a value that nobody sees. */
export function parseRegQuery(text: string, key: string): Raw<RegistryKey> {
  const values: Record<string, { type: string; value: unknown }> = {};
  const keys: string[] = [];
  let isOwn = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const found = valueLine.exec(line);
    if (found === null) {
      const named = line.trimEnd();
      isOwn = named.toLowerCase() === key.toLowerCase();
      if (isOwn) continue;
      if (!named.toLowerCase().startsWith(`${key.toLowerCase()}\\`)) return failed;
      keys.push(named.slice(key.length + 1));
      continue;
    }
    if (!isOwn) return failed;
    const [, name = '', type = '', data = ''] = found;
    // `(Default)`, `(Standard)`, `(par défaut)`: a name in parentheses that stands for none.
    values[/^\(.*\)$/.test(name) ? '' : name] = { type, value: valueOf(type, data) };
  }
  return { outcome: 'ok', value: { values, keys } };
}

const failed = { outcome: 'failed', reason: 'answer-not-understood' } as const;

function valueOf(type: string, data: string): unknown {
  switch (type) {
    case 'REG_DWORD':
      return /^0x[0-9a-f]{1,8}$/i.test(data) ? Number.parseInt(data, 16) : data;
    case 'REG_QWORD':
      return /^0x[0-9a-f]{1,16}$/i.test(data) ? String(BigInt(data)) : data;
    case 'REG_MULTI_SZ':
      return data === '' ? [] : data.split(String.raw`\0`);
    case 'REG_BINARY':
      return Buffer.from(data, 'hex').toString('base64');
    default:
      return data;
  }
}
