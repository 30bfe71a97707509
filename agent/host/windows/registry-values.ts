/** What the query registry-keys gave, as keys. Pure. */
import { rawList, rawText } from '../../../collectors/raw-json.ts';
import type { RegistryKey } from '../host.ts';
import type { Raw, RawMiss } from '../machine.ts';
import { missOfError } from '../powershell/answer.ts';

/** RegistryValueKind of .NET, by name. */
const types: Readonly<Record<string, string>> = {
  String: 'REG_SZ',
  ExpandString: 'REG_EXPAND_SZ',
  Binary: 'REG_BINARY',
  Bytes: 'REG_BINARY',
  DWord: 'REG_DWORD',
  MultiString: 'REG_MULTI_SZ',
  QWord: 'REG_QWORD',
  None: 'REG_NONE',
  Unknown: 'REG_NONE',
};

type Loose = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Comparable as the registry compares. */
export function keyOf(key: string): string {
  return key.toLowerCase();
}

/** The answers by key; a key that the query did not answer is not in it. */
export function readRegistryAnswer(value: unknown): ReadonlyMap<string, Raw<RegistryKey>> {
  const answers = new Map<string, Raw<RegistryKey>>();
  const list: unknown = isObject(value) ? value['keys'] : undefined;
  for (const each of rawList(list)) {
    if (!isObject(each) || typeof each['key'] !== 'string') continue;
    answers.set(keyOf(each['key']), answerOf(each));
  }
  return answers;
}

function answerOf(each: Loose): Raw<RegistryKey> {
  if (each['error'] !== undefined) return registryMiss(each['error']);
  const values: Record<string, { type: string; value: unknown }> = {};
  for (const [name, told] of Object.entries(isObject(each['values']) ? each['values'] : {})) {
    if (!isObject(told)) return { outcome: 'failed', reason: 'answer-not-understood' };
    const type = types[String(told['kind'])];
    if (type === undefined) return { outcome: 'failed', reason: 'answer-not-understood' };
    values[name] = { type, value: plain(type, told['value']) };
  }
  const below = each['keys'];
  // Names that could not be listed are left out, which the reader of a key tells from none.
  const named = isObject(below) && !('error' in below) ? below['value'] : undefined;
  const keys = isObject(below) && !('error' in below) ? names(named) : undefined;
  return { outcome: 'ok', value: keys === undefined ? { values } : { values, keys } };
}

/**
 * Windows PowerShell writes the names of a provider as `{"value": "…", "PSPath": …}`: strings with members of their own.
 * A name that is not understood costs the whole list, since a key passed over would be taken for absent.
 */
function names(value: unknown): readonly string[] | undefined {
  const list = rawList(value).map((name) => (name === '' ? '' : rawText(name)));
  return list.some((name) => name === undefined) ? undefined : list.filter((name) => name !== undefined).toSorted();
}

/** PowerShell has no unsigned numbers here; one element of a list comes alone. */
function plain(type: string, value: unknown): unknown {
  if (type === 'REG_DWORD' && typeof value === 'number') return value >>> 0;
  if (type === 'REG_MULTI_SZ') return Array.isArray(value) ? value : value === null ? [] : [value];
  if (type === 'REG_BINARY' && Array.isArray(value)) return Buffer.from(value.map(Number)).toString('base64');
  return value;
}

function registryMiss(error: unknown): RawMiss {
  const miss = missOfError(error);
  return miss.outcome === 'absent' ? { outcome: 'absent', reason: 'no-such-key' } : miss;
}
