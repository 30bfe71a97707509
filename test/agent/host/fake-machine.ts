import type { Machine, Raw } from '../../../agent/host/machine.ts';

const nothing = <T>(): Promise<Raw<T>> => Promise.resolve({ outcome: 'unsupported', reason: 'not-recorded' });

/** A machine that answers nothing but what a test gives it. */
export function fakeMachine(parts: Partial<Machine>): Machine {
  return {
    os: 'linux',
    privilege: () => 'user',
    identity: nothing,
    readFile: nothing,
    list: nothing,
    stat: nothing,
    readLink: nothing,
    run: nothing,
    registry: nothing,
    query: nothing,
    system: nothing,
    ...parts,
  };
}

/** The raw answer of a file with this text. */
export function fileOf(text: string): Raw<{ bytes: Uint8Array; truncated: boolean }> {
  return { outcome: 'ok', value: { bytes: Buffer.from(text), truncated: false } };
}
