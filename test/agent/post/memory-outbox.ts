/** An outbox in memory that notes everything that is done to it. */
import type { Outbox, OutboxPack } from '../../../agent/post/outbox.ts';
import { ok, refuse } from '../../../evidence/result.ts';
import type { CheckpointSeen, Receipt } from '../../../schemas/generated/types.ts';
import type { Agent, Made } from '../../endpoint/agent.ts';

export type MemoryOutbox = Outbox & {
  readonly waiting: Map<string, { pack: OutboxPack; bytes: Uint8Array }>;
  readonly released: Map<string, Receipt>;
  readonly quarantined: Map<string, { reason: string; answer: string }>;
  readonly forks: string[];
  readonly divergences: string[];
  readonly known: Set<string>;
  checkpoint: CheckpointSeen | undefined;
  logKey: string | undefined;
  /** Writes are refused as on a full disk. */
  isFull: boolean;
};

export function memoryOutbox(agent: Agent, ...packs: readonly (Made & { bytes: Uint8Array })[]): MemoryOutbox {
  const done = ok(undefined);
  const full = refuse('disk-full', 'no space left');
  const outbox: MemoryOutbox = {
    waiting: new Map(
      packs.map(({ bytes, digest, statement }) => {
        const { id, sequence } = statement.predicate.chain;
        return [digest, { bytes, pack: { name: `${sequence}.pack.json`, chain: id, sequence, digest } }];
      }),
    ),
    released: new Map(),
    quarantined: new Map(),
    forks: [],
    divergences: [],
    known: new Set(),
    checkpoint: undefined,
    logKey: undefined,
    isFull: false,
    pending: () => ok([...outbox.waiting.values()].map(({ pack }) => pack)),
    read: ({ digest }) => {
      const found = outbox.waiting.get(digest);
      return found === undefined ? refuse('pack-gone', 'gone') : ok(found.bytes);
    },
    key: (keyId) => (keyId === agent.key.keyId ? agent.key : undefined),
    release({ digest }, receipt) {
      if (outbox.isFull) return full;
      outbox.waiting.delete(digest);
      outbox.released.set(digest, receipt);
      return done;
    },
    quarantine({ digest }, reason, answer) {
      outbox.waiting.delete(digest);
      outbox.quarantined.set(digest, { reason, answer: Buffer.from(answer).toString('utf8') });
      return done;
    },
    fork({ digest }) {
      outbox.forks.push(digest);
      return done;
    },
    acknowledged: () => ok(new Set(outbox.known)),
    acknowledge(_keyId, digests) {
      for (const digest of digests) outbox.known.add(digest);
      return done;
    },
    forgetAcknowledged(_keyId, digests) {
      for (const digest of digests) outbox.known.delete(digest);
      return done;
    },
    remembers: true,
    pinnedLogKey: () => ok(outbox.logKey),
    pinLogKey(verifierKey) {
      outbox.logKey = verifierKey;
      return done;
    },
    lastCheckpoint: () => ok(outbox.checkpoint),
    rememberCheckpoint({ origin, size, root }) {
      if (outbox.checkpoint === undefined || size > outbox.checkpoint.size) outbox.checkpoint = { origin, size, root };
      return done;
    },
    reportDivergence(origin) {
      outbox.divergences.push(origin);
      return done;
    },
  };
  return outbox;
}
