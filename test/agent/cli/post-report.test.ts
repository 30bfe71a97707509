import assert from 'node:assert/strict';
import { postLines } from '../../../agent/cli/render/post-report.ts';
import type { Style } from '../../../agent/cli/render/table.ts';
import type { PackReport } from '../../../agent/post/report.ts';

const plain: Style = { bold: String, dim: String, attention: String, good: String };
const traffic = { sentBodies: 0, sentHeaders: 0, received: 0 };
const kept = (sequence: number, code: string, message: string): PackReport => ({
  pack: { name: `chain-${sequence}.pack.json`, chain: 'c', sequence, digest: 'd' },
  sentBytes: 0,
  fate: 'kept',
  why: { code, message },
});

describe('what became of the posted packs', () => {
  it('counts 600 packs that were not tried on one line, and says the reason once', () => {
    const stopped = { code: 'no-answer', message: 'localhost:1: nothing listens there' };
    const packs = Array.from({ length: 600 }, (_, at) =>
      at === 0 ? kept(at, stopped.code, stopped.message) : kept(at, 'not-tried', 'not sent in this run'),
    );
    const lines = postLines({ packs, stopped, traffic }, plain);
    assert.equal(lines.length, 3);
    assert.match(lines[1] ?? '', /^! 599 packs were not tried in this run and wait$/);
    assert.equal(lines.join('\n').split(stopped.message).length, 2);
  });
});
