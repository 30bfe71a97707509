/** What the bundles in work may hold at a time: places and bytes, in total and for each address. */

export type Places = {
  /** A place, or what is full: everything, or this address's share of it. */
  enter(address: string): Place | 'full' | 'share-full';
  /** Bundles in work and bytes of bodies held, over all addresses. */
  held(): { readonly bundles: number; readonly bytes: number };
};

export type Place = {
  /** Whether the bytes fit; if so they are held until the place is left. */
  take(bytes: number): boolean;
  leave(): void;
};

export type PlacesOptions = {
  readonly maxBundles: number;
  readonly maxBytes: number;
  /** The largest body; an address may always hold one. */
  readonly maxBodyBytes: number;
};

/** One address gets a quarter: four must act together before the others are turned away. */
const share = 4;

export function makePlaces({ maxBundles, maxBytes, maxBodyBytes }: PlacesOptions): Places {
  const bundlesEach = Math.max(1, Math.floor(maxBundles / share));
  const bytesEach = Math.min(maxBytes, Math.max(maxBodyBytes, Math.floor(maxBytes / share)));
  const byAddress = new Map<string, { bundles: number; bytes: number }>();
  let bundles = 0;
  let bytes = 0;

  return {
    enter(address) {
      if (bundles >= maxBundles) return 'full';
      const own = byAddress.get(address) ?? { bundles: 0, bytes: 0 };
      if (own.bundles >= bundlesEach) return 'share-full';
      byAddress.set(address, own);
      own.bundles += 1;
      bundles += 1;
      let held = 0;
      let isLeft = false;
      return {
        take(more) {
          if (bytes + more > maxBytes || own.bytes + more > bytesEach) return false;
          bytes += more;
          own.bytes += more;
          held += more;
          return true;
        },
        leave() {
          if (isLeft) return;
          isLeft = true;
          bundles -= 1;
          bytes -= held;
          own.bundles -= 1;
          own.bytes -= held;
          if (own.bundles === 0) byAddress.delete(address);
        },
      };
    },
    held: () => ({ bundles, bytes }),
  };
}
