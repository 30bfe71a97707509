/** The servers with Defender, and with every product at once: each single answer spoilt in every way. */
import assert from 'node:assert/strict';
import { edr } from '../../collectors/edr/index.ts';
import { judgeEdr } from '../../judge/edr.ts';
import { checkEachSource } from '../collectors/each-source-denied.ts';
import { falseFines } from '../collectors/edr/false-fine.ts';
import { collect, mdatpServer, now, trueWhenEmpty } from '../collectors/edr/machine.ts';
import { everything, samples } from '../collectors/edr/samples.ts';
import { fakeHost } from '../collectors/fake-host.ts';

describe('the collector of threat detection, spoilt answer by answer', () => {
  for (const [name, machine] of [
    ['Defender', () => mdatpServer()],
    ['every product at once', everything],
  ] as const)
    it(`turns none into "none" on a server with ${name}`, async () => {
      const cases = await checkEachSource({ collector: edr, host: () => fakeHost(machine()), ...trueWhenEmpty });
      console.log(`      ${cases} cases`);
      assert.ok(cases > 100);
    }).timeout(120_000);

  it('makes nothing pass that fails with the answer', async () => {
    let cases = 0;
    for (const machine of [everything(), mdatpServer({ 'mdatp-exclusions': samples['mdatp-exclusions'] ?? '' })]) {
      assert.notEqual(judgeEdr(await collect(machine), { at: now }).outcome, 'pass');
      const result = await falseFines(() => fakeHost(machine), now);
      assert.deepEqual(result.wrong, []);
      cases += result.cases;
    }
    console.log(`      0 false fine in ${cases} spoilt answers`);
  }).timeout(120_000);
});
