import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAgent } from './agent.ts';
import { ask, postWire, type Reachable } from './running.ts';
import { startServing } from './serving.ts';

const script = fileURLToPath(new URL('serve-child.ts', import.meta.url));

describe('two endpoint processes over one store', function () {
  this.timeout(60_000);
  let folder = '';
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-two-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('may be started at the same moment in an empty folder, have one log key, and never give an index twice', async () => {
    const agents = Array.from({ length: 8 }, () => makeAgent());
    const keyFiles = agents.map(({ signer }, index) => {
      const file = join(folder, `${index}.pem`);
      writeFileSync(file, signer.publicKeyPem);
      return file;
    });
    const started = [0, 1].map(() =>
      spawn(process.execPath, [script, folder, ...keyFiles], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    children.push(...started);
    const endpoints = await Promise.all(
      started.map(async (child): Promise<Reachable> => {
        // A child that could not start says so on standard error; waiting for its port would only hide that.
        const died = once(child, 'exit').then(([code]) =>
          assert.fail(`an endpoint ended at its start with ${String(code)}`),
        );
        const [line] = (await Promise.race([once(child.stdout, 'data'), died])) as [Buffer];
        return { port: Number(line.toString()) };
      }),
    );
    const logs = await Promise.all(
      endpoints.map(
        async (endpoint) =>
          (JSON.parse((await ask(endpoint, 'GET', '/v1/log')).text) as { verifierKey: string }).verifierKey,
      ),
    );
    assert.equal(logs[0], logs[1]);
    const heard = await Promise.all(
      agents.flatMap((agent) => endpoints.map((endpoint) => postWire(endpoint, agent, agent.make().wire))),
    );
    const indexes = heard.map((one) => {
      assert.equal(one.status, 201, one.text);
      return one.receipt().logIndex;
    });
    assert.deepEqual(
      indexes.toSorted((left, right) => left - right),
      [...heard.keys()],
    );
  });

  it('count the quota of a key each by itself: together twice as much, as the page for operators says, and no more', async () => {
    const agent = makeAgent();
    const limits = { quota: { bundlesPerHour: 2 } };
    const served = [await startServing([agent], limits, folder), await startServing([agent], limits, folder)];
    children.push(...served.map(({ child }) => child));
    const statuses: number[][] = [];
    for (const { url } of served) {
      const endpoint = { port: Number(url.port) };
      const heard: number[] = [];
      for (let count = 0; count < 4; count += 1)
        heard.push((await postWire(endpoint, agent, agent.make().wire)).status);
      statuses.push(heard);
    }
    assert.deepEqual(statuses, [
      [201, 201, 429, 429],
      [201, 201, 429, 429],
    ]);
  });
});
