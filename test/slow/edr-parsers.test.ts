/** Every parser of the domain, each with 100,000 mutated texts: its own sample, and, where they are there, all recordings. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkParsers } from '../collectors/edr/mutations.ts';
import { parsers } from '../collectors/edr/parsers.ts';

const folder = join(import.meta.dirname, '../../../shared/recordings/edr-linux');
const recordings = existsSync(folder)
  ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  : [];

describe('every parser of threat detection ends with a value or a named failure on 100,000 mutated texts', () => {
  before(() => {
    if (recordings.length === 0) console.log('      without recordings: only our own samples are mutated');
  });

  for (const each of parsers)
    it(each.name, () => {
      checkParsers([each], 100_000, recordings);
    }).timeout(600_000);
});
