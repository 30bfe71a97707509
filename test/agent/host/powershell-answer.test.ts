import assert from 'node:assert/strict';
import { missOfError, readAnswer } from '../../../agent/host/powershell/answer.ts';
import { encodeParameters, queryText, scriptLines } from '../../../agent/host/powershell/script.ts';
import { queries } from '../../../agent/host/queries.ts';

const mark = 'f00d';
const answer = (text: string): ReturnType<typeof readAnswer> => readAnswer(Buffer.from(text), mark);

describe('an answer of PowerShell', () => {
  it('is found among noise, wrapped or not, in UTF-8 or UTF-16', () => {
    const ok = { outcome: 'ok', value: [{ a: 'ü' }] };
    assert.deepEqual(answer('WARNUNG: x\r\n<f00d {"value":[{"a":"ü"}]} f00d>\r\nmore'), ok);
    assert.deepEqual(answer('<f00d {"value":[{"a"\r\n:"ü"}]} f00d>'), ok);
    assert.deepEqual(readAnswer(Buffer.from('<f00d {"value":[{"a":"ü"}]} f00d>', 'utf16le'), mark), ok);
  });

  it('is a failure of its own kind where it is cut, broken, empty or in another code page', () => {
    for (const [text, reason] of [
      ['', 'no-answer'],
      ['<f00d {"value":1', 'answer-cut'],
      ['<f00d {"value":} f00d>', 'answer-not-json'],
      ['<f00d 1 f00d>', 'answer-not-json'],
      ['<f00d {} f00d>', 'answer-not-json'],
    ])
      assert.deepEqual(answer(text ?? ''), { outcome: 'failed', reason });
    const cp850 = Buffer.concat([Buffer.from('<f00d {"value":"'), Buffer.from([0x81]), Buffer.from('"} f00d>')]);
    assert.deepEqual(readAnswer(cp850, mark), { outcome: 'failed', reason: 'answer-not-utf8' });
  });

  it('is null where the script gave nothing, which is an answer', () => {
    assert.deepEqual(answer('<f00d {"value":null} f00d>'), { outcome: 'ok', value: null });
  });

  it('that is an error becomes a miss by its codes, never by its words', () => {
    const error = (given: object): string => {
      const { outcome, reason } = missOfError({ message: 'Zugriff verweigert', ...given });
      return `${outcome} ${reason}`;
    };
    assert.equal(error({ hresults: ['80131501', '80070005'] }), 'denied access-denied');
    assert.equal(error({ hresults: '80070005' }), 'denied access-denied');
    assert.equal(error({ id: 'HRESULT 0x8004100E,Microsoft' }), 'unsupported no-such-namespace');
    assert.equal(error({ hresults: ['80131501', '800106ba'] }), 'failed hresult-0x800106ba');
    assert.equal(error({ hresults: ['80131509'], natives: [1789] }), 'failed invalid-operation');
    assert.equal(error({ natives: [1789] }), 'failed win32-1789');
    assert.equal(error({ natives: [5] }), 'denied access-denied');
    assert.equal(error({ category: 'PermissionDenied' }), 'denied access-denied');
    assert.equal(error({ type: 'CommandNotFoundException' }), 'unsupported no-such-cmdlet');
    assert.equal(
      error({ id: 'MethodInvocationNotSupportedInConstrainedLanguage' }),
      'unsupported constrained-language',
    );
    assert.equal(error({ hresults: ['80131501'] }), 'failed query-error');
    assert.equal(error({}), 'failed query-error');
    assert.deepEqual(missOfError('no object'), { outcome: 'failed', reason: 'query-error' });
  });
});

describe('what is sent to PowerShell', () => {
  it('carries parameters as base64 of ASCII, in which nothing can end a literal', () => {
    for (const name of ["';calc;#", '’; calc', '`$(calc)', '日本\n\n', '\u2028']) {
      const encoded = encodeParameters({ name });
      assert.match(encoded, /^[A-Za-z0-9+/]+=*$/);
      const json = Buffer.from(encoded, 'base64').toString('latin1');
      assert.match(json, /^[\x20-\x7e]+$/);
      assert.deepEqual(JSON.parse(json), { name });
    }
  });

  it('has no blank line but the one that ends it, and a line that tells the end whatever happens', () => {
    const text = queryText(queries.hotfixes, { x: "';calc;#" }, mark);
    const lines = text.split('\n');
    assert.deepEqual(lines.slice(-5), ['}', '', `'[${mark} end]'`, '', '']);
    assert.ok(lines.slice(0, -4).every((line) => line.trim() !== ''));
    assert.ok(!text.includes('calc'));
    assert.deepEqual(scriptLines('# x\n\n  # y\r\nGet-Date\r\n'), ['Get-Date']);
  });
});
