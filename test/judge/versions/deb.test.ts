import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { assert as check, constantFrom, nat, oneof, option, property, sample, string, tuple } from 'fast-check';
import { compareDebVersions } from '../../../judge/versions/deb.ts';

const characters = Array.from('0019~+.-azAZ');
const part = string({ unit: constantFrom(...characters), maxLength: 7 });
/** Versions that dpkg takes: they begin with a digit. */
const version = tuple(option(nat({ max: 12 }), { nil: undefined }), part, option(part, { nil: undefined })).map(
  ([epoch, upstream, revision]) => {
    const tail = revision === undefined ? '' : `-1${revision.replaceAll('-', '')}`;
    return `${epoch === undefined ? '' : `${epoch}:`}0${upstream}${tail}`.replace(/-$/, '-0');
  },
);

describe('compareDebVersions', () => {
  const older: readonly (readonly [string, string])[] = [
    ['1.9', '1.10'],
    ['1.0~rc1', '1.0'],
    ['1.0~~', '1.0~'],
    ['1.0', '1.0a'],
    ['1.0a', '1.0+'],
    ['9.9', '1:0.1'],
    ['1.0-1', '1.0-1+b1'],
    ['1.0-1', '1.0-1ubuntu0.1'],
    ['1.0-9', '1.0-10'],
    ['2.36-9+deb12u9', '2.36-9+deb12u10'],
    ['1.0-1~deb12u1', '1.0-1'],
    ['6.1.0-2-1', '6.1.0-10-1'],
    ['1.99999999999999999998', '1.99999999999999999999'],
  ];
  for (const [a, b] of older) {
    it(`takes ${a} for older than ${b}`, () => {
      assert.equal(compareDebVersions(a, b), -1);
      assert.equal(compareDebVersions(b, a), 1);
    });
  }

  it('takes a missing epoch for 0, a missing revision for 0, and leading zeros for nothing', () => {
    for (const [a, b] of [
      ['0:1.0', '1.0'],
      ['1.0-0', '1.0'],
      ['1.01', '1.1'],
      ['1.0', '1.0.'],
    ] as const) {
      assert.equal(compareDebVersions(a, b), b === '1.0.' ? -1 : 0, `${a} ${b}`);
    }
  });

  it('orders any two versions the same way from both sides, and itself as equal', () => {
    check(
      property(version, version, (a, b) => {
        assert.equal(compareDebVersions(a, a), 0);
        assert.equal(compareDebVersions(a, b) + compareDebVersions(b, a), 0);
      }),
    );
  });

  it('is transitive', () => {
    check(
      property(version, version, version, (a, b, c) => {
        const [low, middle, high] = [a, b, c].toSorted(compareDebVersions);
        if (low === undefined || middle === undefined || high === undefined) return;
        assert.ok(compareDebVersions(low, middle) <= 0 && compareDebVersions(middle, high) <= 0);
        assert.ok(compareDebVersions(low, high) <= 0);
      }),
    );
  });

  it('agrees with dpkg --compare-versions on several hundred pairs', function () {
    if (!existsSync('/usr/bin/dpkg')) {
      console.log('      skipped: no dpkg on this machine to agree with');
      this.skip();
    }
    this.timeout(60_000);
    // Half of the pairs differ in one character only: unrelated versions differ at once.
    const alike = tuple(version, nat({ max: 6 }), constantFrom(...characters)).map(
      ([a, at, character]): [string, string] => {
        const begin = a.indexOf(':') + 2 + at;
        return [a, `${a.slice(0, begin)}${character}${a.slice(begin + 1)}`.replace(/-$/, '-0')];
      },
    );
    const pairs = sample(oneof(tuple(version, version), alike), { numRuns: 300, seed: 20_261_123 });
    for (const [a, b] of pairs) {
      const relation = compareDebVersions(a, b) < 0 ? 'lt' : compareDebVersions(a, b) > 0 ? 'gt' : 'eq';
      const { status } = spawnSync('/usr/bin/dpkg', ['--compare-versions', a, relation, b], { stdio: 'ignore' });
      assert.equal(status, 0, `${a} ${relation} ${b}`);
    }
  });
});
