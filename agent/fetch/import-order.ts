import { bundleDigest, statementOf } from '../../evidence/bundle.ts';
import { decodePack } from '../../evidence/pack.ts';
import { ok, type Result } from '../../evidence/result.ts';

/** A pack that is to be brought, by what it says of itself; nothing is verified here. */
export type Carried = {
  readonly file: string;
  readonly keyId: string;
  readonly target: string;
  readonly chain: string;
  readonly sequence: number;
  readonly finishedAt: string;
  readonly digest: string;
};

/** Refuses as `decodePack` and `statementOf` do. */
export function describePack(file: string, bytes: Uint8Array): Result<Carried> {
  const pack = decodePack(bytes);
  if (!pack.ok) return pack;
  const { bundle } = pack.value;
  const statement = statementOf(bundle);
  if (!statement.ok) return statement;
  const { chain, target, run } = statement.value.predicate;
  return ok({
    file,
    keyId: bundle.verificationMaterial.publicKey.hint,
    target: target.id,
    chain: chain.id,
    sequence: chain.sequence,
    finishedAt: run.finishedAt,
    digest: bundleDigest(bundle),
  });
}

/**
 * Chain by chain in the order of their first claimed time, each from its first number on, whatever the
 * order given; the same bundle in two files is brought once.
 */
export function inChainOrder(all: readonly Carried[]): Carried[][] {
  const chains = new Map<string, Map<string, Carried>>();
  for (const one of all) {
    const name = `${one.keyId}/${one.chain}`;
    const chain = chains.get(name) ?? new Map<string, Carried>();
    if (!chain.has(one.digest)) chain.set(one.digest, one);
    chains.set(name, chain);
  }
  return Array.from(chains.values(), (chain) =>
    [...chain.values()].toSorted((one, other) => one.sequence - other.sequence || compare(one.digest, other.digest)),
  ).toSorted(([one], [other]) => compare(one?.finishedAt ?? '', other?.finishedAt ?? ''));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
