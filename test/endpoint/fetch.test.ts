/** Packs from the endpoint in a folder, as `affiant fetch` brings them. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fetched, fetchInto, packFile } from '../../agent/fetch/fetch-folder.ts';
import { followLog } from '../../agent/fetch/follow-log.ts';
import { makeReaderClient } from '../../agent/fetch/reader-client.ts';
import { openTransport } from '../../agent/post/transport.ts';
import { readersOf, readReadersFile, tokenDigest } from '../../endpoint/readers/readers-file.ts';
import { openCheckpoint } from '../../evidence/checkpoint.ts';
import type { Result } from '../../evidence/result.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import { runAffiant } from '../agent/cli/run-affiant.ts';
import { affiant } from '../agent/cli/run-cli.ts';
import { codeOf, valueOf } from '../evidence/sample.ts';
import { makeAgent } from './agent.ts';
import { postWire, type Running, startRunning, trusting } from './running.ts';

describe('affiant fetch', () => {
  const agents = [makeAgent(), makeAgent()];
  const [one, other] = agents as [(typeof agents)[0], (typeof agents)[0]];
  const tokenOf = (role: string): string => `token-of-the-${role}-0123456789`;
  const readers = readersOf({
    readers: [
      { name: 'a', role: 'auditor', tokenSha256: tokenDigest(tokenOf('auditor')), expires: '2027-01-01T00:00:00Z' },
    ],
  });
  let running: Running;
  beforeEach(async () => {
    running = await startRunning(trusting(...agents), { readers });
  });
  afterEach(() => running.stop());
  async function fill(): Promise<ReturnType<typeof one.make>[]> {
    const made = [one.make(), other.make(), one.make(), one.make()];
    for (const [index, { wire }] of made.entries())
      assert.equal((await postWire(running.endpoint, index === 1 ? other : one, wire)).status, 201);
    return made;
  }

  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-fetch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function fetchAll(target?: string): Promise<Result<Fetched[]>> {
    const transport = valueOf(await openTransport({ url: running.endpoint.url }));
    const client = makeReaderClient(transport, tokenOf('auditor'), {
      now: () => new Date(),
      random: () => 0,
      sleep: async () => {},
    });
    const { url: endpoint } = running.endpoint;
    try {
      return await fetchInto(client, { folder, endpoint, target, log: running.log.verifier, onFetched: () => {} });
    } finally {
      await transport.close();
    }
  }
  const outcomes = async (): Promise<string[]> => valueOf(await fetchAll()).map(({ outcome }) => outcome);

  it('have packs in a folder, each verified, and the next time only what is new', async () => {
    const made = await fill();
    assert.deepEqual(await outcomes(), ['fetched', 'fetched', 'fetched', 'fetched']);
    for (const [index, { digest }] of made.entries()) {
      const target = index === 1 ? other.target : one.target;
      const file = packFile(folder, { target, logIndex: index, digest });
      valueOf(
        verifyPack(readFileSync(file), {
          key: () => (index === 1 ? other : one).key,
          logKey: running.log.verifier,
          requireReceipt: true,
        }),
      );
    }
    assert.equal(readFileSync(join(folder, 'keys', `${one.key.keyId}.pem`), 'utf8'), one.signer.publicKeyPem);
    assert.deepEqual(await outcomes(), []);
    await postWire(running.endpoint, one, one.make().wire);
    assert.deepEqual(await outcomes(), ['fetched']);
    rmSync(join(folder, 'fetch.json'));
    rmSync(join(folder, one.target, readdirSync(join(folder, one.target))[0] ?? ''));
    assert.deepEqual(await outcomes(), ['fetched', 'present', 'present', 'present', 'present']);
    writeFileSync(join(folder, 'fetch.json'), '{"endpoint":"https://elsewhere.example"}');
    assert.equal(codeOf(await fetchAll()), 'fetch-folder');
  });

  it('notices a log that went back, and one that grew from another history, and keeps what shows it', async () => {
    const follow = async (from: Running): Promise<ReturnType<typeof followLog>> => {
      const transport = valueOf(await openTransport({ url: from.endpoint.url }));
      try {
        return await followLog(folder, running.log.verifier, transport);
      } finally {
        await transport.close();
      }
    };
    await fill();
    assert.equal(valueOf(await follow(running)).size, 4);
    await postWire(running.endpoint, one, one.make().wire);
    assert.equal(valueOf(await follow(running)).size, 5);
    // The same log key over another store: restored from too old a backup, or a second face for others.
    const face = await startRunning(trusting(...agents), { readers, logSigner: running.log.signer });
    try {
      for (let size = 0; size <= 6; size += 1) {
        const shown = await follow(face);
        assert.equal(codeOf(shown), 'log-diverged', `at ${size}`);
        const proof = readFileSync(join(folder, 'log.checkpoint.contradicting'), 'utf8');
        assert.equal(valueOf(openCheckpoint(proof, running.log.verifier)).size, size);
        assert.equal(
          valueOf(openCheckpoint(readFileSync(join(folder, 'log.checkpoint'), 'utf8'), running.log.verifier)).size,
          5,
        );
        await postWire(face.endpoint, other, other.make().wire);
      }
    } finally {
      await face.stop();
    }
    assert.equal(valueOf(await follow(running)).size, 5, 'the log itself is as good as before');
    writeFileSync(join(folder, 'log.checkpoint'), 'forgotten');
    assert.equal(codeOf(await follow(running)), 'fetch-folder');
  });

  it('run as a command with a token that the command made, and with no other', async () => {
    await fill();
    const at = (name: string): string => join(folder, name);
    const made = affiant([
      'reader',
      'create',
      'audit',
      '--role',
      'auditor',
      '--readers',
      at('readers.yaml'),
      '--out',
      at('token'),
    ]);
    assert.equal(made.code, 0, made.err);
    const token = readFileSync(at('token'), 'utf8').trim();
    assert.equal(statSync(at('token')).mode & 0o777, 0o600);
    assert.ok(!(made.out + made.err + readFileSync(at('readers.yaml'), 'utf8')).includes(token));
    const again = affiant([
      'reader',
      'create',
      'audit',
      '--role',
      'reader',
      '--readers',
      at('readers.yaml'),
      '--out',
      at('token2'),
    ]);
    assert.deepEqual([again.code, /has a reader audit/.test(again.err)], [2, true]);
    const { store, log } = running;
    const file = valueOf(readReadersFile(at('readers.yaml')));
    await running.endpoint.close();
    running = await startRunning(trusting(...agents), {
      readers: readersOf(file),
      store,
      logSigner: log.signer,
      now: () => new Date(),
    });
    const args = ['fetch', at('packs'), '--endpoint', running.endpoint.url, '--token-file', at('token')];
    const fetched = await runAffiant(args);
    assert.deepEqual(
      [fetched.code, fetched.out],
      [0, '4 packs of 2 servers fetched and verified, 0 were here, 0 failed\n'],
      fetched.err,
    );
    chmodSync(at('token'), 0o644);
    const unsafe = affiant(args);
    assert.deepEqual([unsafe.code, /can be read by others/.test(unsafe.err)], [2, true]);
  });
});
