/**
 * Who may do how much. Two budgets that do not touch: what has proved nothing yet is counted by
 * address, and given back when a signature verifies; what a key signed is counted by that key. So
 * nobody spends a key's budget by naming it, and a fleet behind one address is not taken for an attack.
 */
import { performance } from 'node:perf_hooks';
import { addressName, networksOf } from './address.ts';
import type { Limits } from './limits.ts';
import { makePlaces, type Place, type Places } from './places.ts';
import { makeBuckets } from './quota.ts';

/** Seconds to wait, and for what. */
export type Throttled = { readonly code: 'overloaded' | 'rate-limited' | 'quota-exceeded'; readonly seconds: number };

/** One request that has proved nothing yet. */
export type Visit = {
  /** A place among the bundles in work. */
  enter(): Place | Throttled;
  /** The request came with a signature of that key, over so many bytes: counted by the key from here on. */
  verified(keyId: string, bytes: number): Throttled | undefined;
  /** It was turned away before it cost anything: not counted. */
  spare(): void;
  /** It proved false, after work on so many bytes. */
  failed(bytes: number): void;
};

export type Gate = {
  visit(address: string | undefined): Visit | Throttled;
  /** Whether one more connection of that address may stay; `close` when it is gone. */
  connect(address: string | undefined): { close(): void } | undefined;
  held(): ReturnType<Places['held']>;
};

export type GateOptions = {
  readonly limits: Limits;
  /** Addresses and networks that many servers share, such as a proxy: not counted as one. */
  readonly sharedAddresses?: readonly string[];
  readonly now?: () => number;
};

const maxNames = 20_000;
const mebibyte = 1024 * 1024;
const hour = 3600;
/** What is asked to come back because everything is in use may do so soon; the agent adds its jitter. */
const busySeconds = 2;

export function makeGate({ limits, sharedAddresses = [], now = () => performance.now() }: GateOptions): Gate {
  const isShared = networksOf(sharedAddresses);
  const places = makePlaces({
    maxBundles: limits.maxInFlight,
    maxBytes: limits.maxBufferedBytes,
    maxBodyBytes: limits.maxBodyBytes,
  });
  const unverified = makeBuckets({
    capacity: limits.unverifiedBurst,
    perSecond: limits.unverifiedPerSecond,
    maxNames,
    now,
  });
  const bundles = makeBuckets({
    capacity: limits.bundlesPerHour,
    perSecond: limits.bundlesPerHour / hour,
    maxNames,
    now,
  });
  const bytes = makeBuckets({ capacity: limits.bytesPerHour, perSecond: limits.bytesPerHour / hour, maxNames, now });
  const connections = new Map<string, number>();
  let anonymous = 0;

  /** A shared address counts each of its requests as another's. */
  function nameOf(address: string | undefined): { name: string; shared: boolean } {
    if (address === undefined || !isShared(address)) return { name: addressName(address), shared: false };
    anonymous += 1;
    return { name: `shared ${anonymous}`, shared: true };
  }

  function charge(keyId: string, size: number): Throttled | undefined {
    const forBundle = bundles.take(keyId, 1);
    if (forBundle !== undefined) return { code: 'quota-exceeded', seconds: forBundle };
    const forBytes = bytes.take(keyId, size);
    if (forBytes === undefined) return undefined;
    bundles.giveBack(keyId, 1);
    return { code: 'quota-exceeded', seconds: forBytes };
  }

  return {
    visit(address) {
      const { name, shared } = nameOf(address);
      const wait = shared ? undefined : unverified.take(name, 1);
      if (wait !== undefined) return { code: 'rate-limited', seconds: wait };
      let isOpen = !shared;
      const settle = (amount: number): void => {
        if (isOpen && amount !== 0) unverified.giveBack(name, amount);
        isOpen = false;
      };
      return {
        enter() {
          const place = places.enter(name);
          return typeof place === 'string' ? { code: 'overloaded', seconds: busySeconds } : place;
        },
        verified(keyId, size) {
          settle(1);
          return charge(keyId, size);
        },
        spare: () => settle(1),
        failed: (size) => settle(-Math.floor(size / mebibyte)),
      };
    },
    connect(address) {
      const { name, shared } = nameOf(address);
      const count = connections.get(name) ?? 0;
      if (!shared && count >= limits.maxConnectionsPerAddress) return undefined;
      connections.set(name, count + 1);
      return {
        close() {
          const left = (connections.get(name) ?? 1) - 1;
          if (left === 0) connections.delete(name);
          else connections.set(name, left);
        },
      };
    },
    held: () => places.held(),
  };
}
