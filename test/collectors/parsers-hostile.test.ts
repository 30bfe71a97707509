import { parserLists } from './parser-lists.ts';

describe('each parser of text', () => {
  // Quadratic time on any of these is minutes, past every deadline of the runner.
  it('ends on long hostile texts', () => {
    for (const { parse, sample } of Object.values(parserLists).flat())
      for (const hostile of [
        ' '.repeat(60_000),
        '\n'.repeat(60_000),
        '\t'.repeat(60_000),
        ' \n'.repeat(30_000),
        '='.repeat(60_000),
        '"'.repeat(30_000),
        '('.repeat(30_000),
        '\\\n'.repeat(30_000),
        'a='.repeat(30_000),
        ' @@ '.repeat(15_000),
        'x'.repeat(60_000),
        '0'.repeat(60_000),
        ','.repeat(60_000),
        `${sample}\n`.repeat(60),
        'a '.repeat(30_000),
        ':\n'.repeat(30_000),
        ' : a\n'.repeat(15_000),
        '<a '.repeat(20_000),
      ])
        parse(hostile);
  }).timeout(120_000);
});
