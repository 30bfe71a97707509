import assert from 'node:assert/strict';
import stringWidth from 'string-width';
import { tableLines, wrap } from '../../../agent/cli/render/table.ts';

describe('a table', () => {
  it('never grows wider than the terminal, whatever the server says', () => {
    const words = [
      'kurz',
      'x'.repeat(300),
      '管理者'.repeat(30),
      'e\u0301'.repeat(50),
      '\u001b[31mred',
      'many words that wrap at blanks '.repeat(6),
    ];
    for (const width of [60, 80, 140])
      for (const line of tableLines(
        words.map((text) => [{ text: 'label' }, { text }]),
        width,
        [20],
      ))
        assert.ok(stringWidth(line) <= width, `${stringWidth(line)} > ${width}: ${line}`);
  });

  it('cuts nothing away', () => {
    const text = 'x'.repeat(300);
    const [joined] = [wrap(text, 40).join('')];
    assert.equal(joined, text);
  });

  it('keeps columns under each other with wide characters', () => {
    const lines = tableLines(
      [
        [{ text: '管理' }, { text: 'one' }],
        [{ text: 'ab' }, { text: 'two' }],
      ],
      80,
      [20],
    );
    const at = lines.map((line) => stringWidth(line.slice(0, Math.max(line.indexOf('one'), line.indexOf('two')))));
    assert.equal(at[0], at[1]);
  });

  it('puts a hostile cell on one line with nothing that a terminal obeys', () => {
    const lines = tableLines([[{ text: 'a\nb' }, { text: '\u001b[2J' }]], 80, [20]);
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines.join(''), /\p{Cc}/u);
  });
});
