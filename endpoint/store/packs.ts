/** Kept bundles, put together again as packs. */
import { zstdDecompressSync } from 'node:zlib';
import { encodeBase64 } from '../../evidence/base64.ts';
import { packLimits, packMediaType } from '../../evidence/pack.ts';
import type { Pack, PackDocuments, Statement } from '../../schemas/generated/types.ts';
import { selectIn } from './dialect.ts';
import { receiptForReaders } from './receipts.ts';
import { bytesOf, fromHex, hexOf, numberOf, type Row, type Sql } from './sql.ts';

/** The pack of a kept bundle with its receipt, as far as its documents are kept. */
export async function readPack(sql: Sql, logKey: string, keyId: string, digest: string): Promise<Pack | undefined> {
  const row = await sql.get(
    `SELECT bundle.key, log_index, sealed, payload, signature FROM bundle
     JOIN signing_key ON signing_key.id = bundle.key WHERE signing_key.key_id = $1 AND digest = $2`,
    [keyId, fromHex(digest)],
  );
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
    documents: await documentsOf(sql, row),
    receipt: await receiptForReaders(sql, numberOf(row, 'log_index'), numberOf(row, 'sealed'), logKey),
  };
}

async function documentsOf(sql: Sql, row: Row): Promise<PackDocuments> {
  const { subject } = JSON.parse(Buffer.from(bytesOf(row, 'payload')).toString('utf8')) as Statement;
  const key = numberOf(row, 'key');
  const found = await selectIn(
    sql,
    'SELECT sha256, zstd FROM document',
    ['key', 'sha256'],
    subject.map(({ digest }) => [key, fromHex(digest.sha256)]),
  );
  const documents: PackDocuments = {};
  for (const document of found) {
    const bytes = zstdDecompressSync(bytesOf(document, 'zstd'), { maxOutputLength: packLimits.maxBytes });
    documents[hexOf(document, 'sha256')] = JSON.parse(bytes.toString('utf8')) as object;
  }
  return documents;
}
