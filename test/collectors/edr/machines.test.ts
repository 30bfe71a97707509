/** Whole recorded servers, the document that each gives byte for byte, and the verdict on it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRecording } from '../../../agent/host/replay.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import { assertValid } from '../each-source-denied.ts';
import { collectFrom, now } from './machine.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

const verdicts = {
  'debian-12-mdatp-passive': [
    'fail',
    'every product is passive: none protects',
    'defender-endpoint: its mode is passive',
    'defender-endpoint: real-time protection is off',
    'defender-endpoint: it leaves out a folder that the web server gives out, where web shells land; the extension php, files of which run',
  ],
  'debian-12-clamav': ['pass'],
} as const;

describe('recorded servers with threat detection', () => {
  for (const [name, [outcome, ...faults]] of Object.entries(verdicts))
    it(`give the expected document and verdict: ${name}`, async () => {
      const opened = openRecording(join(fixtures, 'machines', name));
      assert.ok(opened.ok, JSON.stringify(opened));
      const edr = await collectFrom(opened.value.machine);
      assertValid({ edr }, name);
      const path = join(fixtures, 'expected', name, 'edr.json');
      const text = `${JSON.stringify(edr, null, 2)}\n`;
      if (process.env['AFFIANT_WRITE_EXPECTED'] === '1') writeFileSync(path, text);
      assert.ok(existsSync(path));
      assert.equal(text, readFileSync(path, 'utf8'), 'review the difference as behaviour');
      assert.deepEqual(opened.value.unread(), []);
      const verdict = judgeEdr(edr, { at: now });
      assert.deepEqual([verdict.outcome, ...verdict.faults], [outcome, ...faults]);
      assert.equal(verdict.toReview.length, 1, 'a detection that was dealt with is for review all the same');
    });
});
