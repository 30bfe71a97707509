/** An agent for tests of the endpoint: a real key, a real chain, signed packs. */
import { randomBytes } from 'node:crypto';
import { signStatement } from '../../evidence/bundle.ts';
import { documentDigest, encodePack } from '../../evidence/pack.ts';
import { type Signer, throwAwaySigner, type VerificationKey } from '../../evidence/signing-key.ts';
import { makeStatement } from '../../evidence/statement.ts';
import { encodeWirePack } from '../../evidence/wire.ts';
import type { ChainLink, PosturePredicate, SigstoreBundle, Statement } from '../../schemas/generated/types.ts';
import { keyOf, samplePredicate, sampleSources } from '../evidence/sample.ts';

export type Made = {
  readonly bytes: Uint8Array;
  readonly wire: Uint8Array;
  readonly digest: string;
  readonly bundle: SigstoreBundle;
  readonly statement: Statement;
  readonly documents: ReadonlyMap<string, object>;
  /** The copy on the wire without the documents of these names. */
  without(...names: string[]): Uint8Array;
};

export type Wish = {
  readonly documents?: ReadonlyMap<string, object>;
  readonly chain?: ChainLink;
  readonly predicate?: Partial<PosturePredicate>;
};

export type Agent = {
  readonly signer: Signer;
  readonly key: VerificationKey;
  readonly target: string;
  /** The next bundle of the chain, or one at the place that is wished. */
  make(wish?: Wish): Made;
};

/** Documents that are never the same twice, as on a server where something happened. */
export function freshDocuments(): Map<string, object> {
  return new Map<string, object>([
    ['raw/1', { text: randomBytes(12).toString('hex') }],
    ['sources/updates', sampleSources],
  ]);
}

export function makeAgent(signer: Signer = throwAwaySigner()): Agent {
  const target = randomBytes(16).toString('hex');
  let chain: ChainLink = { id: randomBytes(16).toString('hex'), sequence: 0 };

  function make({ documents = freshDocuments(), chain: wished, predicate }: Wish = {}): Made {
    const link = wished ?? chain;
    const digests = new Map(Array.from(documents, ([name, document]) => [name, { digest: documentDigest(document) }]));
    const statement = makeStatement(digests, {
      ...samplePredicate(signer.keyId),
      mode: 'service',
      target: { id: target, basis: 'machine-id' },
      run: { startedAt: '2026-11-23T10:00:00Z', finishedAt: '2026-11-23T10:00:02Z' },
      chain: link,
      ...predicate,
    });
    const { bundle, digest } = signStatement(statement, signer);
    if (wished === undefined) chain = { id: chain.id, sequence: chain.sequence + 1, previous: digest };
    const parts = {
      bundle,
      documents: new Map([...documents.values()].map((document) => [documentDigest(document), document])),
    };
    const digestOf = (name: string): string => digests.get(name)?.digest ?? '';
    return {
      bytes: encodePack(parts),
      wire: encodeWirePack(parts, new Set()),
      digest,
      bundle,
      statement,
      documents,
      without: (...names) => encodeWirePack(parts, new Set(names.map(digestOf))),
    };
  }

  return { signer, key: keyOf(signer), target, make };
}
