/** A Windows of which every query answers what the test says. */
import type { Machine, Raw } from '../../../agent/host/machine.ts';

const never = async (): Promise<never> => {
  throw new Error('not asked');
};

export function deepMachine(query: (name: string) => Raw<unknown>, os: 'windows' | 'linux' = 'windows'): Machine {
  return {
    os,
    privilege: () => 'administrator',
    identity: never,
    readFile: never,
    list: never,
    stat: never,
    readLink: never,
    run: never,
    registry: async (key) =>
      key.includes('calc') ? { outcome: 'absent', reason: 'no-such-key' } : { outcome: 'ok', value: { values: {} } },
    query: async (name) => query(name),
    system: never,
  };
}
