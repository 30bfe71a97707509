import assert from 'node:assert/strict';
import { gatherLines, logRequest, makeLogger } from '../../endpoint/log-lines.ts';

describe('log of the endpoint', () => {
  let at = Date.UTC(2026, 10, 23);
  const now = (): Date => new Date(at);

  it('writes one object a line in printable ASCII, whatever a value holds', () => {
    const lines: string[] = [];
    const log = makeLogger((line) => lines.push(line), now);
    const hostile = 'a\n{"event":"forged"}\r\u001b[2J\u0085\u2028\u202e\ud800"\\é';
    log('error', 'fault', { error: hostile });
    const [line = ''] = lines;
    assert.match(line, /^[\x20-\x7e]+\n$/);
    assert.deepEqual(JSON.parse(line), {
      time: '2026-11-23T00:00:00.000Z',
      level: 'error',
      event: 'fault',
      error: hostile,
    });
  });

  it('counts the trouble that it does not write out, and says how much', () => {
    const lines: string[] = [];
    const log = makeLogger((line) => lines.push(line), now);
    for (let turn = 0; turn < 5000; turn += 1) log('warning', 'request', { status: 401 });
    assert.equal(lines.length, 200);
    log('info', 'request', { status: 201 });
    assert.equal((JSON.parse(lines.at(-1) ?? '') as { suppressed: number }).suppressed, 4800);
    at += 1000;
    log('warning', 'request', { status: 401 });
    assert.equal(lines.length, 202);
  });

  it('says of a request what it was and what became of it, by ids and digests', () => {
    const lines: string[] = [];
    logRequest(
      makeLogger((line) => lines.push(line), now),
      {
        id: 'id',
        method: 'POST',
        route: '/v1/bundles',
        status: 201,
        code: undefined,
        seconds: 0.0123456,
        answerBytes: 5,
        remoteAddress: '192.0.2.1',
        notes: { keyId: 'ab', bundle: 'cd', bodyBytes: 7 },
      },
    );
    assert.deepEqual(JSON.parse(lines[0] ?? ''), {
      time: '2026-11-23T00:00:01.000Z',
      level: 'info',
      event: 'request',
      request: 'id',
      method: 'POST',
      route: '/v1/bundles',
      status: 201,
      durationMs: 12.346,
      remote: '192.0.2.1',
      key: 'ab',
      bundle: 'cd',
      bodyBytes: 7,
      answerBytes: 5,
    });
  });

  it('is written once for all lines of a turn, and at once where the process ends', async () => {
    const written: string[] = [];
    const lines = gatherLines((text) => written.push(text));
    lines.write('one\n');
    lines.write('two\n');
    assert.deepEqual(written, []);
    await new Promise(setImmediate);
    assert.deepEqual(written, ['one\ntwo\n']);
    lines.write('three\n');
    lines.flush();
    assert.deepEqual(written, ['one\ntwo\n', 'three\n']);
    await new Promise(setImmediate);
    assert.equal(written.length, 2);
  });
});
