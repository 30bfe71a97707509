/**
 * A server day by day, as signed packs: drafts → documents → statement → signature → chain → log → pack, by the
 * same functions as a real run. Keys and clock are handed in; the mode is `replay`, so that nobody can take it
 * for a server.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentName } from '../../agent/run/documents.ts';
import { type FinishedDocuments, finishDrafts } from '../../agent/run/documents.ts';
import { predicateOf, type RunFacts } from '../../agent/run/predicate.ts';
import { packName } from '../../agent/spool/pack-file.ts';
import { addDays, type Day } from '../../audit/days.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { signStatement } from '../../evidence/bundle.ts';
import { createLogKeyPem, type LogSigner, logSignerFromPem } from '../../evidence/checkpoint.ts';
import { appendLeaf, inclusionProofAt, leafHash, rootAt } from '../../evidence/merkle.ts';
import { documentDigest, encodePack } from '../../evidence/pack.ts';
import { logLeaf, makeReceipt } from '../../evidence/receipt.ts';
import { createPrivateKeyPem, type Signer, signerFromPem, verificationKeyOf } from '../../evidence/signing-key.ts';
import { makeStatement } from '../../evidence/statement.ts';
import type { PosturePredicate } from '../../schemas/generated/types.ts';

/** What a server says on a day; undefined where nothing was collected. */
export type Series = {
  readonly name: string;
  readonly from: Day;
  readonly to: Day;
  readonly draftsOn: (day: Day) => Drafts | undefined;
  /** What the server's clock says on a day, where that is another. */
  readonly clockOn?: (day: Day) => Day;
};

/** When a day's run ends: late, as timers after business hours are. */
export function runEnd(day: Day): string {
  return `${day}T23:00:00Z`;
}

export type SeriesKeys = { readonly signer: Signer; readonly log: LogSigner };

function must<T>(result: { ok: true; value: T } | { ok: false; refusal: { message: string } }): T {
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}

/** Throw-away keys: they live for one replay and nobody trusts them elsewhere. */
export function seriesKeys(): SeriesKeys {
  return {
    signer: must(signerFromPem(createPrivateKeyPem(), 'file')),
    log: must(logSignerFromPem(createLogKeyPem(), 'log.replay.example')),
  };
}

/** A log that grows by one leaf a bundle. */
export function makeLog(signer: LogSigner): {
  append(leaf: Uint8Array): { index: number; size: number; hashes: Uint8Array[]; checkpoint: string; root: Uint8Array };
  size(): number;
  root(): Uint8Array;
} {
  const nodes = new Map<string, Uint8Array>();
  const reader = {
    get: (level: number, index: number): Uint8Array => {
      const hash = nodes.get(`${level} ${index}`);
      if (hash === undefined) throw new Error('the log lacks a node');
      return hash;
    },
  };
  let size = 0;
  return {
    append(leaf) {
      const index = size;
      for (const { level, index: at, hash } of appendLeaf(size, leafHash(leaf), reader))
        nodes.set(`${level} ${at}`, hash);
      size += 1;
      const root = rootAt(size, reader);
      return {
        index,
        size,
        hashes: inclusionProofAt(index, size, reader),
        checkpoint: signer.signCheckpoint(size, root),
        root,
      };
    },
    size: () => size,
    root: () => rootAt(size, reader),
  };
}

export type MadePack = {
  readonly name: string;
  readonly day: Day;
  readonly bytes: Uint8Array;
  readonly digest: string;
};

/** Every day of the series in order; documents that did not change keep their bytes. */
export function* packsOf(series: Series, { signer, log: logSigner }: SeriesKeys): Generator<MadePack> {
  const blindKey = createHash('sha256').update(`replay ${series.name}`).digest();
  const id = (kind: string): string =>
    createHash('sha256').update(`replay ${kind} ${series.name}`).digest('hex').slice(0, 32);
  const log = makeLog(logSigner);
  const key = verificationKeyOf(signer);
  const finished = new Map<object, FinishedDocuments>();
  let sequence = 0;
  let previous: string | undefined;
  for (let day = series.from; day <= series.to; day = addDays(day, 1)) {
    const drafts = series.draftsOn(day);
    if (drafts === undefined) continue;
    const documents =
      finished.get(drafts) ?? must(finishDrafts(drafts, Object.keys(drafts) as DocumentName[], blindKey));
    finished.set(drafts, documents);
    const named = new Map(
      [...documents].map(([name, document]) => [name, { digest: documentDigest(document), document }]),
    );
    const claimed = runEnd(series.clockOn?.(day) ?? day);
    const facts: RunFacts = {
      agent: { name: 'affiant', version: '0.1.0', programDigest: '0'.repeat(64), configDigest: '0'.repeat(64) },
      mode: 'replay',
      target: { id: id('target'), basis: 'recording' },
      startedAt: claimed.replace('23:00:00', '22:59:40'),
      finishedAt: claimed,
      collected: {
        documents,
        outcomes: [...documents.keys()].toSorted().map((name) => ({ name, outcome: 'complete', facts: {} })),
      },
    };
    const chain: PosturePredicate['chain'] = { id: id('chain'), sequence, ...(previous !== undefined && { previous }) };
    const seen =
      log.size() === 0
        ? {}
        : {
            checkpoint: {
              origin: logSigner.origin,
              size: log.size(),
              root: Buffer.from(log.root()).toString('base64'),
            },
          };
    const statement = makeStatement(
      named,
      predicateOf(facts, { id: signer.keyId, protection: 'throw-away' }, { chain, ...seen, incidents: [] }),
    );
    const { bundle, digest } = signStatement(statement, signer);
    const { root: _root, ...proof } = log.append(logLeaf(bundle, key));
    const receipt = makeReceipt({ ...proof, logKey: logSigner.verifierKey });
    const bytes = encodePack({
      bundle,
      documents: new Map([...named.values()].map((entry) => [entry.digest, entry.document])),
      receipt,
    });
    yield { name: packName(chain.id, sequence), day, bytes, digest };
    previous = digest;
    sequence += 1;
  }
}

/** The target id of a series' bundles, for attestations and inventories about it. */
export function targetIdOf(name: string): string {
  return createHash('sha256').update(`replay target ${name}`).digest('hex').slice(0, 32);
}

/** Writes packs and public keys: what an auditor gets. */
export function writeSeries(
  series: Series,
  folder: string,
  keys: SeriesKeys,
): { readonly packs: number; readonly bytes: number } {
  mkdirSync(join(folder, 'packs'), { recursive: true });
  let packs = 0;
  let bytes = 0;
  for (const pack of packsOf(series, keys)) {
    writeFileSync(join(folder, 'packs', pack.name), pack.bytes);
    packs += 1;
    bytes += pack.bytes.length;
  }
  writeFileSync(join(folder, 'server.pem'), keys.signer.publicKeyPem);
  writeFileSync(join(folder, 'log.vkey'), `${keys.log.verifierKey}\n`);
  return { packs, bytes };
}
