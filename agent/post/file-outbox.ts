import { readFileSync, statSync } from 'node:fs';
import { bundleDigest, openBundle, statementOf } from '../../evidence/bundle.ts';
import { decodePack, packLimits } from '../../evidence/pack.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { VerificationKey } from '../../evidence/signing-key.ts';
import type { CheckpointSeen } from '../../schemas/generated/types.ts';
import type { Outbox, OutboxPack } from './outbox.ts';

export type FileOutboxOptions = {
  /** Keys that the user gave; a pack of another key is still sent, since its receipt names the key by its digest. */
  readonly key: (keyId: string) => VerificationKey | undefined;
};

/**
 * Packs carried by hand, in the order given. The files stay as they are and nothing is remembered
 * between runs: what became of each stands in the report. Refuses with `pack-unreadable`, and as
 * `decodePack` does, with the file's name in front: a typing error must not leave half of the packs sent.
 */
export function fileOutbox(files: readonly string[], options: FileOutboxOptions): Result<Outbox> {
  const packs: OutboxPack[] = [];
  for (const file of files) {
    const pack = describe(file, options);
    if (!pack.ok) return { ok: false, refusal: { ...pack.refusal, message: `${file}: ${pack.refusal.message}` } };
    packs.push(pack.value);
  }
  const checkpoints = new Map<string, CheckpointSeen>();
  const done = ok(undefined);
  let logKey: string | undefined;
  return ok({
    pending: () => ok(packs),
    read: (pack) => readPackFile(pack.name),
    key: options.key,
    release: () => done,
    quarantine: () => done,
    fork: () => done,
    acknowledged: () => ok(new Set<string>()),
    acknowledge: () => done,
    forgetAcknowledged: () => done,
    remembers: false,
    pinnedLogKey: () => ok(logKey),
    pinLogKey(verifierKey) {
      logKey = verifierKey;
      return done;
    },
    lastCheckpoint: (origin) => ok(checkpoints.get(origin)),
    rememberCheckpoint(checkpoint) {
      checkpoints.set(checkpoint.origin, checkpoint);
      return done;
    },
    reportDivergence: () => done,
  });
}

function describe(file: string, { key }: FileOutboxOptions): Result<OutboxPack> {
  const bytes = readPackFile(file);
  if (!bytes.ok) return bytes;
  const pack = decodePack(bytes.value);
  if (!pack.ok) return pack;
  const { bundle } = pack.value;
  const known = key(bundle.verificationMaterial.publicKey.hint);
  const opened = known === undefined ? statementOf(bundle) : openBundle(bundle, known);
  if (!opened.ok) return opened;
  const { predicate } = 'statement' in opened.value ? opened.value.statement : opened.value;
  return ok({
    name: file,
    chain: predicate.chain.id,
    sequence: predicate.chain.sequence,
    digest: bundleDigest(bundle),
  });
}

function readPackFile(file: string): Result<Uint8Array> {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return refuse('pack-unreadable', 'is not a file');
    if (stat.size > packLimits.maxBytes)
      return refuse('pack-unreadable', `is larger than ${packLimits.maxBytes} bytes`);
    return ok(readFileSync(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('pack-unreadable', `cannot be read (${code})`, { remedy: 'check the path and its permissions' });
  }
}
