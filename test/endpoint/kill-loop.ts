/** Kills a loaded endpoint again and again; shared by the quick and the slow suite. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { verifyReceipt } from '../../evidence/receipt.ts';
import { valueOf } from '../evidence/sample.ts';
import { type Agent, type Made, makeAgent } from './agent.ts';
import { type Heard, postWire, type Reachable } from './running.ts';

const script = fileURLToPath(new URL('serve-child.ts', import.meta.url));

/** Declares the tests; `rounds` is how often the endpoint is killed. */
export function killLoop(rounds: number): void {
  let folder = '';
  let child: ChildProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-kill-'));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  async function start(keyFiles: string[]): Promise<{ endpoint: Reachable; kill: () => Promise<void> }> {
    const started = spawn(process.execPath, [script, folder, ...keyFiles], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    const [line] = (await once(started.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    async function kill(): Promise<void> {
      const gone = once(started, 'exit');
      started.kill('SIGKILL');
      await gone;
    }
    return { endpoint: { port }, kill };
  }

  it(`finds every receipt again with a valid proof, and no index twice, over ${rounds} kills under load`, async () => {
    const agents = Array.from({ length: 6 }, () => makeAgent());
    const keyFiles = agents.map(({ signer }, index) => {
      const file = join(folder, `${index}.pem`);
      writeFileSync(file, signer.publicKeyPem);
      return file;
    });
    const receipted: { agent: Agent; made: Made; heard: Heard }[] = [];
    let unanswered: { agent: Agent; made: Made }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { endpoint, kill } = await start(keyFiles);
      const work = [
        ...unanswered,
        ...agents.flatMap((agent) => [agent.make(), agent.make()].map((made) => ({ agent, made }))),
      ];
      unanswered = [];
      let left = randomInt(work.length);
      let killed: Promise<void> | undefined;
      await Promise.all(
        work.map(async ({ agent, made }) => {
          try {
            const heard = await postWire(endpoint, agent, made.wire);
            assert.ok(heard.status === 201 || heard.status === 200, heard.text);
            receipted.push({ agent, made, heard });
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error;
            unanswered.push({ agent, made });
          }
          left -= 1;
          if (left < 0) killed ??= kill();
        }),
      );
      await killed;
    }
    assert.ok(receipted.length >= rounds, `${receipted.length} receipts`);

    const { endpoint, kill } = await start(keyFiles);
    const logSigner = valueOf(loadOrCreateLogKey(folder, 'log.affiant.example'));
    const verifier = valueOf(logVerifierFromKey(logSigner.verifierKey));
    const indexes = new Set<number>();
    for (const { agent, made, heard } of receipted) {
      const again = await postWire(endpoint, agent, made.wire);
      assert.deepEqual([again.status, again.text], [200, heard.text]);
      indexes.add(valueOf(verifyReceipt(again.receipt(), made.bundle, agent.key, verifier)).index);
    }
    assert.equal(indexes.size, receipted.length);
    for (const { agent, made } of unanswered) {
      const late = await postWire(endpoint, agent, made.wire);
      indexes.add(valueOf(verifyReceipt(late.receipt(), made.bundle, agent.key, verifier)).index);
    }
    await kill();
    const store = valueOf(await openSqliteStore(join(folder, 'endpoint.db'), { logSigner, now: () => new Date() }));
    assert.equal(valueOf(await store.checkpoint()).size, indexes.size, 'nothing in the log that nobody sent');
    await store.close();
  });
}
