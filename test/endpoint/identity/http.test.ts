import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrolByOperator } from '../../../endpoint/identity/enrol.ts';
import { approve, revoke } from '../../../endpoint/identity/key-acts.ts';
import { openRegistrar, type Registrar } from '../../../endpoint/identity/registrar.ts';
import { createToken } from '../../../endpoint/identity/tokens.ts';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import { decodeAttestation, encodeAttestation, signAttestation } from '../../../evidence/attestation.ts';
import { openRecord, recordOf, vouchedRegistrar } from '../../../evidence/record.ts';
import { decodeRecords } from '../../../evidence/records-file.ts';
import { signRotation } from '../../../evidence/rotation.ts';
import { attestationMediaType, encodeSigned, placeInLog, rotationMediaType } from '../../../evidence/signed-file.ts';
import { type Signer, throwAwaySigner, verificationKeyOf } from '../../../evidence/signing-key.ts';
import type { EnrolmentRequest, TokenFile } from '../../../schemas/generated/types.ts';
import { sampleLog, valueOf } from '../../evidence/sample.ts';
import { recordedKey } from '../../evidence/sample-records.ts';
import { makeAgent } from '../agent.ts';
import { ask, type Heard, postWire, problemPrefix, type Running, startRunning } from '../running.ts';
import { requestOf } from './identity-store.ts';

const now = new Date('2026-11-23T10:00:05Z');
const at = now.toISOString();
const origin = 'log.affiant.example';

describe('the addresses of identity', () => {
  let running: Running;
  let registrar: Registrar;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-identity-'));
    const log = sampleLog();
    const store = valueOf(
      await openSqliteStore(join(folder, 'endpoint.db'), { logSigner: log.signer, now: () => now }),
    );
    registrar = valueOf(
      await openRegistrar(store, { signer: throwAwaySigner(), logSigner: log.signer, now: () => now }),
    );
    running = { ...(await startRunning(new Map(), { store, logSigner: log.signer, registrar })), log };
  });
  after(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function token(role: TokenFile['role'] = 'agent'): Promise<TokenFile> {
    const order = {
      role,
      targets: role === 'agent' ? [] : ['*'],
      endpoint: 'https://evidence.example.org',
      pins: [],
    } as const;
    const logKey = running.log.signer.verifierKey;
    return valueOf(await createToken(running.store, { ...order, logKey, expiresAt: '2026-11-24T10:00:00Z' }, now));
  }

  function post(path: string, mediaType: string, body: Uint8Array): Promise<Heard> {
    return ask(running.endpoint, 'POST', path, { 'content-type': mediaType }, body);
  }

  function enrol(request: EnrolmentRequest): Promise<Heard> {
    return post('/v1/enrolments', 'application/vnd.affiant.enrolment.v1+json', Buffer.from(JSON.stringify(request)));
  }

  function refused(heard: Heard, status: number, code: string): void {
    assert.equal(heard.status, status, heard.text);
    assert.equal(heard.problem().type, problemPrefix + code);
  }

  async function enrolledAgent(): Promise<ReturnType<typeof makeAgent>> {
    const agent = makeAgent();
    assert.equal((await enrol(requestOf(await token(), agent.signer, { target: agent.target, at }))).status, 201);
    return agent;
  }

  it('answer an enrolment with its record, which leads to the log key and to nothing else', async () => {
    const agent = makeAgent();
    const heard = await enrol(requestOf(await token(), agent.signer, { target: agent.target, at }));
    assert.deepEqual([heard.status, heard.headers['affiant-labels']], [201, undefined]);
    const { records } = valueOf(decodeRecords(Buffer.from(heard.text)));
    const [first, second] = records;
    assert.ok(first !== undefined && second !== undefined);
    const introduction = valueOf(recordOf(first.bundle)).predicate;
    assert.ok(introduction.kind === 'registrar');
    const key = valueOf(vouchedRegistrar(introduction, running.log.verifier));
    const { predicate } = valueOf(openRecord(second.bundle, key));
    assert.ok(predicate.kind === 'enrolment');
    assert.deepEqual(
      [predicate.key.id, predicate.targets, predicate.standing],
      [agent.key.keyId, [agent.target], 'active'],
    );
    valueOf(placeInLog(second, running.log.verifier));
  });

  it('answer the same, byte for byte, where the first answer was lost', async () => {
    const agent = makeAgent();
    const request = requestOf(await token(), agent.signer, { target: agent.target, at });
    const [first, second] = [await enrol(request), await enrol(request)];
    assert.deepEqual([first.status, second.status], [201, 200]);
    assert.equal(first.text, second.text);
  });

  it('take bundles of the enrolled key for its server and no other', async () => {
    const agent = await enrolledAgent();
    assert.equal((await postWire(running.endpoint, agent, agent.make().wire)).status, 201);
    const foreign = agent.make({ predicate: { target: { id: randomBytes(16).toString('hex'), basis: 'machine-id' } } });
    const heard = await postWire(running.endpoint, agent, foreign.wire);
    refused(heard, 422, 'target-mismatch');
    assert.ok(heard.problem().signature !== undefined, 'signed, so that the agent sets it aside');
  });

  it('take bundles of a sweeper for every server that its token names', async () => {
    const sweeper = makeAgent();
    assert.equal(
      (await enrol(requestOf(await token('sweeper'), sweeper.signer, { target: sweeper.target, at }))).status,
      201,
    );
    for (const id of ['1', '2'].map((digit) => digit.repeat(32))) {
      const made = sweeper.make({ predicate: { target: { id, basis: 'machine-id' } }, chain: { id, sequence: 0 } });
      assert.equal((await postWire(running.endpoint, sweeper, made.wire)).status, 201);
    }
  });

  it('label a clock that is wrong, and enrol all the same', async () => {
    for (const [claimed, label] of [
      ['2026-11-23T13:00:00Z', 'clock-ahead'],
      ['2020-01-01T00:00:00Z', 'clock-behind'],
    ] as const) {
      const agent = makeAgent();
      const heard = await enrol(requestOf(await token(), agent.signer, { target: agent.target, at: claimed }));
      assert.deepEqual([heard.status, heard.headers['affiant-labels']], [201, label]);
    }
  });

  it('refuse a token that is unknown, used, or presented with the proof of another', async () => {
    const agent = makeAgent();
    const good = await token();
    const unknown = await enrol(
      requestOf({ ...good, secret: `affiant-secret-${'B'.repeat(43)}` }, agent.signer, { at }),
    );
    refused(unknown, 401, 'token-unknown');
    assert.equal(unknown.headers['www-authenticate'], 'Affiant-Token');
    const second = await token();
    refused(
      await enrol({
        ...requestOf(second, agent.signer, { at }),
        possession: requestOf(good, agent.signer, { at }).possession,
      }),
      422,
      'proof-invalid',
    );
    assert.equal((await enrol(requestOf(good, agent.signer, { target: agent.target, at }))).status, 201);
    refused(await enrol(requestOf(good, throwAwaySigner(), { at })), 403, 'token-used');
    for (const heard of [unknown]) assert.ok(!heard.text.includes('affiant-secret'));
  });

  it('refuse what is no enrolment by the pointer to what is wrong, and never quote it', async () => {
    const request = requestOf(await token(), throwAwaySigner(), { at });
    const heard = await enrol({ ...request, token: { ...request.token, secret: 'hunter2hunter2' } });
    refused(heard, 422, 'schema-violation');
    assert.equal(heard.problem().pointer, '/token/secret');
    assert.ok(!heard.text.includes('hunter2'));
    refused(await post('/v1/enrolments', 'text/plain', Buffer.from('{}')), 415, 'media-type');
    refused(
      await post('/v1/enrolments', 'application/vnd.affiant.enrolment.v1+json', Buffer.alloc(70_000)),
      413,
      'too-large',
    );
  });

  it('turn a key away from the moment of its revocation: 403', async () => {
    const agent = await enrolledAgent();
    const before = agent.make();
    assert.equal((await postWire(running.endpoint, agent, before.wire)).status, 201);
    valueOf(await revoke(registrar, { keyId: agent.key.keyId, operator: 'jane', reason: 'stolen', at }));
    refused(await postWire(running.endpoint, agent, agent.make().wire), 403, 'key-revoked');
    assert.equal((await postWire(running.endpoint, agent, before.wire)).status, 200, 'what was kept keeps its receipt');
  });

  it('turn a second key of one server away until a person approves it', async () => {
    const agent = await enrolledAgent();
    const anew = makeAgent();
    const own = { predicate: { target: { id: agent.target, basis: 'machine-id' } } } as const;
    const heard = await enrol(requestOf(await token(), anew.signer, { target: agent.target, at }));
    assert.equal(heard.status, 202);
    refused(await postWire(running.endpoint, anew, anew.make(own).wire), 403, 'key-pending');
    valueOf(await approve(registrar, { keyId: anew.key.keyId, operator: 'jane', at }));
    assert.equal((await postWire(running.endpoint, anew, anew.make(own).wire)).status, 201);
    refused(await postWire(running.endpoint, agent, agent.make().wire), 403, 'key-superseded');
  });

  it('let a chain go on under the next key, and take what the old one had signed', async () => {
    const agent = await enrolledAgent();
    const chain = randomBytes(16).toString('hex');
    const first = agent.make({ chain: { id: chain, sequence: 0 } });
    const second = agent.make({ chain: { id: chain, sequence: 1, previous: first.digest } });
    assert.equal((await postWire(running.endpoint, agent, first.wire)).status, 201);
    const next = makeAgent();
    const { bundle } = signRotation(agent.signer, next.signer, { log: origin, at });
    const body = encodeSigned(rotationMediaType, { bundle, key: agent.key });
    const [rotated, again] = [
      await post('/v1/rotations', rotationMediaType, body),
      await post('/v1/rotations', rotationMediaType, body),
    ];
    assert.deepEqual([rotated.status, again.status, rotated.text], [201, 200, again.text]);
    const own = { target: { id: agent.target, basis: 'machine-id' } } as const;
    const third = next.make({ chain: { id: chain, sequence: 2, previous: second.digest }, predicate: own });
    const ahead = await postWire(running.endpoint, next, third.wire);
    assert.deepEqual([ahead.status, ahead.headers['affiant-labels']], [201, 'sequence-gap']);
    const waited = await postWire(running.endpoint, agent, second.wire);
    assert.deepEqual([waited.status, waited.headers['affiant-labels']], [201, undefined]);
    const fourth = next.make({ chain: { id: chain, sequence: 3, previous: third.digest }, predicate: own });
    assert.equal((await postWire(running.endpoint, next, fourth.wire)).headers['affiant-labels'], undefined);
    const clone = next.make({ chain: { id: chain, sequence: 1, previous: first.digest }, predicate: own });
    assert.equal((await postWire(running.endpoint, next, clone.wire)).status, 409, 'a place is taken under either key');
  });

  describe('for attestations', () => {
    const claim = {
      kind: 'claim',
      author: { name: 'Jane Doe', role: 'reviewer' },
      madeAt: at,
      targets: ['1'.repeat(32)],
      asOf: at,
      claim: { kind: 'updates-installed' },
      words: 'all installed',
    };

    async function person(kinds: ('claim' | 'exception')[] = ['claim']): Promise<Signer> {
      const signer = throwAwaySigner();
      const entry = {
        key: recordedKey(signer),
        role: 'reviewer',
        targets: [],
        person: { name: 'Jane Doe', kinds },
        at,
      } as const;
      valueOf(await enrolByOperator(registrar, { ...entry, person: { name: 'Jane Doe', kinds } }));
      return signer;
    }

    function attest(value: object, signer: Signer): Promise<Heard> {
      return post('/v1/attestations', attestationMediaType, encodeAttestation(valueOf(signAttestation(value, signer))));
    }

    it('answer with the attestation and its receipt, and the same again', async () => {
      const jane = await person();
      const body = encodeAttestation(valueOf(signAttestation(claim, jane)));
      const [first, second] = [
        await post('/v1/attestations', attestationMediaType, body),
        await post('/v1/attestations', attestationMediaType, body),
      ];
      assert.deepEqual([first.status, second.status], [201, 200]);
      assert.equal(first.text, second.text);
      valueOf(placeInLog(valueOf(decodeAttestation(Buffer.from(first.text))), running.log.verifier));
      valueOf(await revoke(registrar, { keyId: jane.keyId, operator: 'op', reason: 'left', at }));
      assert.equal((await post('/v1/attestations', attestationMediaType, body)).text, first.text);
      refused(await attest({ ...claim, words: 'again' }, jane), 403, 'key-revoked');
    });

    it('refuse a stranger, a server, another author, another kind, and a changed byte', async () => {
      const jane = await person();
      refused(await attest(claim, throwAwaySigner()), 401, 'key-unknown');
      const agent = await enrolledAgent();
      refused(await attest(claim, agent.signer), 403, 'role-forbidden');
      refused(await attest({ ...claim, author: { name: 'John Doe', role: 'reviewer' } }, jane), 422, 'author-mismatch');
      refused(await attest({ ...claim, author: { name: 'Jane Doe', role: 'officer' } }, jane), 422, 'author-mismatch');
      const plan = { kind: 'withdrawal', author: claim.author, madeAt: at, attestation: '0'.repeat(64), reason: 'x' };
      refused(await attest(plan, jane), 403, 'kind-forbidden');
      const signed = valueOf(signAttestation(claim, jane));
      const sig = Buffer.from(jane.sign(Buffer.from('another'))).toString('base64');
      const forged = {
        ...signed,
        bundle: {
          ...signed.bundle,
          dsseEnvelope: { ...signed.bundle.dsseEnvelope, signatures: [{ sig, keyid: '' as const }] },
        },
      };
      refused(
        await post('/v1/attestations', attestationMediaType, encodeAttestation(forged)),
        422,
        'signature-invalid',
      );
    });

    it('take no bundles of a person', async () => {
      const signer = await person();
      refused(
        await postWire(running.endpoint, makeAgent(signer), makeAgent(signer).make().wire),
        403,
        'role-forbidden',
      );
      assert.equal(verificationKeyOf(signer).keyId, signer.keyId);
    });
  });
});
