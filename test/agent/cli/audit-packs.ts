/** Packs of a server over some days, signed with a throw-away key: made here, nothing of a real machine. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addDays } from '../../../audit/days.ts';
import { signStatement } from '../../../evidence/bundle.ts';
import { documentDigest, encodePack } from '../../../evidence/pack.ts';
import { throwAwaySigner } from '../../../evidence/signing-key.ts';
import { makeStatement } from '../../../evidence/statement.ts';
import { samplePredicate, sampleRaw, sampleSources } from '../../evidence/sample.ts';

export type MadePacks = { readonly packs: string; readonly key: string };

/** Writes `days` packs from `first` on, one a day, and the key, into the folder; of the usual server unless another is named. */
export function makePacks(folder: string, first: string, days: number, targetId?: string): MadePacks {
  const signer = throwAwaySigner();
  const packs = join(folder, 'packs');
  mkdirSync(packs, { recursive: true });
  const documents = new Map<string, object>([
    ['sources/updates', sampleSources],
    ['raw/1', sampleRaw],
  ]);
  const digests = new Map(Array.from(documents, ([name, document]) => [name, { digest: documentDigest(document) }]));
  let previous: string | undefined;
  for (let sequence = 0; sequence < days; sequence += 1) {
    const day = addDays(first, sequence);
    const predicate = samplePredicate(signer.keyId);
    const target = { ...predicate.target, ...(targetId !== undefined && { id: targetId }) };
    const { bundle, digest } = signStatement(
      makeStatement(digests, {
        ...predicate,
        target,
        run: { startedAt: `${day}T03:00:00Z`, finishedAt: `${day}T03:00:04Z` },
        chain: { ...predicate.chain, sequence, ...(previous !== undefined && { previous }) },
      }),
      signer,
    );
    previous = digest;
    const bytes = encodePack({
      bundle,
      documents: new Map(Array.from(documents.values(), (document) => [documentDigest(document), document])),
    });
    writeFileSync(join(packs, `${day}.pack.json`), bytes);
  }
  const key = join(folder, 'key.pem');
  writeFileSync(key, signer.publicKeyPem);
  return { packs, key };
}
