/** Started by spill.real.test.ts: fills a temporary cache, and tells on standard output what it reads back and what lies in TMPDIR. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { openTemporaryCache } from '../../audit/pack-cache.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { nameless } from './nameless.ts';
import { entriesOf } from './played.ts';

const cache = openTemporaryCache();
const [entry] = entriesOf({ ...fixture('good'), from: '2021-08-10', to: '2021-08-10' });
if (cache === undefined || entry === undefined) throw new Error('there is no cache or no entry');
const { file: _file, ...kept } = entry;
for (let number = 0; number < 3000; number += 1) cache.put(String(number), { ...kept, targetId: `t${number}` });
cache.flush();
const again = cache.get('2999');
const modes = process.platform === 'linux' ? nameless(process.pid, tmpdir()).map(({ mode }) => mode) : [];
const told = {
  read: [again?.targetId, again?.seen],
  expected: ['t2999', kept.seen],
  modes: [...new Set(modes)],
  left: readdirSync(tmpdir()),
};
cache.close();
process.stdout.write(JSON.stringify(told));
