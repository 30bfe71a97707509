/** Outputs of real systems, read where they lie: every one of update levels on Linux, key fact by key fact. A checkout without them passes, and says so. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readers, remarks } from './recorded-facts.ts';
import { folder, rows } from './recordings-index.ts';

describe('recordings of update levels on Linux', () => {
  before(function () {
    if (existsSync(join(folder, 'INDEX.tsv')) && existsSync('/usr/bin/apt-config')) return;
    console.log('      skipped: the recordings of real systems (or apt-config) are not beside this checkout');
    this.skip();
  });

  it('give their key facts', async () => {
    let facts = 0;
    const wrong: string[] = [];
    const notOurs: string[] = [];
    for (const [name, expected] of rows()) {
      const reader = readers.find(([pattern]) => pattern.test(name))?.[1];
      if (reader === undefined || /centos-7-1.*stderr/.test(name)) {
        notOurs.push(name);
        continue;
      }
      const found = await reader(name);
      for (const [key, value] of Object.entries(expected)) {
        if (remarks.test(key)) continue;
        facts += 1;
        if (!isDeepStrictEqual(found[key], value))
          wrong.push(`${name} ${key}: ${JSON.stringify(found[key])} is not ${JSON.stringify(value)}`);
      }
    }
    console.log(`      ${facts - wrong.length} of ${facts} key facts of ${rows().size - notOurs.length} recordings`);
    console.log(`      ${notOurs.length} recordings of commands that are never run: ${notOurs.join(', ')}`);
    for (const line of wrong) console.log(`      ${line}`);
    assert.ok(wrong.length <= facts * 0.02, wrong.join('\n'));
  });
});
