/** Attestations as a list: what an endpoint gives out, and what an audit reads. */
import type { AttestationsFile } from '../schemas/generated/types.ts';
import { attestations as isAttestationsFile } from '../schemas/generated/validators.js';
import { canonicalBytes } from './canonical-json.ts';
import { recordsLimits } from './records-file.ts';
import { ok, type Result } from './result.ts';
import { attestationMediaType, type Signed, signedFile, signedFrom } from './signed-file.ts';
import { parseStrictJson } from './strict-json.ts';
import { validated } from './validate.ts';

/** `logKey`: the log's verifier line. `next`: the log index behind which more may follow. */
export function encodeAttestations(attestations: readonly Signed[], logKey: string, next?: number): Uint8Array {
  const file: AttestationsFile = {
    format: 'affiant-attestations/1',
    logKey,
    attestations: attestations.map((signed) => signedFile(attestationMediaType, signed)),
    ...(next !== undefined && { next }),
  };
  return canonicalBytes(file);
}

/** The attestations of a list; proves nothing of them (`openAttestation` does). */
export function decodeAttestations(
  bytes: Uint8Array,
): Result<{ logKey: string; attestations: Signed[]; next?: number }> {
  const parsed = parseStrictJson(bytes, recordsLimits);
  const file = parsed.ok ? validated(isAttestationsFile, parsed.value, 'attestations') : parsed;
  if (!file.ok) return file;
  const attestations: Signed[] = [];
  for (const [index, value] of file.value.attestations.entries()) {
    const signed = signedFrom(value, attestationMediaType);
    if (!signed.ok)
      return {
        ok: false,
        refusal: { ...signed.refusal, pointer: `/attestations/${index}${signed.refusal.pointer ?? ''}` },
      };
    attestations.push(signed.value);
  }
  const { logKey, next } = file.value;
  return ok({ logKey, attestations, ...(next !== undefined && { next }) });
}
