import assert from 'node:assert/strict';
import stringWidth from 'string-width';
import { textWidth } from '../../../agent/cli/render/text-width.ts';

describe('the width of a text', () => {
  it('is what string-width says, for every character that is counted without it', () => {
    for (let code = 0x20; code < 0x2100; code += 1) {
      const text = `a${String.fromCodePoint(code)}b`;
      if (/\p{Cc}|\p{Mark}/u.test(text)) continue;
      assert.equal(textWidth(text), stringWidth(text), `U+${code.toString(16)}`);
    }
  });

  it('counts wide characters twice and combining ones not at all', () => {
    assert.equal(textWidth('漢字'), 4);
    assert.equal(textWidth('e\u0301'), 1);
  });
});
