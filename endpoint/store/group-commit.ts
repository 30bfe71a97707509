/**
 * One durable write costs a disk flush however much it holds, so what arrives together is written
 * together: items of one turn of the event loop, and those that arrive while a flush blocks it, go to
 * `commit` as one batch. Where a batch throws, each item is tried alone, so that one that cannot be
 * kept takes no other with it; one that throws alone gets `failed`.
 */
export function groupCommit<Item, Outcome>(
  commit: (batch: readonly Item[]) => Outcome[],
  failed: (error: unknown) => Outcome,
): (item: Item) => Promise<Outcome> {
  let waiting: { item: Item; settle: (outcome: Outcome) => void }[] = [];

  function flush(): void {
    const batch = waiting;
    waiting = [];
    const outcomes = commitEach(batch.map(({ item }) => item));
    for (const [index, { settle }] of batch.entries()) settle(outcomes[index] ?? failed(new Error('no outcome')));
  }

  function commitEach(items: readonly Item[]): Outcome[] {
    try {
      return commit(items);
    } catch (error) {
      return items.length === 1 ? [failed(error)] : items.flatMap((item) => commitEach([item]));
    }
  }

  return (item) =>
    new Promise((settle) => {
      waiting.push({ item, settle });
      // Immediates run once all sockets that are ready were read: those requests join this batch.
      if (waiting.length === 1) setImmediate(flush);
    });
}
