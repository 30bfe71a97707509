import assert from 'node:assert/strict';
import { createPrivateKey, sign, verify } from 'node:crypto';
import { hasLowS, lowerS } from '../../evidence/ecdsa.ts';
import { createPrivateKeyPem } from '../../evidence/signing-key.ts';

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function der(...integers: readonly string[]): Uint8Array {
  const body = Buffer.concat(
    integers.map((hex) => Buffer.concat([Buffer.of(2, hex.length / 2), Buffer.from(hex, 'hex')])),
  );
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function positive(value: bigint): string {
  const hex = value.toString(16).padStart(64, '0');
  return Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex;
}

describe('the one form of a P-256 signature', () => {
  it('keeps every signature of OpenSSL valid, and halves the two forms to one', () => {
    const key = createPrivateKey(createPrivateKeyPem());
    const message = Buffer.from('message');
    let changed = 0;
    for (let run = 0; run < 64; run += 1) {
      const raw = sign('sha256', message, key);
      const low = lowerS(raw);
      assert.ok(hasLowS(low));
      assert.ok(verify('sha256', message, key, low));
      assert.equal(hasLowS(raw), Buffer.compare(raw, low) === 0);
      if (!hasLowS(raw)) changed += 1;
    }
    // OpenSSL makes the upper form half of the time; none in 64 would mean that this test tests nothing.
    assert.ok(changed > 0 && changed < 64);
  });

  it('draws the line exactly at half the order', () => {
    const half = order / 2n;
    assert.equal(hasLowS(der('01', positive(half))), true);
    assert.equal(hasLowS(der('01', positive(half + 1n))), false);
    assert.deepEqual(Buffer.from(lowerS(der('01', positive(half + 1n)))), Buffer.from(der('01', positive(half))));
  });

  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array()],
    ['a zero r', der('00', '01')],
    ['a zero s', der('01', '00')],
    ['an s of the order', der('01', positive(order))],
    ['an r of the order', der(positive(order), '01')],
    ['a padded integer', der('0001', '01')],
    ['a negative integer', der('ff', '01')],
    ['three integers', der('01', '01', '01')],
    ['one integer', der('01')],
    ['a byte behind', Buffer.concat([der('01', '01'), Buffer.of(0)])],
    ['another tag', Buffer.from('31060201010201 01'.replace(' ', ''), 'hex')],
    ['a length in the long form', Buffer.from('308106020101020101', 'hex')],
    ['a length past the end', Buffer.from('3006020101022001', 'hex')],
    ['an empty integer', der('', '01')],
  ];
  for (const [what, bytes] of wrong)
    it(`takes no signature with ${what}`, () => {
      assert.equal(hasLowS(bytes), false);
      assert.throws(() => lowerS(bytes), TypeError);
    });
});
