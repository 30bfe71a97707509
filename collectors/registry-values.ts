/** Values of registry keys. Names ignore case, as Windows does; a value of another type than asked for is none. */
import type { Answer, Host, RegistryKey } from '../agent/host/host.ts';
import type { Fact } from '../schemas/generated/types.ts';
import { fromAnswer, missed, type Parsed, parsed, unparsed } from './fact.ts';
import { fromBase64 } from './text.ts';

export type RegistryValues = {
  /** A number of REG_DWORD, or of REG_QWORD where it is not past 2^53. */
  number(name: string): number | undefined;
  /** REG_SZ and REG_EXPAND_SZ as they stand, numbers in decimal digits. */
  text(name: string): string | undefined;
  /** REG_BINARY. */
  bytes(name: string): Uint8Array | undefined;
  /** REG_MULTI_SZ, and a single text as a list of one. */
  texts(name: string): readonly string[] | undefined;
  has(name: string): boolean;
  readonly names: readonly string[];
};

type Entry = { readonly type: string; readonly value: unknown };

export function registryValues(values: Readonly<Record<string, Entry>>): RegistryValues {
  const byName = new Map(Object.entries(values).map(([name, entry]) => [name.toLowerCase(), entry]));
  const get = (name: string): Entry | undefined => byName.get(name.toLowerCase());
  return {
    number(name) {
      const entry = get(name);
      if (entry === undefined || !/^REG_[DQ]WORD$/.test(entry.type)) return undefined;
      const value =
        typeof entry.value === 'string' && /^[0-9]{1,20}$/.test(entry.value) ? Number(entry.value) : entry.value;
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
    },
    text(name) {
      const value = get(name)?.value;
      if (typeof value === 'number') return String(value);
      return typeof value === 'string' && get(name)?.type !== 'REG_BINARY' ? value : undefined;
    },
    bytes(name) {
      const entry = get(name);
      return entry?.type === 'REG_BINARY' && typeof entry.value === 'string' ? fromBase64(entry.value) : undefined;
    },
    texts(name) {
      const value = get(name)?.value;
      if (typeof value === 'string') return [value];
      return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
    },
    has: (name) => get(name) !== undefined,
    names: Object.keys(values),
  };
}

export function registryFact<T>(answer: Answer<RegistryKey>, parse: (values: RegistryValues) => Parsed<T>): Fact<T> {
  return fromAnswer(answer, ({ values }) =>
    values === undefined ? unparsed('values-not-recorded') : parse(registryValues(values)),
  );
}

export async function readValues(host: Host, key: string): Promise<Fact<RegistryValues>> {
  return registryFact(await host.registry(key), (values) => parsed(values));
}

/** The first of several keys that is there, such as those of the two registry views. Absent where all are; else the first miss. */
export async function readFirstValues(host: Host, keys: readonly string[]): Promise<Fact<RegistryValues>> {
  let none: Fact<RegistryValues> | undefined;
  for (const key of keys) {
    const values = await readValues(host, key);
    if (values.status === 'observed') return values;
    if (none === undefined || (none.status === 'absent' && values.status !== 'absent')) none = values;
  }
  return none ?? { status: 'absent', reason: 'no-such-key', sources: [] };
}

/** Names of the keys below. */
export async function readSubkeys(host: Host, key: string): Promise<Fact<readonly string[]>> {
  const answer = await host.registry(key);
  if (answer.status !== 'observed') return missed(answer);
  return fromAnswer(answer, ({ keys }) => (keys === undefined ? unparsed('keys-not-recorded') : parsed(keys)));
}
