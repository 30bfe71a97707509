/** What the two signatures of a pack cost alone, and nothing around them: no reader of packs can be faster. */
import { verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { listPacks } from '../audit/pack-files.ts';
import type { LogVerifier } from '../evidence/checkpoint.ts';
import { preAuthEncoding } from '../evidence/dsse.ts';
import { decodePack } from '../evidence/pack.ts';
import { parseNote } from '../evidence/signed-note.ts';
import type { VerificationKey } from '../evidence/signing-key.ts';

const sample = 1500;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU milliseconds a pack: of the server's signature (ECDSA P-256), and of that on its checkpoint (Ed25519). */
export function signatureFloor(
  folder: string,
  key: VerificationKey,
  log: LogVerifier,
): { readonly statementMs: number; readonly checkpointMs: number } {
  const paths = listPacks(folder);
  if (!paths.ok) throw new Error(paths.refusal.message);
  const signed = paths.value.slice(0, sample).flatMap((path) => {
    const pack = decodePack(readFileSync(path));
    const note = pack.ok && pack.value.receipt !== undefined ? parseNote(pack.value.receipt.checkpoint) : undefined;
    const line = note?.signatures[0];
    const signature = pack.ok ? pack.value.bundle.dsseEnvelope.signatures[0]?.sig : undefined;
    if (!pack.ok || note === undefined || line === undefined || signature === undefined) return [];
    const { payloadType, payload } = pack.value.bundle.dsseEnvelope;
    const encoding = preAuthEncoding(payloadType, Buffer.from(payload, 'base64'));
    return [{ encoding, sig: Buffer.from(signature, 'base64'), text: note.text, line: line.signature.subarray(4) }];
  });
  const began = cpuMs();
  for (const { encoding, sig } of signed)
    if (!verify('sha256', encoding, key.publicKey, sig)) throw new Error('a signature does not verify');
  const between = cpuMs();
  for (const { text, line } of signed) if (!log.isSigned(text, line)) throw new Error('a checkpoint does not verify');
  const ended = cpuMs();
  return { statementMs: (between - began) / signed.length, checkpointMs: (ended - between) / signed.length };
}
