/**
 * Fifty agents in one process, to be cut off: FOLDER COUNT BUNDLES. Writes each agent's public key into FOLDER, says
 * `ready`, takes the endpoint's address from standard input, and posts what each agent makes until all of it is
 * receipted. Says `begun` once every agent has a receipt, and at last what was receipted, as one line of JSON.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { postPending } from '../../agent/post/post.ts';
import { memoryOutbox } from '../agent/post/memory-outbox.ts';
import { makeAgent } from '../endpoint/agent.ts';

const [folder = '', count = '50', bundles = '6'] = process.argv.slice(2);
const now = (): Date => new Date();
const agents = Array.from({ length: Number(count) }, (_, index) => {
  const agent = makeAgent();
  writeFileSync(join(folder, `${index}.pem`), agent.signer.publicKeyPem);
  const made = Array.from({ length: Number(bundles) }, () => agent.make());
  return { agent, made, outbox: memoryOutbox(agent) };
});
process.stdout.write('ready\n');
const [line] = (await once(process.stdin, 'data')) as [Buffer];
const url = line.toString().trim();
let begun = 0;

await Promise.all(
  agents.map(async ({ agent, made, outbox }, place) => {
    for (const [index, one] of made.entries()) {
      const { id, sequence } = one.statement.predicate.chain;
      const pack = { name: `${sequence}.pack.json`, chain: id, sequence, digest: one.digest };
      outbox.waiting.set(one.digest, { bytes: one.bytes, pack });
      // The first at once; the others pile up while the network is cut, as timers do.
      if (index > 0 && index < made.length - 1) continue;
      while (outbox.waiting.size > 0) {
        await postPending(outbox, { url, timeoutSeconds: 5 }, { now, attempts: 2, maxDelayMs: 2_000 });
        if (outbox.waiting.size > 0) await wait(200 + Math.random() * 1_000);
      }
      if (index > 0) continue;
      begun += 1;
      if (begun === agents.length) process.stdout.write('begun\n');
      while (begun < agents.length) await wait(20);
      // Some seconds pass before the next one is due.
      await wait(1_500 + (place % 10) * 20);
    }
    if (outbox.quarantined.size + outbox.divergences.length + outbox.forks.length > 0)
      throw new Error(`agent ${agent.key.keyId} was refused`);
  }),
);
process.stdout.write(`${JSON.stringify(agents.map(({ outbox }) => [...outbox.released.keys()]))}\n`);
process.stdin.destroy();
