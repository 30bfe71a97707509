import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrolByOperator, enrolWithToken } from '../../../endpoint/identity/enrol.ts';
import { openRegistrar, type Registrar } from '../../../endpoint/identity/registrar.ts';
import { createToken } from '../../../endpoint/identity/tokens.ts';
import { readersOf, tokenDigest } from '../../../endpoint/readers/readers-file.ts';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import { encodeAttestation, signAttestation } from '../../../evidence/attestation.ts';
import { decodeAttestations } from '../../../evidence/attestation-list.ts';
import { openLedger } from '../../../evidence/ledger.ts';
import { logKeyDigest } from '../../../evidence/record.ts';
import { decodeRecords } from '../../../evidence/records-file.ts';
import { attestationMediaType, signedFrom } from '../../../evidence/signed-file.ts';
import { throwAwaySigner } from '../../../evidence/signing-key.ts';
import { keyState as isKeyState } from '../../../schemas/generated/validators.js';
import { sampleLog, valueOf } from '../../evidence/sample.ts';
import { recordedKey } from '../../evidence/sample-records.ts';
import { type Made, makeAgent } from '../agent.ts';
import { ask, type Heard, postWire, problemPrefix, type Running, startRunning } from '../running.ts';
import { requestOf } from './identity-store.ts';

const now = new Date('2026-11-23T10:00:05Z');
const at = now.toISOString();

describe('what readers are shown of keys, records and attestations', () => {
  const agent = makeAgent();
  const tokenOf = (name: string): string => `token-of-the-${name}-0123456789`;
  const reader = (name: string, more = {}): object => ({
    name,
    role: 'reader',
    tokenSha256: tokenDigest(tokenOf(name)),
    expires: '2027-01-01T00:00:00Z',
    ...more,
  });
  let running: Running;
  let registrar: Registrar;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-identity-read-'));
    const log = sampleLog();
    const store = valueOf(
      await openSqliteStore(join(folder, 'endpoint.db'), { logSigner: log.signer, now: () => now }),
    );
    registrar = valueOf(
      await openRegistrar(store, { signer: throwAwaySigner(), logSigner: log.signer, now: () => now }),
    );
    const list = [
      reader('all'),
      reader('some', { targets: [agent.target] }),
      reader('other', { targets: ['f'.repeat(32)] }),
    ];
    const readers = readersOf({ readers: list as Parameters<typeof readersOf>[0]['readers'] });
    running = { ...(await startRunning(new Map(), { store, logSigner: log.signer, registrar, readers })), log };
    const order = {
      role: 'agent',
      targets: [],
      endpoint: 'https://e.example',
      pins: [],
      logKey: log.signer.verifierKey,
      expiresAt: '2027-01-01T00:00:00Z',
    } as const;
    const token = valueOf(await createToken(store, order, now));
    const request = requestOf(token, agent.signer, { target: agent.target, at });
    valueOf(await enrolWithToken(registrar, request, { logKey: logKeyDigest(log.signer.verifierKey), at }));
  });
  after(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (path: string, name = 'all'): Promise<Heard> =>
    ask(running.endpoint, 'GET', path, { authorization: `Bearer ${tokenOf(name)}` });

  it('are all records with their proofs, a page at a time', async () => {
    const first = valueOf(decodeRecords(Buffer.from((await get('/v1/records?limit=1')).text)));
    assert.deepEqual([first.records.length, first.next], [1, 1]);
    const rest = valueOf(decodeRecords(Buffer.from((await get('/v1/records?from=1')).text)));
    assert.equal(rest.next, undefined);
    const ledger = valueOf(openLedger([...first.records, ...rest.records], running.log.verifier));
    assert.deepEqual(
      ledger.entries.map(({ predicate }) => predicate.kind),
      ['registrar', 'enrolment'],
    );
  });

  it('are nothing without a token, not all to who sees some servers, and no answer to a strange question', async () => {
    assert.equal((await ask(running.endpoint, 'GET', '/v1/records')).status, 401);
    assert.equal((await get('/v1/records', 'some')).status, 403);
    assert.equal((await get('/v1/attestations', 'some')).status, 403);
    assert.equal((await get('/v1/records?form=1')).problem().type, `${problemPrefix}bad-query`);
    assert.equal((await get(`/v1/keys/${'0'.repeat(64)}`)).status, 404);
    assert.equal(
      (await get(`/v1/keys/${agent.key.keyId}`, 'other')).status,
      404,
      'whether it is known is nobody else’s',
    );
  });

  it('is a key with the records that prove it, and its forks: a restored snapshot is a finding', async () => {
    const place = { id: 'c'.repeat(32), sequence: 0 };
    const [one, twin] = [agent.make({ chain: place }), agent.make({ chain: place })];
    assert.equal((await postWire(running.endpoint, agent, one.wire)).status, 201);
    assert.equal((await postWire(running.endpoint, agent, twin.wire)).status, 409);
    const heard = await get(`/v1/keys/${agent.key.keyId}`, 'some');
    const state: unknown = JSON.parse(heard.text);
    assert.ok(isKeyState(state), heard.text);
    assert.deepEqual([state.standing, state.targets], ['active', [agent.target]]);
    assert.deepEqual(
      state.findings?.map(({ kind, digest, existing }) => [kind, digest, existing]),
      [['fork', twin.digest, one.digest]],
    );
    const records = (state.records ?? []).map((value) =>
      valueOf(signedFrom(value, 'application/vnd.affiant.record.v1+json')),
    );
    assert.equal(valueOf(openLedger(records, running.log.verifier)).entries.length, 2);
  });

  it('is a key that signed for another server too, which was refused each time', async () => {
    const other = 'e'.repeat(32);
    const wrong = (): Made => agent.make({ predicate: { target: { id: other, basis: 'machine-id' } } });
    const [first, again] = [wrong(), wrong()];
    for (const one of [first, again]) assert.equal((await postWire(running.endpoint, agent, one.wire)).status, 422);
    const state: unknown = JSON.parse((await get(`/v1/keys/${agent.key.keyId}`)).text);
    assert.ok(isKeyState(state));
    assert.deepEqual(
      state.otherTargets?.map(({ target, digest, times }) => [target, digest, times]),
      [[other, first.digest, 2]],
    );
    // A bundle that the key did not sign names nobody.
    const forged = makeAgent(agent.signer).make({ predicate: { target: { id: 'd'.repeat(32), basis: 'machine-id' } } });
    forged.wire.set([(forged.wire.at(-1) ?? 0) ^ 1], forged.wire.length - 1);
    assert.ok([400, 422].includes((await postWire(running.endpoint, agent, forged.wire)).status));
    const after: unknown = JSON.parse((await get(`/v1/keys/${agent.key.keyId}`)).text);
    assert.ok(isKeyState(after));
    assert.equal(after.otherTargets?.length, 1);
  });

  it('are attestations by server and kind', async () => {
    const jane = throwAwaySigner();
    const person = { name: 'Jane Doe', kinds: ['claim' as const] };
    valueOf(await enrolByOperator(registrar, { key: recordedKey(jane), role: 'reviewer', targets: [], person, at }));
    const claim = {
      kind: 'claim',
      author: { name: 'Jane Doe', role: 'reviewer' },
      madeAt: at,
      targets: [agent.target],
      asOf: at,
      claim: { kind: 'updates-installed' },
      words: 'all installed',
    };
    const signed = valueOf(signAttestation(claim, jane));
    const posted = await ask(
      running.endpoint,
      'POST',
      '/v1/attestations',
      { 'content-type': attestationMediaType },
      encodeAttestation(signed),
    );
    assert.equal(posted.status, 201);
    const count = async (query: string, name = 'all'): Promise<number> =>
      valueOf(decodeAttestations(Buffer.from((await get(`/v1/attestations${query}`, name)).text))).attestations.length;
    assert.deepEqual(
      [
        await count(''),
        await count(`?target=${agent.target}`, 'some'),
        await count(`?target=${'f'.repeat(32)}`),
        await count('?kind=plan'),
        await count('?kind=claim'),
      ],
      [1, 1, 0, 0, 1],
    );
    assert.equal((await get(`/v1/attestations/${signed.digest}`)).text, posted.text);
    assert.equal((await get(`/v1/attestations/${'0'.repeat(64)}`)).status, 404);
    assert.equal((await get('/v1/attestations?kind=exceptoin')).status, 400, 'never an empty list for a slip');
  });
});
