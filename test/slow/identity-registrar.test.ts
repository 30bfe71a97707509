/** `affiant key rotate-registrar` beside an endpoint that runs, by real processes over TLS. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeScene, type Ran, type Scene } from './identity-scene.ts';

describe("the registrar's key, changed in place", function () {
  this.timeout(300_000);
  let scene: Scene;
  before(async () => {
    scene = await makeScene();
    const readers = join(scene.folder, 'readers.yaml');
    done(scene.operator('reader', 'create', 'audit', '--role', 'auditor', '--out', token(), '--readers', readers));
    appendFileSync(scene.config, '  readersFile: readers.yaml\n');
    await scene.serve();
  });
  after(() => scene?.remove());

  function done(ran: Ran): string {
    assert.equal(ran.code, 0, ran.out + ran.err);
    return ran.out;
  }
  const token = (): string => join(scene.folder, 'reader.token');
  const file = (name: string): string => join(scene.endpointState, 'endpoint', name);

  it('is followed by the endpoint that runs, by its agents and by verify, and comes back after an end in between', async () => {
    done(scene.server('web1', 'enroll', '--token-file', scene.token()));
    done(scene.server('web1', 'collect', '--only', 'host'));
    done(scene.server('web1', 'post'));
    const before = readFileSync(file('registrar-key.pem'), 'utf8');
    copyFileSync(file('registrar-key.pem'), join(scene.folder, 'old.pem'));
    const told = JSON.parse(done(scene.operator('key', 'rotate-registrar', '--format', 'json'))) as { index: number };
    assert.ok(told.index > 0);
    assert.notEqual(readFileSync(file('registrar-key.pem'), 'utf8'), before);
    assert.equal(statSync(file('registrar-key.pem')).mode & 0o777, 0o600);
    assert.ok(!existsSync(file('registrar-key.next.pem')));
    // Nothing was started again: enrolment and the agents' own rotation are records by the new key.
    done(scene.server('web1', 'key', 'rotate'));
    done(scene.server('web1', 'collect', '--only', 'host'));
    done(scene.server('web1', 'post'));
    // As where the command ended between the record and the file.
    renameSync(file('registrar-key.pem'), file('registrar-key.next.pem'));
    copyFileSync(join(scene.folder, 'old.pem'), file('registrar-key.pem'));
    await scene.stopServing();
    await scene.serve();
    assert.ok(!existsSync(file('registrar-key.next.pem')));
    assert.notEqual(readFileSync(file('registrar-key.pem'), 'utf8'), before);
    done(scene.server('web2', 'enroll', '--token-file', scene.token()));
    // From all records, both keys' among them, everybody sees whose pack it is.
    const records = join(scene.folder, 'records.json');
    done(scene.server('web1', 'records', records, '--token-file', token()));
    const kinds = (readFileSync(records, 'utf8').match(/"payload":"[^"]+"/g) ?? []).map((payload) => {
      const text = Buffer.from(payload.slice(11, -1), 'base64').toString('utf8');
      return (JSON.parse(text) as { predicate: { kind: string } }).predicate.kind;
    });
    assert.deepEqual(
      kinds.filter((kind) => kind === 'registrar' || kind === 'enrolment'),
      ['registrar', 'enrolment', 'registrar', 'enrolment'],
    );
    const packs = scene.packsOf('web1').map((pack) => join(scene.stateOf('web1'), 'packs', pack));
    assert.equal(packs.length, 2);
    for (const pack of packs) done(scene.plain('verify', pack, '--records', records, '--log-key', file('log.vkey')));
  });

  it('is made anew where it is lost; until then nothing opens the endpoint', async () => {
    await scene.stopServing();
    rmSync(file('registrar-key.pem'));
    const listed = scene.operator('key', 'list');
    assert.notEqual(listed.code, 0);
    assert.match(listed.err, /registrar-key/);
    done(scene.operator('key', 'rotate-registrar'));
    await scene.serve();
    done(scene.server('web3', 'enroll', '--token-file', scene.token()));
    assert.match(done(scene.operator('key', 'list')), /active/);
  });
});
