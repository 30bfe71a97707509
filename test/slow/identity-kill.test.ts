/** The endpoint is killed with SIGKILL at any moment while servers enrol and rotate; then all of them ask again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openOperated } from '../../agent/cli/wire-registrar.ts';
import { withDefaults } from '../../agent/config/defaults.ts';
import { replyOf } from '../../agent/enrol/answer.ts';
import { enrol } from '../../agent/enrol/enrol.ts';
import { openTransport } from '../../agent/post/transport.ts';
import { listKeys } from '../../endpoint/identity/known-keys.ts';
import { recordsFrom } from '../../endpoint/identity/read-records.ts';
import { createToken } from '../../endpoint/identity/tokens.ts';
import { pinsOf } from '../../endpoint/pins.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { openLedger } from '../../evidence/ledger.ts';
import { signRotation } from '../../evidence/rotation.ts';
import { encodeSigned, rotationMediaType } from '../../evidence/signed-file.ts';
import { type Signer, throwAwaySigner, verificationKeyOf } from '../../evidence/signing-key.ts';
import type { TokenFile } from '../../schemas/generated/types.ts';
import { valueOf } from '../evidence/sample.ts';
import { makeScene, type Scene } from './identity-scene.ts';

type Server = {
  readonly token: TokenFile;
  readonly first: Signer;
  readonly second: Signer;
  readonly target: string;
  done: number;
};

describe('an endpoint that is killed while servers enrol and rotate', function () {
  this.timeout(300_000);
  let scene: Scene;

  before(async () => {
    scene = await makeScene();
    await scene.serve();
  });
  after(() => scene.remove());

  function operated(): ReturnType<typeof openOperated> {
    return openOperated(join(scene.endpointState, 'endpoint'), withDefaults({}).serve);
  }

  async function makeServers(count: number): Promise<Server[]> {
    const pins = valueOf(pinsOf(readFileSync(join(scene.folder, 'tls', 'chain.pem'), 'utf8'))).pins;
    const endpoint = valueOf(await operated());
    const { store, logKey } = endpoint;
    const servers: Server[] = [];
    for (let index = 0; index < count; index += 1) {
      const order = {
        role: 'agent',
        targets: [],
        endpoint: scene.url,
        pins,
        logKey,
        expiresAt: '2099-01-01T00:00:00Z',
      } as const;
      const token = valueOf(await createToken(store, order, new Date()));
      servers.push({
        token,
        first: throwAwaySigner(),
        second: throwAwaySigner(),
        target: index.toString(16).padStart(32, '0'),
        done: 0,
      });
    }
    await endpoint.close();
    return servers;
  }

  /** Enrols, then rotates; what is not answered is asked again, with the same token and keys. */
  async function live(server: Server): Promise<void> {
    if (server.done === 0) {
      const enrolled = await enrol({
        token: server.token,
        signer: server.first,
        target: server.target,
        label: undefined,
        now: new Date(),
      });
      if (!enrolled.ok) return assertPassing(enrolled.refusal.code);
      server.done = 1;
    }
    const transport = valueOf(await openTransport({ url: scene.url, pins: server.token.pins }));
    const { bundle } = signRotation(server.first, server.second, {
      log: 'log.affiant.localhost',
      at: new Date().toISOString(),
    });
    const body = encodeSigned(rotationMediaType, { bundle, key: verificationKeyOf(server.first) });
    const reply = replyOf(await transport.post('/v1/rotations', { 'content-type': rotationMediaType }, body));
    await transport.close();
    if (!reply.ok) return assertPassing(reply.refusal.code);
    assert.ok(reply.value.status === 200 || reply.value.status === 201, Buffer.from(reply.value.body).toString('utf8'));
    server.done = 2;
  }

  function assertPassing(code: string): void {
    assert.ok(['no-answer', 'tls-failed', 'store-failed', 'store-contended', 'overloaded'].includes(code), code);
  }

  it('forgets no key that it answered for, enrols none twice, and leaves no hole in its records', async () => {
    const servers = await makeServers(60);
    let kills = 0;
    for (let round = 0; servers.some(({ done }) => done < 2); round += 1) {
      assert.ok(round < 60, 'it gets on');
      // Few enough that work is left for every kill, however fast the machine.
      const open = servers.filter(({ done }) => done < 2).slice(0, 5);
      const asking = Promise.all(open.map((server) => live(server)));
      if (round < 12) {
        await wait(20 + 37 * round);
        await scene.stopServing('SIGKILL');
        kills += 1;
      }
      await asking;
      if (round < 12) await scene.serve();
    }
    assert.equal(kills, 12);
    await scene.stopServing();
    const endpoint = valueOf(await operated());
    const { store, logKey } = endpoint;
    const { records } = valueOf(await recordsFrom(store, 0, 10_000));
    const ledger = valueOf(openLedger(records, valueOf(logVerifierFromKey(logKey))));
    assert.equal(ledger.entries.length, 1 + 2 * servers.length, 'the registrar, and two records a server');
    const keys = new Map(valueOf(await store.read((sql) => listKeys(sql))).map((key) => [key.keyId, key.standing]));
    for (const { first, second } of servers)
      assert.deepEqual([keys.get(first.keyId), keys.get(second.keyId)], ['superseded', 'active']);
    await endpoint.close();
  });
});
