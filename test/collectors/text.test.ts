import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decodeBytes, encodeText, fromBase64, isUtf8, toBase64, toText } from '../../collectors/text.ts';

/** Bytes that are more often near UTF-8 than random ones: leading and following bytes, cut sequences. */
const nearUtf8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => new TextEncoder().encode(text)),
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom(
        [0xed, 0xa0, 0x80],
        [0xc0, 0x80],
        [0xe2, 0x80],
        [0xf0, 0x9f, 0x98],
        [0xf4, 0x90, 0x80, 0x80],
        [0xef, 0xbb, 0xbf],
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

describe('text that may not be UTF-8', () => {
  it('comes back as the bytes that it was read from, whatever they are', () => {
    fc.assert(
      fc.property(nearUtf8, (bytes) => {
        assert.deepEqual(encodeText(decodeBytes(bytes)), bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('is the text itself where it is UTF-8, a byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(decodeBytes(new TextEncoder().encode(text)), text);
        assert.ok(isUtf8(text));
        assert.equal(toText(text), text);
      }),
    );
    assert.equal(decodeBytes(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), '\uFEFFa');
  });

  it('is told from UTF-8, and goes into a document as its bytes', () => {
    fc.assert(
      fc.property(nearUtf8, (bytes) => {
        const text = decodeBytes(bytes);
        const valid = Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf8').equals(bytes);
        assert.equal(isUtf8(text), valid);
        assert.deepEqual(toText(text), valid ? text : { bytes: Buffer.from(bytes).toString('base64') });
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps each byte of ISO 8859-1, of encoded surrogates and of cut sequences', () => {
    assert.equal(decodeBytes(Uint8Array.of(0x6a, 0xf6, 0x72, 0x67)), 'j\udcf6rg');
    assert.equal(decodeBytes(Uint8Array.of(0xed, 0xa0, 0x80)), '\udced\udca0\udc80');
    assert.equal(decodeBytes(Uint8Array.of(0x61, 0xe2, 0x82)), 'a\udce2\udc82');
  });

  it('decodes a mebibyte of bytes that are not UTF-8', () => {
    const bytes = new Uint8Array(1024 * 1024).fill(0xff);
    const text = decodeBytes(bytes);
    assert.equal(text.length, bytes.length);
    assert.deepEqual(encodeText(text), bytes);
  });

  it('writes and reads base64 as everyone does, and refuses what is not base64', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64(bytes);
        assert.equal(text, Buffer.from(bytes).toString('base64'));
        assert.deepEqual(fromBase64(text), bytes);
      }),
    );
    for (const text of ['a', 'a*==', 'aGk_', 'aG k', 'ä']) assert.equal(fromBase64(text), undefined, text);
  });
});
