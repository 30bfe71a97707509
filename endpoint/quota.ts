/** Token buckets in bounded memory. */

export type Buckets = {
  /**
   * Takes from what stands under that name; undefined where it is there. Otherwise the seconds, at least
   * 1, after which it will be, and nothing was taken.
   */
  take(name: string, amount: number): number | undefined;
  /** Puts back what was taken. */
  giveBack(name: string, amount: number): void;
  /** How many names are held. */
  size(): number;
};

export type BucketOptions = {
  /** What a full bucket holds; one that asks for more than that waits until it is full. */
  readonly capacity: number;
  readonly perSecond: number;
  /** Names held at a time. Past it the one that was not used for longest is forgotten, and with it what it spent. */
  readonly maxNames: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
};

type Bucket = { left: number; at: number };

export function makeBuckets({ capacity, perSecond, maxNames, now }: BucketOptions): Buckets {
  // A Map keeps the order of insertion: what was used last is put at its end.
  const buckets = new Map<string, Bucket>();

  function filled(name: string): Bucket {
    const at = now();
    const held = buckets.get(name);
    buckets.delete(name);
    const left = held === undefined ? capacity : Math.min(capacity, held.left + ((at - held.at) / 1000) * perSecond);
    return { left, at };
  }

  function keep(name: string, bucket: Bucket): void {
    if (bucket.left >= capacity) return;
    buckets.set(name, bucket);
    if (buckets.size <= maxNames) return;
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  }

  return {
    take(name, amount) {
      const bucket = filled(name);
      const wanted = Math.min(amount, capacity);
      const lacks = wanted - bucket.left;
      // What is larger than the bucket is let through once it is full, and then owed.
      if (lacks <= 0) bucket.left -= amount;
      keep(name, bucket);
      return lacks <= 0 ? undefined : Math.max(1, Math.ceil(lacks / perSecond));
    },
    giveBack(name, amount) {
      const bucket = filled(name);
      bucket.left += amount;
      keep(name, bucket);
    },
    size: () => buckets.size,
  };
}
