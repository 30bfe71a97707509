import assert from 'node:assert/strict';
import { forJson, forTerminal } from '../../../agent/cli/render/escape.ts';

const hostile = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u202egnp.exe',
  'a\u0000b',
  'line\nbreak\r',
  '\u009b31m',
  'zero\u200bwidth\ufeff',
  'tag\u{e0041}',
  'filler\u3164\u115f\u034f',
  'byte\udc80',
];

describe('what a server says, in a terminal', () => {
  it('loses every character that a terminal would obey or hide', () => {
    for (const text of hostile) {
      const shown = forTerminal(text);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u, JSON.stringify(text));
      assert.doesNotMatch(shown, /\p{Default_Ignorable_Code_Point}/u);
      assert.notEqual(shown, text);
    }
  });

  it('keeps ordinary text of any script as it is', () => {
    for (const text of ['alice', 'Zoë', '管理者', 'مدير', '<script>', '=cmd|x', '🙂'])
      assert.equal(forTerminal(text), text);
  });

  it('shows a byte that is not UTF-8 by its value', () => {
    assert.equal(forTerminal('j\udcf6rg'), 'j\\xf6rg');
  });
});

describe('what a server says, as JSON', () => {
  it('says of each character the same alone as among others that make every character be looked at', () => {
    for (let code = 0; code <= 0xffff; code += 1) {
      const char = String.fromCharCode(code);
      assert.equal(forJson(char), forJson(`ë${char}`).replace('ë', ''), `U+${code.toString(16)}`);
    }
  });

  it('means the same and holds nothing that a terminal obeys', () => {
    for (const text of hostile.slice(0, -1)) {
      const json = forJson({ [text]: [text] });
      assert.doesNotMatch(json.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}]/u);
      assert.deepEqual(JSON.parse(json), { [text]: [text] });
    }
  });
});
