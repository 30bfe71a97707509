/** sudo's own reader is the judge of ours. Runs where sudo is installed; it reads fixtures only. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { parseSudoers } from '../../collectors/admins/sudoers.ts';
import { policyOf } from '../../collectors/admins/sudoers-policy.ts';
import { comparableOracle, comparableRules, parseOracle } from '../collectors/admins/cvtsudoers-json.ts';

const oracle = '/usr/bin/cvtsudoers';
const folder = 'test/fixtures/sudoers';

describe('sudoers against cvtsudoers', function () {
  before(function () {
    if (existsSync(oracle)) return;
    console.warn(`      skipped: ${oracle} is not installed (package sudo)`);
    this.skip();
  });

  for (const file of globSync(`${folder}/*.sudoers`).toSorted())
    it(`reads ${file} as cvtsudoers does`, () => {
      const run = spawnSync(oracle, ['-f', 'json', file], { encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
      const entries = parseSudoers(readFileSync(file, 'utf8'));
      assert.ok(entries.ok, 'our reader refused it');
      const policy = policyOf(entries.value.map((entry) => ({ file, entry })));
      assert.ok(policy.ok);
      assert.deepEqual(comparableRules(policy.value.rules), comparableOracle(parseOracle(run.stdout)));
    });

  for (const file of globSync(`${folder}/refused/*.sudoers`).toSorted())
    it(`refuses ${file} as sudo does`, () => {
      const run = spawnSync('/usr/sbin/visudo', ['-c', '-f', file], { encoding: 'utf8' });
      assert.notEqual(run.status, 0, 'sudo takes it');
    });
});
