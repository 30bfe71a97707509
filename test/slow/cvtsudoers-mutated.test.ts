/** Lines of our fixtures, mutated by a fixed seed: sudo's own reader and ours agree on what they are, or that they are nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSudoers } from '../../collectors/admins/sudoers.ts';
import { policyOf } from '../../collectors/admins/sudoers-policy.ts';
import { comparableOracle, comparableRules, parseOracle } from '../collectors/admins/cvtsudoers-json.ts';

const oracle = '/usr/bin/cvtsudoers';
const mutations = 400;
const pieces = [
  ' ',
  ',',
  ':',
  '=',
  '!',
  '(',
  ')',
  '\\',
  '"',
  '#',
  '%',
  '+',
  'A',
  'ALL',
  '/',
  '^',
  '$',
  '*',
  '\t',
  '\\\n',
  'NOPASSWD:',
  '1',
  'x',
  '@',
  '-',
  '[',
  '.',
  'sudoedit ',
  'list',
  'sha256:',
];
/**
 * Where versions of sudo differ in what they take, or cvtsudoers looks at more than the grammar: settings by
 * name, quoted option values, regular expressions that do not compile, names that begin with # and are no number, and NOTAFTER, which it prints for no
 * command after the first.
 */
const unfit = /\^|^\s*Defaults|include|PRIVS|APPARMOR|="|TIMEOUT|NOTAFTER|"#|#-|#[^"\s]*[^0-9"\s,)]/;

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

function mutated(line: string, next: () => number): string {
  let text = line;
  for (let edits = Math.floor(next() * 3); edits > 0; edits -= 1) {
    const at = Math.floor(next() * text.length);
    const piece = pieces[Math.floor(next() * pieces.length)] ?? '';
    const cut = next() < 0.5 ? at : at + 1;
    text = text.slice(0, at) + piece + text.slice(cut);
  }
  return `${text}\n`;
}

describe('mutated sudoers against cvtsudoers', function () {
  this.timeout(120_000);
  let folder = '';
  before(function () {
    if (!existsSync(oracle)) {
      console.warn(`      skipped: ${oracle} is not installed (package sudo)`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-sudoers-'));
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  it('takes and refuses the same, and reads the same', () => {
    const lines = globSync('test/fixtures/sudoers/*.sudoers')
      .toSorted()
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .replace(/\\\n\s*/g, ' ')
          .split('\n'),
      )
      .filter((line) => line.trim() !== '' && !line.startsWith('#'));
    const next = numbers(20261123);
    const file = join(folder, 'sudoers');
    const counts = { same: 0, refused: 0 };
    for (let turn = 0; turn < mutations; turn += 1) {
      const text = mutated(lines[Math.floor(next() * lines.length)] ?? '', next);
      if (unfit.test(text)) continue;
      writeFileSync(file, text, { mode: 0o440 });
      const run = spawnSync(oracle, ['-f', 'json', file], { encoding: 'utf8' });
      const entries = parseSudoers(text);
      const policy = entries.ok ? policyOf(entries.value.map((entry) => ({ file, entry }))) : entries;
      assert.equal(policy.ok, run.stderr === '', `${JSON.stringify(text)} ${run.stderr}`);
      if (policy.ok)
        assert.deepEqual(
          comparableRules(policy.value.rules),
          comparableOracle(parseOracle(run.stdout)),
          JSON.stringify(text),
        );
      counts[policy.ok ? 'same' : 'refused'] += 1;
    }
    console.info(`      ${counts.same} read alike, ${counts.refused} refused by both`);
    assert.ok(counts.same > 50 && counts.refused > 50);
  });
});
