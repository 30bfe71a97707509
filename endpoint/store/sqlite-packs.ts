/** Kept bundles, put together again as packs. */
import type { DatabaseSync } from 'node:sqlite';
import { zstdDecompressSync } from 'node:zlib';
import { encodeBase64 } from '../../evidence/base64.ts';
import { packLimits, packMediaType } from '../../evidence/pack.ts';
import type { Pack, PackDocuments, Receipt, Statement } from '../../schemas/generated/types.ts';
import { bytesOf, fromHex, numberOf, type Row, textOf } from './sqlite-rows.ts';

export type Packs = {
  /** The pack of a kept bundle with its receipt, as far as its documents are kept. */
  read(keyId: string, digest: string): Pack | undefined;
};

export function openPacks(database: DatabaseSync): Packs {
  const select = database.prepare(
    `SELECT bundle.key, payload, signature, receipt FROM bundle
     JOIN signing_key ON signing_key.id = bundle.key JOIN receipt ON receipt.bundle = bundle.id
     WHERE signing_key.key_id = ? AND digest = ?`,
  );
  const getDocument = database.prepare('SELECT zstd FROM document WHERE key = ? AND sha256 = ? LIMIT 1');

  function documentsOf(row: Row): PackDocuments {
    const { subject } = JSON.parse(Buffer.from(bytesOf(row, 'payload')).toString('utf8')) as Statement;
    const documents: PackDocuments = {};
    for (const { digest } of subject) {
      const found = getDocument.get(numberOf(row, 'key'), fromHex(digest.sha256));
      if (found === undefined) continue;
      const bytes = zstdDecompressSync(bytesOf(found, 'zstd'), { maxOutputLength: packLimits.maxBytes });
      documents[digest.sha256] = JSON.parse(bytes.toString('utf8')) as object;
    }
    return documents;
  }

  return {
    read(keyId, digest) {
      const row = select.get(keyId, fromHex(digest));
      if (row === undefined) return undefined;
      return {
        mediaType: packMediaType,
        bundle: {
          mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
          verificationMaterial: { publicKey: { hint: keyId } },
          dsseEnvelope: {
            payload: encodeBase64(bytesOf(row, 'payload')),
            payloadType: 'application/vnd.in-toto+json',
            signatures: [{ sig: encodeBase64(bytesOf(row, 'signature')), keyid: '' }],
          },
        },
        documents: documentsOf(row),
        receipt: JSON.parse(textOf(row, 'receipt')) as Receipt,
      };
    },
  };
}
