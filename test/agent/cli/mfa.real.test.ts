import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { affiant } from './run-cli.ts';

const machine = join(import.meta.dirname, '../../fixtures/machines/debian-12');
const host = ['--host', `replay:${machine}`];

describe('affiant mfa and affiant explain mfa', () => {
  it('print a matrix that words and marks carry, not colour', () => {
    const { code, out, err } = affiant(['mfa', ...host]);
    assert.equal(code, 0, err);
    assert.match(err, /a replayed recording/);
    assert.match(out, /account +worst +ssh +console +rescue\n/);
    assert.match(out, /alice +! one factor +! one factor +! one factor\n/);
    assert.match(out, /carol +! one factor .*! nothing\n/);
    for (const word of ['+ required', '! bypass', '! sometimes', '! optional', '! one factor', '- closed', '? unknown'])
      assert.ok(out.includes(`  ${word}`), word);
  });

  it('show the witness of one answer', () => {
    const { code, out } = affiant(['explain', 'mfa', '--account', 'alice', '--way', 'ssh', ...host]);
    assert.equal(code, 0);
    assert.match(out, /Way in: ssh, account alice\n +Answer +! one factor\n +Takes +possession/);
    assert.match(out, /1\. +publickey ssh-ed25519 SHA256:/);
  });

  it('name what there is where an account or a way is not known', () => {
    const account = affiant(['explain', 'mfa', '--account', 'mallory', '--way', 'ssh', ...host]);
    assert.deepEqual([account.code, /name one of these: root, /.test(account.err)], [2, true]);
    const way = affiant(['explain', 'mfa', '--account', 'alice', '--way', 'window', ...host]);
    assert.deepEqual([way.code, /name one of these: ssh, console/.test(way.err)], [2, true]);
    assert.equal(affiant(['explain', 'luck', '--account', 'a', '--way', 'b']).code, 2);
    assert.equal(affiant(['mfa', '--pack', 'x', ...host]).code, 2);
  });

  it('judge the newest bundle of a state folder, and name one that holds none', () => {
    const state = mkdtempSync(join(tmpdir(), 'affiant-mfa-'));
    try {
      const missing = affiant(['mfa', '--state', join(state, 'none')]);
      assert.deepEqual([missing.code, /there is no state folder/.test(missing.err)], [5, true]);
      const collected = affiant(['collect', '--only', 'admins,mfa', '--state', state]);
      assert.equal(collected.code, 0, collected.err);
      const judged = affiant(['mfa', '--state', state, '--format', 'json']);
      assert.equal(judged.code, 0, judged.err);
      assert.match(judged.err, /NOT VERIFIED/);
      const { administrators } = JSON.parse(judged.out) as { administrators: { name: string }[] };
      assert.ok(administrators.some(({ name }) => name === 'root'));
      assert.equal(affiant(['mfa', '--state', state, ...host]).code, 2);
    } finally {
      rmSync(state, { recursive: true });
    }
  }).timeout(60_000);

  it('give the same as JSON', () => {
    const { out } = affiant(['mfa', '--format', 'json', ...host]);
    const verdict = JSON.parse(out) as { administrators: { name: string; worst: string }[] };
    assert.deepEqual(verdict.administrators.map(({ name, worst }) => `${name} ${worst}`).slice(0, 2), [
      'root notRequired',
      'backup notRequired',
    ]);
  });
});
