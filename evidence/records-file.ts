/** Records of one log as a file: what an endpoint gives out, and what `affiant verify --records` takes. */
import type { RecordsFile } from '../schemas/generated/types.ts';
import { records as isRecordsFile } from '../schemas/generated/validators.js';
import { canonicalBytes } from './canonical-json.ts';
import { ok, type Result } from './result.ts';
import { recordMediaType, type Signed, signedFile, signedFrom } from './signed-file.ts';
import { parseStrictJson } from './strict-json.ts';
import { validated } from './validate.ts';

/** A hundred thousand keys and what became of them. */
export const recordsLimits = { maxBytes: 512 * 1024 * 1024, maxDepth: 16 };

/** `logKey`: the log's verifier line. `next`: the number from which more follow. */
export function encodeRecords(records: readonly Signed[], logKey: string, next?: number): Uint8Array {
  const file: RecordsFile = {
    format: 'affiant-records/1',
    logKey,
    records: records.map((signed) => signedFile(recordMediaType, signed)),
    ...(next !== undefined && { next }),
  };
  return canonicalBytes(file);
}

/** The records of a file; proves nothing of them (`openLedger` does). Refuses as `parseStrictJson` and `validated` do. */
export function decodeRecords(bytes: Uint8Array): Result<{ logKey: string; records: Signed[]; next?: number }> {
  const parsed = parseStrictJson(bytes, recordsLimits);
  const file = parsed.ok ? validated(isRecordsFile, parsed.value, 'records') : parsed;
  if (!file.ok) return file;
  const records: Signed[] = [];
  for (const [index, value] of file.value.records.entries()) {
    const signed = signedFrom(value, recordMediaType);
    if (!signed.ok)
      return { ok: false, refusal: { ...signed.refusal, pointer: `/records/${index}${signed.refusal.pointer ?? ''}` } };
    records.push(signed.value);
  }
  const { logKey, next } = file.value;
  return ok({ logKey, records, ...(next !== undefined && { next }) });
}
