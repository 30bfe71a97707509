import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { leafHash } from '../../evidence/merkle.ts';
import { encodePack, packParts } from '../../evidence/pack.ts';
import { logLeaf } from '../../evidence/receipt.ts';
import { verificationKeyFromPem } from '../../evidence/signing-key.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import { valueOf } from './sample.ts';

function read(relative: string): Buffer {
  return readFileSync(new URL(relative, import.meta.url));
}

describe('docs/format.md and its example', () => {
  const bytes = read('../fixtures/pack/example.pack.json');
  const key = valueOf(verificationKeyFromPem(read('../fixtures/pack/example.pem').toString()));
  const logKey = valueOf(logVerifierFromKey(read('../fixtures/pack/example.vkey').toString().trim()));
  const page = read('../../docs/format.md').toString();

  it('holds a pack of long ago that must verify for ever', () => {
    const verified = valueOf(verifyPack(bytes, { key: () => key, logKey, requireReceipt: true }));
    assert.deepEqual([...verified.documents.keys()], ['raw/1', 'sources/host']);
    assert.equal(verified.digest, '79dc587140215300337476c89dadd01fe323c083e83f80c3bf4973f59450706b');
    assert.deepEqual(Buffer.from(encodePack(packParts(verified.pack))), bytes);
  });

  it('quotes the figures that the example really has', () => {
    const { pack, digest, statement } = valueOf(verifyPack(bytes, { key: () => key, logKey }));
    const leaf = Buffer.from(leafHash(logLeaf(pack.bundle, key))).toString('hex');
    const figures = [
      digest,
      leaf,
      key.keyId,
      `${bytes.length} bytes`,
      logKey.verifierKey,
      ...statement.subject.map((subject) => subject.digest.sha256),
    ];
    for (const figure of figures) assert.ok(page.includes(figure), figure);
    // Figures of records and attestations: records-format.test.ts.
    const [packs = ''] = page.split('## Records of the log');
    assert.deepEqual(
      [...packs.matchAll(/\b[0-9a-f]{64}\b/g)].filter(([found]) => !figures.includes(found)),
      [],
    );
  });
});
