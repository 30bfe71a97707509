/** What a log and a chain add to what no endpoint can leave out: the signed statement read, a leaf, its proof, a receipt. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { statement } from '../../schemas/generated/validators.js';

/** Leaves in a tree of a million have proofs of that many hashes. */
const proofLength = 20;
/** So many levels of the tree are new in each proof. */
const newLevels = 6;

const { privateKey } = generateKeyPairSync('ed25519');
const leaf = Buffer.alloc(500, 1);
const node = Buffer.alloc(65, 1);
const hashes = Array.from({ length: proofLength }, () => randomBytes(32));
const checkpoint = 'x'.repeat(250);

/** One checkpoint is signed for `batch` bundles. */
export function logSteps(payloads: readonly Uint8Array[], batch: number): [string, () => void][] {
  return [
    [
      'statement',
      () => {
        for (const payload of payloads) {
          const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
          if (!statement(value)) throw new Error('no statement');
          canonicalText(value);
        }
      },
    ],
    [
      'leaf, proof, checkpoint, receipt',
      () => {
        for (const index of payloads.keys()) {
          createHash('sha256').update(leaf).digest();
          for (let level = 0; level < newLevels; level += 1) createHash('sha256').update(node).digest();
          if (index % batch === 0) sign(null, node, privateKey);
          JSON.stringify({ index, checkpoint, hashes: hashes.map((hash) => hash.toString('base64')) });
        }
      },
    ],
  ];
}
