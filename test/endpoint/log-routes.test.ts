import assert from 'node:assert/strict';
import { openCheckpoint } from '../../evidence/checkpoint.ts';
import { decodeEntries, tileHashesOf } from '../../evidence/log-tiles.ts';
import { leafHash, rootHash, verifyConsistency } from '../../evidence/merkle.ts';
import { valueOf } from '../evidence/sample.ts';
import { makeAgent } from './agent.ts';
import { ask, postWire, problemPrefix, type Running, startRunning, trusting } from './running.ts';

describe('the log for whoever checks it', () => {
  const agent = makeAgent();
  let running: Running;
  beforeEach(async () => {
    running = await startRunning(trusting(agent), { publicLog: true });
    for (let count = 0; count < 5; count += 1) await postWire(running.endpoint, agent, agent.make().wire);
  });
  afterEach(() => running.stop());

  it('shows its checkpoint, its tiles and its entries, which make the root that it signed', async () => {
    const { text } = await ask(running.endpoint, 'GET', '/v1/log/checkpoint');
    const { size, root } = valueOf(openCheckpoint(text, running.log.verifier));
    const tile = await ask(running.endpoint, 'GET', `/v1/log/tile/0/000.p/${size}`);
    const entries = await ask(running.endpoint, 'GET', `/v1/log/tile/entries/000.p/${size}`);
    assert.deepEqual([tile.status, entries.status, size], [200, 200, 5]);
    const hashes = tileHashesOf(Buffer.from(tile.bytes), size) ?? assert.fail();
    const leaves = (decodeEntries(Buffer.from(entries.bytes), size) ?? assert.fail()).map(leafHash);
    assert.deepEqual(
      hashes.map((hash) => Buffer.from(hash)),
      leaves.map((hash) => Buffer.from(hash)),
    );
    assert.deepEqual(Buffer.from(rootHash(hashes)), Buffer.from(root));
  });

  it('proves that it continues what it was, and says clearly what it cannot prove', async () => {
    const { text } = await ask(running.endpoint, 'GET', '/v1/log/checkpoint');
    const before = valueOf(openCheckpoint(text, running.log.verifier));
    await postWire(running.endpoint, agent, agent.make().wire);
    const after = valueOf(
      openCheckpoint((await ask(running.endpoint, 'GET', '/v1/log/checkpoint')).text, running.log.verifier),
    );
    const heard = await ask(running.endpoint, 'GET', `/v1/log/consistency?from=${before.size}&to=${after.size}`);
    const { hashes } = JSON.parse(heard.text) as { hashes: string[] };
    const proof = hashes.map((hash) => Buffer.from(hash, 'base64'));
    assert.ok(verifyConsistency(before.size, after.size, proof, before.root, after.root));
    for (const query of [
      '',
      '?from=1',
      '?from=0&to=2',
      '?from=3&to=2',
      '?from=1&to=2e1',
      '?from=-1&to=2',
      '?from=1&to=99999999999999999',
    ])
      assert.equal((await ask(running.endpoint, 'GET', `/v1/log/consistency${query}`)).status, 400, query);
    const ahead = await ask(running.endpoint, 'GET', `/v1/log/consistency?from=1&to=${after.size + 1}`);
    assert.deepEqual([ahead.status, ahead.problem().type], [404, `${problemPrefix}no-such-tree`]);
    assert.equal((await ask(running.endpoint, 'GET', '/v1/log/tile/0/001')).status, 404);
    assert.equal((await ask(running.endpoint, 'GET', '/v1/log/tile/0/0')).status, 404);
  });

  it('keeps its tiles for readers unless the configuration makes it public', async () => {
    const closed = await startRunning(trusting(agent));
    try {
      const heard = await ask(closed.endpoint, 'GET', '/v1/log/tile/0/000.p/1');
      assert.equal(heard.status, 401);
      assert.equal((await ask(closed.endpoint, 'GET', '/v1/log/checkpoint')).status, 200);
    } finally {
      await closed.stop();
    }
  });
});
