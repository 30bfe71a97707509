import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { locatorOf, printable } from '../../../agent/host/locator.ts';
import { decodeBytes, encodeText } from '../../../collectors/text.ts';

/** What `printable` wrote, read back. */
function unprinted(text: string): string {
  const bytes: number[] = [];
  for (const [, hex, plain = ''] of text.matchAll(/%([0-9A-F]{2})|([^%]|%)/gsu))
    bytes.push(...(hex === undefined ? encodeText(plain) : [Number.parseInt(hex, 16)]));
  return decodeBytes(Uint8Array.from(bytes));
}

describe('names of sources', () => {
  it('leave ordinary paths and placeholders of rpm as they are', () => {
    assert.equal(locatorOf('file', '/etc/os-release'), 'file:/etc/os-release');
    assert.equal(printable('/srv/Pläne und 100 %/x %{NAME}'), '/srv/Pläne und 100 %/x %{NAME}');
  });

  it('hold no control, bidi or invisible character and no broken UTF-8', () => {
    assert.equal(
      printable('/a\n\u001b[31m\u202e\u200b\u2028/j\udcf6rg'),
      '/a%0A%1B[31m%E2%80%AE%E2%80%8B%E2%80%A8/j%F6rg',
    );
    assert.equal(printable('/%41 is not A'), '/%2541 is not A');
  });

  it('are different for different bytes: what was encoded can be read back', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const tricky = fc.array(fc.constantFrom('%', '4', '1', 'F', 'ö', '\udcff', '\u0001', '\u202e'), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.oneof(
          bytes.map(decodeBytes),
          tricky.map((parts) => decodeBytes(encodeText(parts.join('')))),
        ),
        (text) => {
          const clean = printable(text);
          assert.ok(clean.isWellFormed());
          assert.doesNotMatch(clean, /[\p{Cc}\p{Cf}\p{Cs}]/u);
          assert.equal(unprinted(clean), text);
        },
      ),
    );
  });

  it('stay within 4096 characters, and two long ones stay two', () => {
    const [one, two] = [locatorOf('file', `/${'a'.repeat(5000)}1`), locatorOf('file', `/${'a'.repeat(5000)}2`)];
    assert.equal(one.length, 4096);
    assert.notEqual(one, two);
    assert.ok(locatorOf('file', `/x${'😀'.repeat(3000)}`).isWellFormed());
    assert.ok(locatorOf('file', `/${'😀'.repeat(3000)}`).isWellFormed());
  });
});
