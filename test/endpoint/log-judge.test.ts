/** The whole log by its tiles, judged by a program that shares nothing with ours: another language, written from the specifications. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeAgent } from './agent.ts';
import { ask, postWire, type Running, startRunning, trusting } from './running.ts';

const judge = join(import.meta.dirname, '../judges/tlog-fsck.py');

describe('a log of several tiles', function () {
  this.timeout(120_000);
  let running: Running;
  let front: Server;
  /** What a reader gets, which a test may change on its way. */
  let change: (path: string, body: Buffer) => Buffer = (_, body) => body;
  const entries = 700;

  before(async function () {
    const there = await run('python3', '--version');
    // Named by the reporter.
    if (there.code !== 0) this.skip();
    const agents = Array.from({ length: 20 }, makeAgent);
    running = await startRunning(trusting(...agents), { publicLog: true });
    await Promise.all(
      agents.map(async (agent) => {
        for (let count = 0; count < entries / agents.length; count += 1)
          assert.equal((await postWire(running.endpoint, agent, agent.make().wire)).status, 201);
      }),
    );
    front = createServer((incoming, response) => {
      const path = incoming.url ?? '';
      void ask(running.endpoint, 'GET', path).then(({ status, bytes }) =>
        response.writeHead(status).end(change(path, Buffer.from(bytes))),
      );
    });
    await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
  });
  after(async () => {
    front?.close();
    await running?.stop();
  });
  afterEach(() => {
    change = (_, body) => body;
  });

  function run(program: string, ...args: readonly string[]): Promise<{ code: number; out: string }> {
    return new Promise((done) => {
      execFile(program, args, (error, stdout, stderr) => done({ code: error === null ? 0 : 1, out: stdout + stderr }));
    });
  }
  function judged(key = running.log.signer.verifierKey): Promise<{ code: number; out: string }> {
    return run('python3', judge, `http://127.0.0.1:${(front.address() as AddressInfo).port}/v1/log`, key);
  }

  it('is good by its checkpoint, its entries and each of its tiles', async () => {
    assert.deepEqual(await judged(), { code: 0, out: `good: ${entries} entries, 4 tiles in 2 levels\n` });
  });

  for (const [what, path, at, says] of [
    ['an entry', '/v1/log/tile/entries/001', 5000, /entries do not make the root/],
    ['a full tile', '/v1/log/tile/0/000', 77, /tiles of level 0/],
    ['the partial tile at the edge', '/v1/log/tile/0/002.p/188', 6000, /tiles of level 0/],
    ['a tile of the level above', '/v1/log/tile/1/000.p/2', 40, /tiles of level 1/],
    ['the checkpoint', '/v1/log/checkpoint', 25, /no signature/],
  ] as const)
    it(`is bad with one byte changed in ${what}`, async () => {
      let changed = 0;
      change = (asked, body) => {
        if (asked !== path) return body;
        changed += 1;
        body[at] = (body[at] ?? 0) ^ 1;
        return body;
      };
      const { code, out } = await judged();
      assert.equal(changed, 1, out);
      assert.equal(code, 1);
      assert.match(out, says);
    });

  it('is bad under the key of another log', async () => {
    const other = await startRunning(new Map());
    const { code, out } = await judged(other.log.signer.verifierKey);
    await other.stop();
    assert.equal(code, 1);
    assert.match(out, /^bad: no signature/);
  });
});
