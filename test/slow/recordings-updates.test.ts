/** Outputs of real systems, read where they lie: every one of update levels on Linux, key fact by key fact. A checkout without them passes, and says so. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { passedOverBy } from '../../collectors/updates/half-answer.ts';
import { readers, remarks } from './recorded-facts.ts';
import { fallbackReaders, notOurs } from './recorded-fallbacks.ts';
import { folder, rows } from './recordings-index.ts';

/** Where the index names some of a list, the others must not make it wrong. */
const examples =
  /^(?:statuses|categories|interactive|removed_config_only|installed_kernels|not_installed|updates|packages|upgrade)$/;

function agrees(key: string, found: unknown, wanted: unknown): boolean {
  if (!examples.test(key)) return isDeepStrictEqual(found, wanted);
  if (!Array.isArray(wanted) || !Array.isArray(found)) return isDeepStrictEqual(found, wanted);
  return wanted.every((each) => found.some((other) => isDeepStrictEqual(other, each)));
}

describe('recordings of update levels on Linux', () => {
  before(function () {
    if (existsSync(join(folder, 'INDEX.tsv')) && existsSync('/usr/bin/apt-config')) return;
    console.log('      skipped: the recordings of real systems (or apt-config) are not beside this checkout');
    this.skip();
  });

  it('give their key facts', async () => {
    let facts = 0;
    let read = 0;
    const wrong: string[] = [];
    const left: string[] = [];
    for (const [name, expected] of rows()) {
      const why = notOurs.find(([pattern]) => pattern.test(name))?.[1];
      if (why !== undefined) {
        left.push(`${name}: ${why}`);
        continue;
      }
      const reader = [...fallbackReaders, ...readers].find(([pattern]) => pattern.test(name))?.[1];
      // One that nobody has seen yet: it wants a reader or a reason.
      assert.ok(reader !== undefined, `${name} has neither`);
      read += 1;
      const found = await reader(name);
      for (const [key, value] of Object.entries(expected)) {
        if (remarks.test(key)) continue;
        facts += 1;
        if (!agrees(key, found[key], value))
          wrong.push(`${name} ${key}: ${JSON.stringify(found[key])} is not ${JSON.stringify(value)}`);
      }
    }
    console.log(
      `      updates: ${facts - wrong.length} of ${facts} key facts in ${read} of ${rows().size} recordings; not asked for: ${left.length}`,
    );
    for (const line of left) console.log(`      not asked: ${line}`);
    // A reason whose recording is gone would hide the next one that fits it by chance.
    for (const [pattern, why] of notOurs)
      assert.ok(
        [...rows().keys()].some((name) => pattern.test(name)),
        `no recording is left out because: ${why}`,
      );
    for (const line of wrong) console.log(`      WRONG: ${line}`);
    assert.ok(wrong.length <= facts * 0.02, wrong.join('\n'));
  });

  it("do not let yum's remarks on mirrors turn a whole list into half of one", () => {
    const name = 'gcposconfig_centos-7-1.yum-check-update.stderr.txt';
    assert.equal(passedOverBy(readFileSync(join(folder, 'updates-linux', name), 'utf8')), undefined);
  });
});
