/**
 * One durable write costs a disk flush however much it holds, so what arrives together is written
 * together: items of one turn of the event loop, and those that arrive while an earlier batch is
 * written, go to `commit` as one batch. Where a batch throws, each item is tried alone, so that one that
 * cannot be kept takes no other with it; one that throws alone gets `failed`, and so does a whole batch
 * where `isHopeless` says that trying again is idle.
 */
export function groupCommit<Item, Outcome>(
  commit: (batch: readonly Item[]) => Promise<readonly Outcome[]>,
  failed: (error: unknown) => Outcome,
  { maxBatch, isHopeless }: { readonly maxBatch: number; readonly isHopeless: (error: unknown) => boolean },
): (item: Item) => Promise<Outcome> {
  const waiting: { item: Item; settle: (outcome: Outcome) => void }[] = [];
  let isRunning = false;

  async function flush(): Promise<void> {
    const batch = waiting.splice(0, maxBatch);
    const outcomes = await commitEach(batch.map(({ item }) => item));
    for (const [index, { settle }] of batch.entries()) settle(outcomes[index] ?? failed(new Error('no outcome')));
    isRunning = false;
    schedule();
  }

  async function commitEach(items: readonly Item[]): Promise<readonly Outcome[]> {
    try {
      return await commit(items);
    } catch (error) {
      if (items.length === 1 || isHopeless(error)) return items.map(() => failed(error));
      const outcomes: Outcome[] = [];
      for (const item of items) outcomes.push(...(await commitEach([item])));
      return outcomes;
    }
  }

  function schedule(): void {
    if (isRunning || waiting.length === 0) return;
    isRunning = true;
    // Immediates run once all sockets that are ready were read: those requests join this batch.
    setImmediate(() => void flush());
  }

  return (item) =>
    new Promise((settle) => {
      waiting.push({ item, settle });
      schedule();
    });
}
