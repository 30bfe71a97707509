/** Packs of one server in a growing log: each with a receipt over the log as it was then, and its consistency proofs. */
import { consistencyProof, inclusionProof, leafHash, rootHash } from '../../evidence/merkle.ts';
import { encodePack, type PackParts } from '../../evidence/pack.ts';
import { logLeaf, makeReceipt } from '../../evidence/receipt.ts';
import { type Agent, type Made, makeAgent } from '../endpoint/agent.ts';
import { type SampleLog, sampleLog } from './sample.ts';

export type LoggedPack = {
  readonly made: Made;
  readonly parts: PackParts;
  readonly bytes: Uint8Array;
  readonly size: number;
};

export type LoggedPacks = {
  readonly agent: Agent;
  readonly log: SampleLog;
  readonly packs: readonly LoggedPack[];
  /** The signed note over the tree of that size. */
  checkpoint(size: number): string;
  /** What the endpoint answers to /v1/log/consistency. */
  consistency(from: number, to: number): string;
};

/** `sizes`: of the log as each receipt was given, growing. `stamp`: an answer of a time-stamping authority over a checkpoint. */
export function loggedPacks(
  sizes: readonly number[],
  stamp?: (checkpoint: Uint8Array) => Uint8Array,
  log: SampleLog = sampleLog(),
): LoggedPacks {
  const agent = makeAgent();
  const made = sizes.map(() => agent.make());
  const leaves = Array.from({ length: Math.max(...sizes) }, (_, index) => leafHash(Buffer.of(index)));
  for (const [place, size] of sizes.entries())
    leaves[size - 1] = leafHash(logLeaf(made[place]?.bundle ?? fail(), agent.key));
  const tree = (size: number): Uint8Array[] => leaves.slice(0, size);
  const checkpoint = (size: number): string => log.signer.signCheckpoint(size, rootHash(tree(size)));
  const packs = sizes.map((size, place): LoggedPack => {
    const one = made[place] ?? fail();
    const note = checkpoint(size);
    const receipt = makeReceipt({
      index: size - 1,
      size,
      hashes: inclusionProof(size - 1, tree(size)),
      checkpoint: note,
      logKey: log.signer.verifierKey,
      ...(stamp !== undefined && { timestamp: stamp(Buffer.from(note)) }),
    });
    const documents = new Map(
      one.statement.subject.map(({ name, digest }) => [digest.sha256, one.documents.get(name) ?? fail()]),
    );
    const parts: PackParts = { bundle: one.bundle, documents, receipt };
    return { made: one, parts, bytes: encodePack(parts), size };
  });
  return {
    agent,
    log,
    packs,
    checkpoint,
    consistency: (from, to) => {
      const hashes = consistencyProof(from, tree(to)).map((hash) => Buffer.from(hash).toString('base64'));
      return JSON.stringify({ from, to, hashes });
    },
  };
}

function fail(): never {
  throw new Error('the sample is not whole');
}
