/** Makes the files of a proof and then waits for its end: for the test of signals. Arguments: state folder, parent folder. */
import { openHost } from '../../../agent/host/door.ts';
import { createNonce } from '../../../agent/prove/proof.ts';
import { proofMachine } from '../../../agent/prove/proof-machine.ts';
import { withSample } from '../../../agent/prove/sample.ts';
import { openState } from '../../../agent/spool/state.ts';
import { fakeMachine } from '../host/fake-machine.ts';

const [stateFolder = '', parent = ''] = process.argv.slice(2);
const state = openState(stateFolder, { create: true, now: () => new Date() });
if (!state.ok) throw new Error(state.refusal.message);
const context = {
  machine: proofMachine(),
  host: openHost(fakeMachine({})).host,
  state: state.value,
  folder: undefined,
  waitMs: 1000,
};
await withSample(context, parent, createNonce(), async ({ folder }) => {
  process.stdout.write(`${folder}\n`);
  await new Promise((never) => setTimeout(never, 60_000));
  return { outcome: 'inconclusive' };
});
