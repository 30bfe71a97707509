import assert from 'node:assert/strict';
import { createPublicKey, hash } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { inclusionProof, leafHash, rootHash } from '../../evidence/merkle.ts';
import { logLeaf, makeReceipt, verifyReceipt } from '../../evidence/receipt.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import { receipt as isReceipt } from '../../schemas/generated/validators.js';
import {
  codeOf,
  pointerOf,
  type SampleLog,
  type SamplePack,
  sampleLog,
  samplePack,
  valueOf,
  withReceipt,
} from './sample.ts';

function receiptOf({ parts }: SamplePack): Receipt {
  assert.ok(parts.receipt);
  return parts.receipt;
}

/** Our receipt in the words of a Sigstore bundle, given to Sigstore's own verifier with our log as the only one trusted. */
function judgedBySigstore({ parts, key }: SamplePack, receipt: Receipt, { verifier }: SampleLog): void {
  const raw = Buffer.from(verifier.verifierKey.split('+').slice(2).join('+'), 'base64').subarray(1);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
  const logID = Buffer.from(verifier.keyHash);
  const tlogEntry = {
    logIndex: String(receipt.logIndex),
    logId: { keyId: logID.toString('base64') },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    inclusionProof: {
      logIndex: String(receipt.logIndex),
      rootHash: receipt.checkpoint.split('\n')[2],
      treeSize: String(receipt.treeSize),
      hashes: receipt.hashes,
      checkpoint: { envelope: receipt.checkpoint },
    },
    canonicalizedBody: Buffer.from(logLeaf(parts.bundle, key)).toString('base64'),
  };
  const { verificationMaterial, ...rest } = parts.bundle;
  const bundle = bundleFromJSON({
    ...rest,
    verificationMaterial: { ...verificationMaterial, tlogEntries: [tlogEntry] },
  });
  const trust = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [
      {
        logID,
        publicKey,
        baseURL: `https://${verifier.origin}`,
        validFor: { start: new Date(0), end: new Date(8.64e15) },
      },
    ],
    ctlogs: [],
    publicKey: () => ({ publicKey: key.publicKey, validFor: () => true }),
  };
  new Verifier(trust, { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(bundle));
}

describe('receipts', () => {
  const log = sampleLog();
  const pack = withReceipt(samplePack(), log);
  const receipt = receiptOf(pack);
  const verify = (changed: Receipt) => verifyReceipt(changed, pack.parts.bundle, pack.key, log.verifier);

  it('prove the place in the log, and fit their schema', () => {
    assert.ok(isReceipt(receipt), JSON.stringify(isReceipt.errors));
    const place = valueOf(verify(receipt));
    assert.deepEqual([place.origin, place.index, place.size], ['log.affiant.example', 5, 7]);
  });

  it('hold for a log of one leaf, which needs no proof', () => {
    const leaves = [leafHash(logLeaf(pack.parts.bundle, pack.key))];
    const checkpoint = log.signer.signCheckpoint(1, rootHash(leaves));
    const single = makeReceipt({
      index: 0,
      size: 1,
      hashes: inclusionProof(0, leaves),
      checkpoint,
      logKey: log.signer.verifierKey,
    });
    assert.deepEqual(single.hashes, []);
    assert.equal(valueOf(verify(single)).size, 1);
  });

  it('are accepted by @sigstore/verify as entries of a Rekor v2 log', () => {
    judgedBySigstore(pack, receipt, log);
  });

  it('are refused by @sigstore/verify for another bundle, another proof, another log', () => {
    assert.throws(() => judgedBySigstore(samplePack(), receipt, log));
    assert.throws(() => judgedBySigstore(pack, { ...receipt, hashes: receipt.hashes.toReversed() }, log));
    assert.throws(() => judgedBySigstore(pack, receipt, sampleLog()));
  });

  it('rest on a leaf that says digest, signature and key, and nothing of the server', () => {
    const { parts, key, digest } = pack;
    const der = key.publicKey.export({ type: 'spki', format: 'der' });
    assert.equal(hash('sha256', der), key.keyId);
    assert.equal(
      Buffer.from(logLeaf(parts.bundle, key)).toString(),
      canonicalText({
        apiVersion: '0.0.2',
        kind: 'hashedrekord',
        spec: {
          hashedRekordV002: {
            data: { algorithm: 'SHA2_256', digest: Buffer.from(digest, 'hex').toString('base64') },
            signature: {
              content: parts.bundle.dsseEnvelope.signatures[0]?.sig,
              verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', publicKey: { rawBytes: der.toString('base64') } },
            },
          },
        },
      }),
    );
  });

  it('are refused with another index, size, hash or number of hashes', () => {
    assert.equal(codeOf(verify({ ...receipt, logIndex: 4 })), 'receipt-not-included');
    assert.equal(codeOf(verify({ ...receipt, logIndex: 7 })), 'receipt-not-included');
    assert.equal(codeOf(verify({ ...receipt, treeSize: 8 })), 'receipt-invalid');
    assert.equal(pointerOf(verify({ ...receipt, treeSize: 8 })), '/treeSize');
    for (const hashes of [
      [],
      receipt.hashes.slice(1),
      receipt.hashes.toReversed(),
      [...receipt.hashes, ...receipt.hashes],
    ])
      assert.equal(codeOf(verify({ ...receipt, hashes })), 'receipt-not-included');
  });

  it('are refused with a checkpoint of another tree or another log', () => {
    const later = log.signer.signCheckpoint(7, leafHash(Buffer.of()));
    assert.equal(codeOf(verify({ ...receipt, checkpoint: later })), 'receipt-not-included');
    const forged = sampleLog();
    const foreign = withReceipt(pack, forged);
    assert.equal(codeOf(verify(receiptOf(foreign))), 'receipt-other-log');
    assert.equal(codeOf(verify({ ...receiptOf(foreign), logKey: receipt.logKey })), 'checkpoint-unsigned');
    assert.equal(pointerOf(verify({ ...receiptOf(foreign), logKey: receipt.logKey })), '/checkpoint');
  });

  it("are refused with a signature beside the log's, so that none can be slipped in", () => {
    const [, other = ''] = sampleLog('witness.example').signer.signCheckpoint(7, leafHash(Buffer.of())).split('\n\n');
    assert.equal(codeOf(verify({ ...receipt, checkpoint: receipt.checkpoint + other })), 'receipt-invalid');
  });
});
