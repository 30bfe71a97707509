/** Keys that are asked for at once are read with one query. */
import type { RegistryKey } from '../host.ts';
import type { Limits, Raw } from '../machine.ts';
import { keyOf, readRegistryAnswer } from './registry-values.ts';

/** Reads many keys with one query; its answer is that of the query registry-keys. */
export type ReadKeys = (keys: readonly string[], limits: Limits) => Promise<Raw<unknown>>;

type Waiting = {
  readonly key: string;
  readonly limits: Limits;
  readonly settle: (answer: Raw<RegistryKey>) => void;
};

/** So that one query stays well within its deadline and its cap. */
const maxKeys = 200;

const hives: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKU: 'HKEY_USERS',
  HKCU: 'HKEY_CURRENT_USER',
  HKCR: 'HKEY_CLASSES_ROOT',
};

/** `HKEY_LOCAL_MACHINE\…`; undefined for what is no key of a hive that we read. */
export function fullKey(key: string): string | undefined {
  const [, hive = '', rest = ''] = /^([A-Za-z_]+)((?:\\[^\\\0]+)*)$/.exec(key) ?? [];
  const full = hives[hive.toUpperCase()] ?? Object.values(hives).find((name) => name === hive.toUpperCase());
  return full === undefined ? undefined : full + rest;
}

/** A reader of single keys; what is asked for within one turn of the event loop goes together. */
export function createRegistryReader(readKeys: ReadKeys): (key: string, limits: Limits) => Promise<Raw<RegistryKey>> {
  let waiting: Waiting[] = [];

  async function flush(): Promise<void> {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += maxKeys) await readSome(all.slice(from, from + maxKeys));
  }

  async function readSome(some: readonly Waiting[]): Promise<void> {
    const deadlineMs = Math.max(...some.map(({ limits }) => limits.deadlineMs));
    const maxBytes = some.reduce((sum, { limits }) => sum + limits.maxBytes, 0);
    const raw = await readKeys([...new Set(some.map(({ key }) => key))], { maxBytes, deadlineMs });
    const answers = raw.outcome === 'ok' ? readRegistryAnswer(raw.value) : undefined;
    for (const { key, settle } of some)
      settle(
        raw.outcome === 'ok'
          ? (answers?.get(keyOf(key)) ?? { outcome: 'failed', reason: 'answer-not-understood' })
          : raw,
      );
  }

  return (given, limits) => {
    const key = fullKey(given);
    if (key === undefined) return Promise.resolve({ outcome: 'failed', reason: 'invalid-key' });
    const { promise, resolve } = Promise.withResolvers<Raw<RegistryKey>>();
    waiting.push({ key, limits, settle: resolve });
    if (waiting.length === 1) setImmediate(() => void flush());
    return promise;
  };
}
