/** What an expression over documents is given: each by its name, and what the inventory says of the server. */
import type { HistoryEntry } from '../history-model.ts';
import type { HostFacts } from '../model.ts';

/** `name` of the server as people call it. */
export function documentVariables(
  documents: ReadonlyMap<string, object>,
  name: string,
  entry: HistoryEntry,
  inventory: HostFacts,
): Readonly<Record<string, unknown>> {
  const whole = [...documents].filter(([document]) => !document.includes('/'));
  return {
    ...Object.fromEntries(whole.map(([document, value]) => [camel(document), value])),
    inventory: { ...inventory, name, os: entry.seen.os?.status === 'observed' ? entry.seen.os.value : '' },
  };
}

const camel = (name: string): string => name.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
