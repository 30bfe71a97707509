import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inChainOrder } from '../../agent/fetch/import-order.ts';
import { readersOf, tokenDigest } from '../../endpoint/readers/readers-file.ts';
import type { BundleList } from '../../schemas/generated/types.ts';
import { runAffiant } from '../agent/cli/run-affiant.ts';
import { makeAgent } from './agent.ts';
import { ask, postWire, type Running, startRunning, trusting } from './running.ts';

describe('affiant import', () => {
  const known = [makeAgent(), makeAgent()] as const;
  const stranger = makeAgent();
  const token = (role: string): string => `token-of-the-${role}-0123456789`;
  const readers = readersOf({
    readers: (['uploader', 'auditor'] as const).map((role) => ({
      name: `the-${role}`,
      role,
      tokenSha256: tokenDigest(token(role)),
      expires: '2027-01-01T00:00:00Z',
    })),
  });
  let running: Running;
  let folder = '';
  beforeEach(async () => {
    running = await startRunning(trusting(...known), { readers });
    folder = mkdtempSync(join(tmpdir(), 'affiant-import-'));
    for (const role of ['uploader', 'auditor']) writeFileSync(join(folder, role), `${token(role)}\n`, { mode: 0o600 });
  });
  afterEach(async () => {
    await running.stop();
    rmSync(folder, { recursive: true });
  });

  type Row = { file: string; outcome: string; detail: string };
  async function bring(files: readonly string[], role = 'uploader', ...more: string[]) {
    const args = ['import', ...files, '--endpoint', running.endpoint.url, '--token-file', join(folder, role), ...more];
    const { code, out, err } = await runAffiant([...args, '--format', 'json']);
    return { code, err, rows: JSON.parse(out) as Row[] };
  }
  function save(name: string, bytes: Uint8Array): string {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return file;
  }
  async function listed(): Promise<BundleList['bundles']> {
    const headers = { authorization: `Bearer ${token('auditor')}` };
    const heard = await ask(running.endpoint, 'GET', '/v1/bundles', headers);
    return (JSON.parse(heard.text) as BundleList).bundles;
  }

  it('brings packs in the order of their chains, says what became of each, keeps who brought them', async () => {
    const [one, two] = known;
    const chain = [one.make(), one.make(), one.make()];
    const other = two.make();
    assert.equal((await postWire(running.endpoint, one, chain[0]?.wire ?? new Uint8Array())).status, 201);
    const files = [
      save('c.pack.json', chain[2]?.bytes ?? new Uint8Array()),
      save('broken.pack.json', Buffer.from('{}')),
      save('strange.pack.json', stranger.make().bytes),
      save('b.pack.json', chain[1]?.bytes ?? new Uint8Array()),
      save('other.pack.json', other.bytes),
      save('a.pack.json', chain[0]?.bytes ?? new Uint8Array()),
      join(folder, 'missing.pack.json'),
    ];
    const { code, rows, err } = await bring(files, 'uploader', '--note', 'carried from ward 3, café');
    assert.equal(code, 1, err);
    const outcomes = new Map(
      rows.map(({ file, outcome }) => [file.slice(folder.length + 1, -'.pack.json'.length), outcome]),
    );
    assert.deepEqual(
      [...outcomes].toSorted(([one], [other]) => (one < other ? -1 : 1)),
      [
        ['a', 'there-before'],
        ['b', 'brought'],
        ['broken', 'unreadable'],
        ['c', 'brought'],
        ['missing', 'unreadable'],
        ['other', 'brought'],
        ['strange', 'not-brought'],
      ],
    );
    const bundles = await listed();
    assert.deepEqual(
      bundles.filter(({ target }) => target === one.target).map(({ sequence, labels }) => [sequence, labels]),
      [
        [0, []],
        [1, []],
        [2, []],
      ],
    );
    const upload = {
      by: 'the-uploader',
      at: '2026-11-23T10:00:05.000Z',
      from: '127.0.0.1',
      note: 'carried from ward 3, café',
    };
    assert.ok(bundles.every(({ uploads }) => uploads?.length === 1));
    assert.deepEqual(bundles[0]?.uploads, [upload]);
    const again = await bring(files);
    assert.ok(
      again.rows.every(({ outcome }) => /there-before|unreadable|not-brought/.test(outcome)),
      JSON.stringify(again.rows),
    );
    assert.deepEqual((await listed())[0]?.uploads, [upload], 'the first time stands');
  });

  it('brings nothing with a token that is none, or of another role', async () => {
    const file = save('a.pack.json', known[0].make().bytes);
    const { code, rows } = await bring([file], 'auditor');
    assert.deepEqual([code, rows[0]?.outcome, (await listed()).length], [4, 'not-brought', 0]);
    assert.match(rows[0]?.detail ?? '', /role of this token/);
    writeFileSync(join(folder, 'uploader'), 'another-token-0123456789');
    assert.match((await bring([file])).rows[0]?.detail ?? '', /not known here/);
  });

  it('does not need a token where the server itself could have posted, and remembers nobody then', async () => {
    await postWire(running.endpoint, known[0], known[0].make().wire);
    assert.equal((await listed())[0]?.uploads, undefined);
  });

  it('orders each chain from its first number, chains by their time, and takes a bundle in two files once', () => {
    const one = (chain: string, sequence: number, finishedAt: string, digest = `${chain}${sequence}`) => ({
      file: `${chain}${sequence}`,
      keyId: 'k',
      target: 't',
      chain,
      sequence,
      finishedAt,
      digest,
    });
    const given = [one('b', 1, '2'), one('a', 1, '4'), one('b', 0, '1'), one('a', 0, '3'), one('b', 1, '2')];
    assert.deepEqual(
      inChainOrder(given).map((chain) => chain.map(({ digest }) => digest)),
      [
        ['b0', 'b1'],
        ['a0', 'a1'],
      ],
    );
  });
});
