/** Bundles for the tests of the spool, and a notary who remembers each that was signed. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateKeys } from '../../../agent/spool/keys.ts';
import type { BuiltPack, NextLink } from '../../../agent/spool/spool.ts';
import { type OpenOptions, openState, type State } from '../../../agent/spool/state.ts';
import { signStatement } from '../../../evidence/bundle.ts';
import { documentDigest, encodePack } from '../../../evidence/pack.ts';
import type { Result } from '../../../evidence/result.ts';
import type { Signer } from '../../../evidence/signing-key.ts';
import { makeStatement } from '../../../evidence/statement.ts';
import type { Receipt, Statement } from '../../../schemas/generated/types.ts';

export type Documents = ReadonlyMap<string, object>;

/** What was signed, by digest. */
export type Notary = Map<string, Statement>;

/** The value, or a failed test with the refusal's text. */
export function must<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}

/** The refusal's code; a failed test where there is none. */
export function refusalOf(result: Result<unknown>): { code: string; message: string; remedy?: string } {
  assert.ok(!result.ok, 'this should have been refused');
  return result.refusal;
}

/** A fresh folder, in memory where there is such a file system: fsync on a busy disk takes its time, and no test here needs it. */
export function scratchFolder(): string {
  const shared = '/dev/shm';
  return realpathSync(mkdtempSync(join(existsSync(shared) ? shared : tmpdir(), 'affiant-spool-')));
}

/** A clock that moves one second at each look. */
export function tickingClock(start = '2026-03-01T08:00:00Z'): () => Date {
  let now = Date.parse(start);
  return () => new Date((now += 1000));
}

/** An open state folder with keys. */
export function ready(folder: string, options: Partial<OpenOptions> = {}): { state: State; signer: Signer } {
  const state = must(openState(folder, { create: true, now: tickingClock(), ...options }));
  return { state, signer: must(loadOrCreateKeys(state)).signer };
}

/** Two documents and one raw output, each of its own content and about `size` bytes. */
export function sampleDocuments(label: string, size = 400): Documents {
  return new Map([
    ['host', { format: 'affiant-host/1', label, filler: 'h'.repeat(size) }],
    ['packages', { format: 'affiant-packages/1', label, filler: 'p'.repeat(size) }],
    ['raw/1', { format: 'affiant-raw/1', label, filler: 'r'.repeat(size) }],
  ]);
}

/** Signs the documents for a place in the chain, as the agent does. */
export function signFor(
  signer: Signer,
  link: NextLink,
  documents: Documents,
  at = '2026-03-01T09:00:00Z',
  notary?: Notary,
): BuiltPack {
  const digests = new Map([...documents].map(([name, document]) => [name, { digest: documentDigest(document) }]));
  const sha = 'ab'.repeat(32);
  const statement = makeStatement(digests, {
    agent: { name: 'affiant', version: '0.1.0', programDigest: sha, configDigest: sha },
    key: { id: signer.keyId, protection: 'file' },
    mode: 'ad-hoc',
    target: { id: '0f5b6c1d2e3f405162738495a6b7c8d9', basis: 'machine-id' },
    run: { startedAt: at, finishedAt: at },
    clock: { state: 'unknown' },
    collectors: [],
    chain: link.chain,
    ...(link.checkpoint === undefined ? {} : { checkpoint: link.checkpoint }),
    ...(link.incidents.length === 0 ? {} : { incidents: link.incidents }),
  });
  const { bundle, digest } = signStatement(statement, signer);
  notary?.set(digest, statement);
  const byDigest = new Map([...documents.values()].map((document) => [documentDigest(document), document]));
  return { bytes: encodePack({ bundle, documents: byDigest }), digest, finishedAt: at };
}

/** A receipt in form; the spool takes the caller's word that it was verified. */
export function sampleReceipt(index: number): Receipt {
  return {
    mediaType: 'application/vnd.affiant.receipt.v1+json',
    logKey: 'log.affiant.test+7b8f0a1c+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    logIndex: index,
    treeSize: index + 1,
    hashes: [],
    checkpoint: 'log.affiant.test\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— log.affiant.test AAAAAA==\n',
  };
}
