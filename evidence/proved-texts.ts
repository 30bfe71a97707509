import type { Result } from './result.ts';

/**
 * What was proved of exact texts under one key or authority, so that packs which quote the same signed text, as those
 * of one evening quote one checkpoint, have its signature verified once. Only what held is kept: a refusal is found
 * anew each time. The owner is compared as an object, so that another key never meets what was proved under this one;
 * of each the `max` newest texts are kept, as long as the owner lives.
 */
export function provedTexts<Value>(
  max: number,
): (owner: object, text: string, prove: () => Result<Value>) => Result<Value> {
  const byOwner = new WeakMap<object, Map<string, Result<Value>>>();
  return (owner, text, prove) => {
    const proved = byOwner.get(owner) ?? new Map<string, Result<Value>>();
    byOwner.set(owner, proved);
    const before = proved.get(text);
    if (before !== undefined) return before;
    const result = prove();
    if (!result.ok) return result;
    if (proved.size >= max) for (const oldest of proved.keys()) if (proved.delete(oldest)) break;
    proved.set(text, result);
    return result;
  };
}
