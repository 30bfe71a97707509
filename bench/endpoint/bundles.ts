/** Bundles as servers send them, made before anything is measured: 60 KB of fresh documents, or the same as before. */
import { randomBytes } from 'node:crypto';
import { signStatement } from '../../evidence/bundle.ts';
import { documentDigest } from '../../evidence/pack.ts';
import { type Signer, throwAwaySigner } from '../../evidence/signing-key.ts';
import { makeStatement } from '../../evidence/statement.ts';
import { encodeWirePack } from '../../evidence/wire.ts';
import type { ChainLink } from '../../schemas/generated/types.ts';
import { samplePredicate } from '../../test/evidence/sample.ts';

export type Sender = { readonly signer: Signer; next(documents: Documents, isKnown: boolean): Uint8Array };
export type Documents = ReadonlyMap<string, object>;

/** About 60 KB in canonical form that compresses as a package list does. */
export function freshDocuments(): Documents {
  const salt = randomBytes(8).toString('hex');
  const rows = Array.from({ length: 560 }, (_, index) => ({
    name: `package-${index}`,
    version: `${index % 9}.${index % 17}.${index}-${salt.slice(index % 12)}`,
    architecture: 'amd64',
    source: `source-${index % 211}`,
    status: 'install ok installed',
  }));
  return new Map<string, object>([['raw/1', { rows }]]);
}

/** Documents that stay the same are hashed once: a hundred thousand bundles are made of them. */
const digests = new WeakMap<object, string>();

function digestOf(document: object): string {
  const digest = digests.get(document) ?? documentDigest(document);
  digests.set(document, digest);
  return digest;
}

export function makeSender(): Sender {
  const signer = throwAwaySigner();
  const target = randomBytes(16).toString('hex');
  let chain: ChainLink = { id: randomBytes(16).toString('hex'), sequence: 0 };
  return {
    signer,
    next(documents, isKnown) {
      const byDigest = new Map(Array.from(documents.values(), (document) => [digestOf(document), document]));
      const named = new Map(Array.from(documents, ([name, document]) => [name, { digest: digestOf(document) }]));
      const { bundle, digest } = signStatement(
        makeStatement(named, {
          ...samplePredicate(signer.keyId),
          mode: 'service',
          target: { id: target, basis: 'machine-id' },
          chain,
        }),
        signer,
      );
      chain = { id: chain.id, sequence: chain.sequence + 1, previous: digest };
      return encodeWirePack({ bundle, documents: byDigest }, isKnown ? new Set(byDigest.keys()) : new Set());
    },
  };
}
