import assert from 'node:assert/strict';
import { bundleLines } from '../../../agent/cli/render/presentation.ts';
import type { Style } from '../../../agent/cli/render/table.ts';
import type { Incident, PosturePredicate } from '../../../schemas/generated/types.ts';

const plain: Style = { bold: String, dim: String, attention: String, good: String };
const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const chain = '6f1e0d2c3b4a59687786a5b4c3d2e1f0';

function predicate(over: Partial<PosturePredicate>): PosturePredicate {
  return {
    agent: { name: 'affiant', version: '0.1.0', programDigest: digest, configDigest: digest },
    key: { id: digest, protection: 'file' },
    mode: 'ad-hoc',
    target: { id: chain, basis: 'state' },
    run: { startedAt: '2026-01-02T03:04:05Z', finishedAt: '2026-01-02T03:04:06Z' },
    clock: { state: 'unknown' },
    collectors: [],
    chain: { id: chain, sequence: 0 },
    ...over,
  };
}

const shown = (over: Partial<PosturePredicate>, missing: string[] = []): string =>
  bundleLines(new Map(), predicate(over), 100, plain, missing).join('\n');

describe('the readable form of a bundle', () => {
  it('never says that every fact has an answer where a collector broke and gave none', () => {
    const text = shown({ collectors: [{ name: 'admins', outcome: 'failed', reason: 'collector-broke', facts: {} }] });
    assert.match(text, /! admins: it broke \(collector-broke\)/);
    assert.doesNotMatch(text, /every fact that was asked for has an answer/);
  });

  it('never says that every fact has an answer where the spool let documents go', () => {
    const text = shown({}, ['admins', 'sources/admins']);
    assert.match(text, /no longer in this pack\n {2}! admins\n {2}! sources\/admins/);
    assert.doesNotMatch(text, /every fact that was asked for has an answer/);
  });

  it('says that the clock was set back, and since when', () => {
    const text = shown({ clock: { state: 'set-back', previousFinishedAt: '2035-01-01T00:00:00Z' } });
    assert.match(text, /clock was set back: the bundle before ended at 2035-01-01T00:00:00Z/);
  });

  it('tells incidents in words, one crash on one line however many collectors ran', () => {
    const at = '2026-01-02T03:04:05Z';
    const incidents: Incident[] = [
      { kind: 'interrupted', at, collector: 'host' },
      { kind: 'interrupted', at, collector: 'updates' },
      { kind: 'dropped', at, chain, sequence: 41, digest, documents: ['packages'], bytes: 9, reason: 'spool-full' },
      { kind: 'rejected', at, chain, sequence: 42, digest, reason: 'too-large' },
      { kind: 'damaged', at, digest, reason: 'file-damaged' },
      { kind: 'fork', at, chain, sequence: 43, digest },
      { kind: 'log-diverged', at },
    ];
    const text = shown({ incidents }).replaceAll(/\n {24}/g, ' ');
    assert.match(text, /! a run was cut off while collecting host, updates\n/);
    assert.match(text, /! bundle 41 of chain 6f1e0d2c: documents were let go \(spool-full\): packages;/);
    assert.match(text, /! bundle 42 of chain 6f1e0d2c: the endpoint refused it for good \(too-large\)/);
    assert.match(text, /! the file with SHA-256 9f86[0-9a-f]+ of the state folder was not what was signed/);
    assert.match(text, /! bundle 43 of chain 6f1e0d2c: another bundle holds its place/);
    assert.match(text, /! the endpoint's log contradicted itself/);
    assert.doesNotMatch(text, /[{}]/);
  });
});
