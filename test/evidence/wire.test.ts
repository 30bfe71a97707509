import assert from 'node:assert/strict';
import { constants, zstdCompressSync } from 'node:zlib';
import { decodePack, documentDigest } from '../../evidence/pack.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import { decodeWirePack, encodeWirePack } from '../../evidence/wire.ts';
import { codeOf, sampleLog, samplePack, sampleRaw, sampleSources, valueOf, withReceipt } from './sample.ts';

const limits = { maxCompressed: 1024 * 1024, maxBytes: 4 * 1024 * 1024 };
const magic = [0x28, 0xb5, 0x2f, 0xfd];

/** A frame by hand: descriptor and header, then raw blocks. */
function frame(header: readonly number[], content = 'abc'): Uint8Array {
  const block = (content.length << 3) | 1;
  return Buffer.concat([
    Buffer.from([...magic, ...header, block & 0xff, (block >> 8) & 0xff, block >> 16]),
    Buffer.from(content),
  ]);
}

describe('the copy of a pack on the wire', () => {
  const pack = samplePack();

  it('comes back byte for byte, from parts or from bytes', () => {
    for (const source of [pack.parts, pack.bytes])
      assert.deepEqual(valueOf(decodeWirePack(encodeWirePack(source, new Set()), limits)), Buffer.from(pack.bytes));
  });

  it('leaves out the documents that it is told to, and stays a canonical pack', () => {
    const wire = encodeWirePack(pack.bytes, new Set([documentDigest(sampleSources), 'f'.repeat(64)]));
    const bytes = valueOf(decodeWirePack(wire, limits));
    assert.deepEqual(Object.keys(valueOf(decodePack(bytes)).documents), [documentDigest(sampleRaw)]);
    const verified = valueOf(verifyPack(bytes, { key: () => pack.key, allowMissingDocuments: true }));
    assert.deepEqual(verified.missing, ['sources/updates']);
  });

  it('carries no receipt: the endpoint gives it, and does not read one', () => {
    const wire = encodeWirePack(withReceipt(pack, sampleLog()).bytes, new Set());
    assert.deepEqual(valueOf(decodeWirePack(wire, limits)), Buffer.from(pack.bytes));
  });

  it('is not made of bytes that are no pack', () => {
    assert.throws(() => encodeWirePack(Buffer.from('{}'), new Set()), TypeError);
  });

  it('refuses a body past the cap before it looks at it', () => {
    assert.equal(
      codeOf(decodeWirePack(new Uint8Array(1025), { maxCompressed: 1024, maxBytes: 1024 })),
      'wire-too-large',
    );
  });

  it('refuses a bomb at the cap of output, whether it tells its size or not', () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
    assert.ok(bomb.length < 10_000);
    assert.equal(codeOf(decodeWirePack(bomb, limits)), 'wire-output-too-large');
    const silent = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024), {
      params: { [constants.ZSTD_c_contentSizeFlag]: 0 },
    });
    assert.equal(codeOf(decodeWirePack(silent, limits)), 'wire-output-too-large');
  });

  it('takes output of exactly the cap and refuses one byte more', () => {
    const wire = zstdCompressSync(Buffer.from('x'.repeat(1000)), { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
    assert.ok(decodeWirePack(wire, { maxCompressed: 1024, maxBytes: 1000 }).ok);
    assert.equal(codeOf(decodeWirePack(wire, { maxCompressed: 1024, maxBytes: 999 })), 'wire-output-too-large');
  });

  it('takes a window of 8 MiB and refuses the next larger one', () => {
    const exponent = 13 << 3;
    assert.deepEqual(valueOf(decodeWirePack(frame([0x00, exponent]), limits)), Buffer.from('abc'));
    assert.equal(codeOf(decodeWirePack(frame([0x00, exponent | 1]), limits)), 'wire-window-too-large');
    assert.equal(codeOf(decodeWirePack(frame([0x00, 0xff]), limits)), 'wire-window-too-large');
  });

  it('counts the content of a frame in one segment as its window, in each width of the size', () => {
    const wide = { maxCompressed: 1024, maxBytes: 2 ** 40 };
    assert.deepEqual(valueOf(decodeWirePack(frame([0x20, 3]), limits)), Buffer.from('abc'));
    assert.equal(codeOf(decodeWirePack(frame([0xa0, 1, 0, 0x80, 0]), wide)), 'wire-window-too-large');
    assert.equal(codeOf(decodeWirePack(frame([0xe0, 0, 0, 0, 0, 1, 0, 0, 0]), wide)), 'wire-window-too-large');
    assert.deepEqual(
      valueOf(decodeWirePack(frame([0x60, 0, 0], 'x'.repeat(256)), limits)),
      Buffer.from('x'.repeat(256)),
    );
  });

  const whole = encodeWirePack(pack.parts, new Set());
  const skippable = Buffer.from('502a4d1800000000', 'hex');
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array()],
    ['JSON that is not compressed', pack.bytes],
    ['half a frame', whole.subarray(0, whole.length / 2)],
    ['a frame without its last byte', whole.subarray(0, -1)],
    ['a byte behind the frame', Buffer.concat([whole, Buffer.of(0)])],
    ['a second frame', Buffer.concat([whole, whole])],
    ['a skippable frame in front', Buffer.concat([skippable, whole])],
    ['a skippable frame behind', Buffer.concat([whole, skippable])],
    ['a dictionary', frame([0x01, 13 << 3, 7])],
    ['the reserved bit', frame([0x08, 13 << 3])],
    ['a header that is cut off', Buffer.from([...magic, 0xe0, 1, 2])],
    ['blocks without an end', Buffer.from([...magic, 0x00, 13 << 3, 0, 0, 0])],
    ['a block of the reserved type', Buffer.from([...magic, 0x00, 13 << 3, 0x07, 0, 0])],
    ['content that is not as long as the frame says', frame([0x20, 4])],
  ];
  for (const [what, bytes] of wrong)
    it(`refuses ${what}`, () => {
      assert.equal(codeOf(decodeWirePack(bytes, limits)), 'wire-not-zstd');
    });

  it('survives any byte changed: refused, or another text that verification refuses', () => {
    for (const at of whole.keys()) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x11;
      const bytes = decodeWirePack(changed, limits);
      if (bytes.ok && Buffer.compare(bytes.value, pack.bytes) !== 0)
        assert.ok(!verifyPack(bytes.value, { key: () => pack.key }).ok);
    }
  });
});
