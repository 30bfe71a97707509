/**
 * Recordings of administrators before the judge, each in its place on a server that is otherwise in order: with every
 * source taken away in turn, and mutated, the judge never names less access without saying what it does not know.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseSudoers } from '../../collectors/admins/sudoers.ts';
import { policyOf } from '../../collectors/admins/sudoers-policy.ts';
import type { RootVerdict } from '../../judge/ways-to-root.ts';
import { comparableOracle, comparableRules, parseOracle } from '../collectors/admins/cvtsudoers-json.ts';
import { silentLosses, verdictOn } from '../collectors/admins/less-access.ts';
import { fakeHost } from '../collectors/fake-host.ts';
import { mutated, numbers, seed } from '../collectors/mutations.ts';
import { folder, inOrder, machineOf, recordedNames, recordedText } from './recorded-admins.ts';
import { notAsked } from './recorded-not-asked.ts';

const at = '2026-11-20T12:00:00Z';
const oracle = '/usr/bin/cvtsudoers';

/** Whether sudo's own reader finds the same rules in the text: then nothing was overlooked. */
function isReadAlike(text: string): boolean {
  const scratch = mkdtempSync(join(tmpdir(), 'affiant-sudoers-'));
  try {
    const file = join(scratch, 'sudoers');
    writeFileSync(file, text, { mode: 0o440 });
    const { stdout, stderr, status } = spawnSync(oracle, ['-f', 'json', file], { encoding: 'utf8' });
    const entries = parseSudoers(text);
    const policy = entries.ok ? policyOf(entries.value.map((entry) => ({ file, entry }))) : entries;
    if (!policy.ok) return false;
    // It prints nothing at all of a file without rules and settings.
    if (stdout === '') return status === 0 && stderr === '' && policy.value.rules.length === 0;
    return isDeepStrictEqual(comparableRules(policy.value.rules), comparableOracle(parseOracle(stdout)));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The lines that the verdict fails for: by their number, or by the account or group that they begin with. */
function culprits({ faults }: RootVerdict, text: string): string[] {
  const lines = text.split('\n');
  return faults.flatMap((fault) => {
    const [, number] = / line (\d+)$/.exec(fault) ?? [];
    const [, name] = /(?:^(\S+) is root under| through (\S+)$)/.exec(fault)?.filter((part) => part !== undefined) ?? [];
    const found = number === undefined ? lines.find((line) => line.startsWith(`${name}:`)) : lines[Number(number) - 1];
    assert.ok(found !== undefined && found !== '', `${fault} is of no line`);
    return [found];
  });
}

describe('admins recordings before the judge', () => {
  before(function () {
    if (existsSync(join(folder, 'INDEX.tsv'))) return;
    console.log(`      skipped: no recordings at ${folder}`);
    this.skip();
  });

  const asMachines = (): string[] =>
    recordedNames().filter((name) => notAsked[name] === undefined && machineOf(name, '') !== undefined);

  it('name no less access with a source taken away, unless they say what is not known', async () => {
    assert.equal((await verdictOn(fakeHost(inOrder), at)).outcome, 'pass');
    let cases = 0;
    const wrong: string[] = [];
    for (const name of asMachines()) {
      const machine = machineOf(name, recordedText(name)) ?? inOrder;
      const found = await silentLosses(() => fakeHost(machine), at);
      cases += found.cases;
      wrong.push(...found.wrong.map((each) => `${name}: ${each}`));
    }
    console.log(`      ${wrong.length} false fine in ${asMachines().length} recordings and ${cases} variants of them`);
    assert.deepEqual(wrong, []);
  }).timeout(600_000);

  it('pass mutated only where the line that failed is gone from the text, or sudo itself reads it so', async function () {
    if (!existsSync(oracle)) {
      console.log(`      skipped: ${oracle} is not installed (package sudo)`);
      this.skip();
    }
    let mutations = 0;
    let passed = 0;
    const wrong: string[] = [];
    const failing: string[] = [];
    for (const name of asMachines()) {
      const text = recordedText(name);
      const before = await verdictOn(fakeHost(machineOf(name, text) ?? inOrder), at);
      if (before.outcome !== 'fail') continue;
      failing.push(name);
      const isSudoers = name.includes('sudoers');
      for (let run = 0; run < 200; run += 1) {
        const changed = mutated(text, numbers(seed + run));
        const { outcome } = await verdictOn(fakeHost(machineOf(name, changed) ?? inOrder), at);
        mutations += 1;
        if (outcome !== 'pass') continue;
        passed += 1;
        const explained = isSudoers
          ? isReadAlike(changed)
          : culprits(before, text).every((line) => !changed.split('\n').includes(line));
        if (!explained) wrong.push(`${name}: ${JSON.stringify(changed)}`);
      }
    }
    console.log(
      `      ${wrong.length} false fine in ${mutations} mutations of ${failing.length} recordings that fail (${passed} pass, each because its text says so)`,
    );
    assert.ok(failing.length >= 6, failing.join());
    assert.deepEqual(wrong, []);
  }).timeout(600_000);
});
