/** What the engine does with the memory of `affiant serve`, in a process of its own. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** `last-resort` is the collection that V8 makes of itself where little is allocated, by its other name. */
const script = `
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepYoungSmall, optimiseFor } from ${JSON.stringify(new URL('../../agent/cli/engine.mjs', import.meta.url).href)};
const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
const turn = () => new Promise((done) => setImmediate(done));
async function work(rounds) {
  for (let round = 0; round < rounds; round += 1) {
    Array.from({ length: 30_000 }, (_, index) => ({ index }));
    await turn();
  }
}
keepYoungSmall();
optimiseFor('serve');
setFlagsFromString('--expose-gc');
const sizes = [young()];
await work(50);
sizes.push(young());
runInNewContext('gc')({ type: 'major', flavor: 'last-resort' });
sizes.push(young());
await turn();
await work(50);
sizes.push(young());
await work(200);
sizes.push(young());
process.stdout.write(JSON.stringify(sizes));
`;

describe('the young generation of affiant serve', () => {
  it('is large again after a quiet time made it small, and grows no further', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    assert.deepEqual(JSON.parse(stdout), [16, 16, 1, 16, 16]);
  });
});
