import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { assert as check, constantFrom, property, sample, string, tuple } from 'fast-check';
import { compareApkVersions } from '../../../judge/versions/apk.ts';
import { comparePacmanVersions } from '../../../judge/versions/pacman.ts';
import { compareRpmVersions } from '../../../judge/versions/rpm.ts';

type Compare = (a: string, b: string) => -1 | 0 | 1;

const tail = string({ unit: constantFrom(...Array.from('0019~^+._-azAZ:')), maxLength: 8 });
/** Versions that rpm takes: they begin with a digit; half of the pairs have a beginning in common. */
const pair = tuple(tail, tail, constantFrom(true, false)).map(
  ([a, b, alike]) => [`0${a}`, `0${alike ? `${a.slice(0, b.length)}${b}` : b}`] as const,
);

function older(compare: Compare, pairs: readonly (readonly [string, string])[]): void {
  for (const [a, b] of pairs) {
    assert.equal(compare(a, b), -1, `${a} < ${b}`);
    assert.equal(compare(b, a), 1, `${b} > ${a}`);
  }
}

const families: readonly (readonly [string, Compare])[] = [
  ['compareRpmVersions', compareRpmVersions],
  ['comparePacmanVersions', comparePacmanVersions],
  ['compareApkVersions', compareApkVersions],
];

for (const [name, compare] of families) {
  describe(name, () => {
    it('orders any two texts the same way from both sides, and a text as equal to itself', () => {
      check(
        property(pair, ([a, b]) => {
          assert.equal(compare(a, a), 0);
          assert.equal(compare(a, b) + compare(b, a), 0);
        }),
      );
    });

    it('takes numbers by their value, whatever their length', () => {
      older(compare, [
        ['1.9', '1.10'],
        ['1.99999999999999999998', '1.99999999999999999999'],
      ]);
    });
  });
}

describe('compareRpmVersions', () => {
  it('knows the epoch, the tilde and the caret (rpm-version(7))', () => {
    older(compareRpmVersions, [
      ['9.9-1', '1:0.1-1'],
      ['1.0~rc1-1', '1.0-1'],
      ['1.0~~', '1.0~'],
      ['1.0-1', '1.0^20260101git-1'],
      ['1.0^20260101-1', '1.0.1-1'],
      ['1.0~rc1^git1', '1.0~rc2'],
      ['1.0a', '1.0.1'],
      ['1.0', '1.0-1'],
      ['5.14.0-503.40.1.el9_5', '5.14.0-570.12.1.el9_6'],
      ['84.87+git20180409.04c9dae-150300.10.3.1', '84.87+git20180409.04c9dae-150300.10.6.2'],
    ]);
    assert.equal(compareRpmVersions('0:1.01-1', '1.1-1'), 0);
    assert.equal(compareRpmVersions('1_0', '1.0'), 0);
  });

  it('agrees with rpm itself on a thousand pairs', function () {
    if (!existsSync('/usr/bin/rpm')) {
      console.log('      skipped: no rpm on this machine to agree with');
      this.skip();
    }
    const pairs = sample(pair, 1000);
    const lines = pairs.map(([a, b]) => `print(rpm.vercmp("${a}","${b}").." ")`);
    const answers: string[] = [];
    for (let at = 0; at < lines.length; at += 250)
      answers.push(
        ...execFileSync('/usr/bin/rpm', ['--eval', `%{lua:${lines.slice(at, at + 250).join('\n')}}`], {
          encoding: 'utf8',
        })
          .trim()
          .split(/\s+/),
      );
    for (const [index, [a, b]] of pairs.entries())
      assert.equal(String(compareRpmVersions(a, b)), answers[index], `${a} ${b}`);
  }).timeout(20_000);
});

describe('comparePacmanVersions', () => {
  it('knows the epoch, and takes letters for older than nothing (vercmp(8))', () => {
    older(comparePacmanVersions, [
      ['1.0a', '1.0b'],
      ['1.0b', '1.0beta'],
      ['1.0beta', '1.0p'],
      ['1.0p', '1.0pre'],
      ['1.0pre', '1.0rc'],
      ['1.0rc', '1.0'],
      ['1.0', '1.0.a'],
      ['1.0.a', '1.0.1'],
      ['2.0-1', '1:1.0-1'],
      ['6.9.4.arch1-1', '6.9.5.arch1-1'],
    ]);
    assert.equal(comparePacmanVersions('1.0', '1.0-7'), 0);
  });

  it('agrees with libalpm itself on a thousand pairs', function () {
    const [library] = globSync('/usr/lib/*/libalpm.so.*').concat(globSync('/usr/lib/libalpm.so.*'));
    if (library === undefined || !existsSync('/usr/bin/python3')) {
      console.log('      skipped: no libalpm on this machine to agree with');
      this.skip();
      return;
    }
    const pairs = sample(pair, 1000);
    const script = `import ctypes, json, sys
compare = ctypes.CDLL(sys.argv[1]).alpm_pkg_vercmp
compare.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
print(json.dumps([compare(a.encode(), b.encode()) for a, b in json.load(sys.stdin)]))`;
    const answers = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script, library], { encoding: 'utf8', input: JSON.stringify(pairs) }),
    ) as readonly number[];
    for (const [index, [a, b]] of pairs.entries())
      assert.equal(comparePacmanVersions(a, b), Math.sign(answers[index] ?? 9), `${a} ${b}`);
  }).timeout(20_000);
});

describe('compareApkVersions', () => {
  it('knows letters, suffixes, commits and builds (apk-package(5))', () => {
    older(compareApkVersions, [
      ['1.1_alpha1', '1.1'],
      ['1.2_alpha', '1.2_beta'],
      ['1.2_beta2', '1.2_pre1'],
      ['1.2_pre1', '1.2_rc1'],
      ['1.2_rc4', '1.2'],
      ['1.2', '1.2_p1'],
      ['1.2_git20260101', '1.2_p1'],
      ['2.5.1-r8', '2.5.1a-r1'],
      ['1.0_p9-r0', '1.0_p10-r0'],
      ['3.3.2-r9', '3.3.2-r10'],
      ['1.06-r6', '006'],
      ['0.17-r6', '0.7.18-r2'].toReversed() as [string, string],
      ['1.0.02', '1.0.1'],
      ['1.0', '1.0bc'],
      ['1.36.1-r28', '1.36.1-r29'],
    ]);
    assert.equal(compareApkVersions('1.0-r0', '1.0-r0'), 0);
  });
});
