/** Values of registry keys, with what their absence means. Pure. */
import type { Answer, RegistryKey } from '../agent/host/host.ts';
import type { Unseen } from '../schemas/generated/types.ts';
import { missed, unseen } from './fact.ts';

/** A number (REG_DWORD, or REG_SZ with digits); undefined where the value is not there or is none. */
export function registryNumber(key: RegistryKey, name: string): number | undefined {
  const value = registryValue(key, name);
  if (typeof value === 'string' && /^\d{1,15}$/.test(value.trim())) return Number(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** Text that is not empty (REG_SZ, REG_EXPAND_SZ). */
export function registryText(key: RegistryKey, name: string): string | undefined {
  const value = registryValue(key, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list of texts (REG_MULTI_SZ). */
export function registryTexts(key: RegistryKey, name: string): readonly string[] | undefined {
  const value = registryValue(key, name);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}

/** The value under a name, which the registry compares without regard to case. */
export function registryValue({ values = {} }: RegistryKey, name: string): unknown {
  const lower = name.toLowerCase();
  const found = Object.keys(values).find((each) => each.toLowerCase() === lower);
  return found === undefined ? undefined : values[found]?.value;
}

/** An empty key where there is none, which for policies means that nothing is set; the miss where it could not be read. */
export function keyOrNothing(answer: Answer<RegistryKey>): RegistryKey | Unseen {
  if (answer.status === 'observed') return answer.value;
  return answer.status === 'absent' ? { values: {}, keys: [] } : missed(answer);
}

/** Whether a key is there; undefined where nobody could look. */
export function keyIsThere(answer: Answer<RegistryKey>): boolean | undefined {
  return answer.status === 'observed' ? true : answer.status === 'absent' ? false : undefined;
}

export function isUnseen(value: RegistryKey | Unseen): value is Unseen {
  return 'status' in value;
}

/** The fact that a value is not there, of a key that was read. */
export function noValue(source: string): Unseen {
  return unseen('absent', 'no-such-value', [source]);
}
