import assert from 'node:assert/strict';
import { zstdDecompressSync } from 'node:zlib';
import { type ReaderRole, readersOf, tokenDigest } from '../../endpoint/readers/readers-file.ts';
import type { Store } from '../../endpoint/store/store.ts';
import { refuse } from '../../evidence/result.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import type { BundleList, ReadList, TargetList } from '../../schemas/generated/types.ts';
import { bundles as isBundles, reads as isReads, targets as isTargets } from '../../schemas/generated/validators.js';
import { valueOf } from '../evidence/sample.ts';
import { makeAgent } from './agent.ts';
import { ask, type Heard, postWire, problemPrefix, type Running, startRunning, trusting } from './running.ts';

describe('readers of the endpoint', () => {
  const agents = [makeAgent(), makeAgent()];
  const [one, other] = agents as [(typeof agents)[0], (typeof agents)[0]];
  const tokenOf = (role: string): string => `token-of-the-${role}-0123456789`;
  const entry = (role: ReaderRole, more = {}) => ({
    name: role,
    role,
    tokenSha256: tokenDigest(tokenOf(role)),
    expires: '2027-01-01T00:00:00Z',
    ...more,
  });
  const readers = readersOf({
    readers: [
      entry('reader', { targets: [one.target] }),
      entry('auditor'),
      entry('operator'),
      entry('uploader'),
      { ...entry('reader'), name: 'late', tokenSha256: tokenDigest(tokenOf('late')), expires: '2026-01-01T00:00:00Z' },
    ],
  });
  let running: Running;
  beforeEach(async () => {
    running = await startRunning(trusting(...agents), { readers });
  });
  afterEach(() => running.stop());

  const get = (path: string, role: string, headers: Record<string, string> = {}): Promise<Heard> =>
    ask(running.endpoint, 'GET', path, { authorization: `Bearer ${tokenOf(role)}`, ...headers });
  const json = <T>(heard: Heard, isIt: (value: unknown) => value is T): T => {
    assert.equal(heard.status, 200, heard.text);
    const value: unknown = JSON.parse(heard.text);
    if (!isIt(value)) assert.fail(heard.text);
    return value;
  };
  async function fill(): Promise<ReturnType<typeof one.make>[]> {
    const made = [one.make(), other.make(), one.make(), one.make()];
    for (const [index, { wire }] of made.entries())
      assert.equal((await postWire(running.endpoint, index === 1 ? other : one, wire)).status, 201);
    return made;
  }

  it('are told by a challenge what is missing, and not whether a token was once good', async () => {
    const bare = await ask(running.endpoint, 'GET', '/v1/targets');
    assert.deepEqual([bare.status, bare.headers['www-authenticate']], [401, 'Bearer']);
    const [late, unknown] = [await get('/v1/targets', 'late'), await get('/v1/targets', 'nobody')];
    assert.deepEqual([late.status, late.text], [401, unknown.text]);
    assert.equal(unknown.headers['www-authenticate'], 'Bearer error="invalid_token"');
  });

  it('have by their role what it needs and nothing else', async () => {
    const [made] = await fill();
    const paths = ['/v1/targets', '/v1/bundles', `/v1/bundles/${one.key.keyId}/${made?.digest}`, '/v1/reads'];
    const allowed: Record<string, number[]> = {
      reader: [200, 200, 200, 403],
      auditor: [200, 200, 200, 200],
      operator: [200, 403, 403, 200],
      uploader: [403, 403, 403, 403],
    };
    for (const [role, expected] of Object.entries(allowed))
      assert.deepEqual(await Promise.all(paths.map(async (path) => (await get(path, role)).status)), expected, role);
  });

  it('see only their servers, and of another not even that it is there', async () => {
    const made = await fill();
    assert.deepEqual(
      json<TargetList>(await get('/v1/targets', 'reader'), isTargets).targets.map(({ id }) => id),
      [one.target],
    );
    const listed = json<BundleList>(await get('/v1/bundles', 'reader'), isBundles).bundles;
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [made[0]?.digest, made[2]?.digest, made[3]?.digest],
    );
    const hidden = await get(`/v1/bundles/${other.key.keyId}/${made[1]?.digest}`, 'reader');
    const none = await get(`/v1/bundles/${other.key.keyId}/${'0'.repeat(64)}`, 'reader');
    assert.deepEqual([hidden.status, hidden.text], [404, none.text]);
    assert.equal((await get(`/v1/targets/${other.target}`, 'reader')).status, 404);
    assert.equal((await get(`/v1/targets/${other.target}/bundles`, 'reader')).status, 404);
    assert.equal((await get(`/v1/targets/${other.target}`, 'auditor')).status, 200);
  });

  it('page through lists that do not shift while bundles come', async () => {
    const made = await fill();
    const first = json<BundleList>(await get('/v1/bundles?limit=2', 'auditor'), isBundles);
    assert.equal((await postWire(running.endpoint, one, one.make().wire)).status, 201);
    const second = json<BundleList>(await get(`/v1/bundles?limit=2&after=${first.next}`, 'auditor'), isBundles);
    const last = json<BundleList>(await get(`/v1/bundles?limit=2&after=${second.next}`, 'auditor'), isBundles);
    assert.deepEqual(
      [...first.bundles, ...second.bundles].map(({ digest }) => digest),
      made.map(({ digest }) => digest),
    );
    assert.deepEqual([last.bundles.length, last.next], [1, undefined]);
    const until = json<BundleList>(await get('/v1/bundles?to=2026-11-23T10:00:05Z', 'auditor'), isBundles);
    const from = json<BundleList>(await get('/v1/bundles?from=2026-11-23T10:00:05Z', 'auditor'), isBundles);
    assert.deepEqual([until.bundles.length, from.bundles.length], [0, 5]);
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=1e2',
      'after=x',
      'from=yesterday',
      'form=2026-01-01T00:00:00Z',
      'limit=1&limit=2',
    ])
      assert.equal((await get(`/v1/bundles?${query}`, 'auditor')).problem().type, `${problemPrefix}bad-query`, query);
  });

  it('get a pack in whole with its receipt, compressed where they take it, and the key to verify it with', async () => {
    const [made] = await fill();
    const heard = await get(`/v1/bundles/${one.key.keyId}/${made?.digest}`, 'auditor');
    const verified = verifyPack(Buffer.from(heard.text), {
      key: () => one.key,
      logKey: running.log.verifier,
      requireReceipt: true,
    });
    assert.equal(valueOf(verified).digest, made?.digest);
    assert.equal(
      heard.headers['affiant-public-key'],
      one.key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    );
    const answer = await fetch(new URL(`/v1/bundles/${one.key.keyId}/${made?.digest}`, running.endpoint.url), {
      headers: { authorization: `Bearer ${tokenOf('auditor')}`, 'accept-encoding': 'gzip, zstd' },
    });
    assert.equal(answer.headers.get('content-encoding'), 'zstd');
    const bytes = Buffer.from(await answer.arrayBuffer());
    // fetch() of Node unpacks zstd by itself since 24; what it does not unpack is unpacked here.
    assert.equal((bytes[0] === 0x28 ? zstdDecompressSync(bytes) : bytes).toString(), heard.text);
  });

  it('leave a trail that says who saw what, before they see it', async () => {
    const [made] = await fill();
    await get('/v1/targets', 'reader');
    await get(`/v1/targets/${one.target}/bundles`, 'reader');
    const pack = await get(`/v1/bundles/${one.key.keyId}/${made?.digest}`, 'auditor');
    await get('/v1/targets', 'nobody');
    const { reads } = json<ReadList>(await get('/v1/reads', 'operator'), isReads);
    assert.deepEqual(
      reads.map(({ reader, role, what, target, bundle, count }) => [reader, role, what, target, bundle, count]),
      [
        ['reader', 'reader', '/v1/targets', undefined, undefined, 1],
        ['reader', 'reader', '/v1/targets/{id}/bundles', one.target, undefined, 3],
        ['auditor', 'auditor', '/v1/bundles/{keyId}/{digest}', one.target, made?.digest, 1],
      ],
    );
    assert.equal(reads[2]?.request, pack.headers['x-request-id']);
    assert.ok(reads.every(({ from, at }) => from === '127.0.0.1' && at === '2026-11-23T10:00:05.000Z'));
    const more = json<ReadList>(await get(`/v1/reads?after=${reads[2]?.id}`, 'operator'), isReads);
    assert.deepEqual(
      more.reads.map(({ what, count }) => [what, count]),
      [['/v1/reads', 3]],
    );
  });

  it('see nothing where the trail cannot be written', async () => {
    await fill();
    const { store } = running;
    await running.endpoint.close();
    const failing: Store = { ...store, write: async () => refuse('store-failed', 'disk full') };
    running = await startRunning(trusting(...agents), { readers, store: failing });
    assert.equal((await get('/v1/targets', 'auditor')).status, 503);
  });
});
