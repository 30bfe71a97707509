/** What the engine does with the memory of commands that read a fleet's bundles, in a process of its own. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Everything at one go, as packs are read: no turn in which somebody could be told of a collection. */
const script = (command: string): string => `
import { getHeapSpaceStatistics } from 'node:v8';
import { keepYoungSmall, letHeapGrow, optimiseFor } from ${JSON.stringify(new URL('../../../agent/cli/engine.mjs', import.meta.url).href)};
const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
const work = () => {
  let kept = [];
  for (let made = 0; made < 8_000_000; made += 1) {
    kept.push([made]);
    if (kept.length > 60_000) kept = [];
  }
};
keepYoungSmall();
optimiseFor(${JSON.stringify(command)});
const sizes = [young()];
work();
sizes.push(young());
letHeapGrow();
work();
sizes.push(young());
process.stdout.write(JSON.stringify(sizes));
`;

describe('the young generation of commands that read many packs', () => {
  it('is 32 MiB from the beginning and grows no further, until threads begin, which have limits of their own', async () => {
    for (const command of ['findings', 'report', 'export']) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script(command)]);
      const [first, worked, grown = 0] = JSON.parse(stdout) as number[];
      assert.deepEqual([first, worked], [32, 32], command);
      assert.ok(grown > 32, `${command}: ${grown}`);
    }
  });
});
