/** What acts say in JSON: a server that enrols, rotates and sends, and the operator of a real endpoint beside it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, affiant as runCli } from './run-cli.ts';

type Json = Record<string, unknown>;

describe('--json of acts', function () {
  this.timeout(240_000);
  let home = '';
  let url = '';
  let served: ChildProcess | undefined;

  function json(place: 'endpoint' | 'server', code: number, ...args: string[]): Json {
    const config = ['--config', join(home, 'affiant.yaml')];
    const ran = runCli([...args, '--json', '--state', join(home, place), ...(place === 'endpoint' ? config : [])]);
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.out}${ran.err}`);
    return JSON.parse(ran.out) as Json;
  }

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'affiant-json-acts-'));
    writeFileSync(join(home, 'affiant.yaml'), 'serve:\n  readersFile: readers.yaml\n');
    const reader = ['create', 'ann', '--role', 'auditor', '--out', join(home, 'reader.token')];
    json('endpoint', 0, 'reader', ...reader);
    const main = join(projectRoot, 'agent', 'cli', 'affiant.mjs');
    const where = ['--state', join(home, 'endpoint'), '--config', join(home, 'affiant.yaml')];
    served = spawn(process.execPath, [main, 'serve', '--listen', '127.0.0.1:0', ...where], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(served.stdout ?? assert.fail('no output'), 'data')) as [Buffer];
    url = said.toString('utf8').trim();
  });
  after(async () => {
    if (served?.exitCode === null) {
      served.kill('SIGTERM');
      await once(served, 'exit');
    }
    rmSync(home, { recursive: true });
  });

  function token(name: string): Json {
    return json('endpoint', 0, 'token', 'create', '--endpoint', url, '--out', join(home, name));
  }

  it('of a token: what it is for and where it lies, not its secret; without --out it is the token', () => {
    const made = token('first.token');
    const { secret, id } = JSON.parse(readFileSync(join(home, 'first.token'), 'utf8')) as Record<string, string>;
    assert.deepEqual(
      [made['id'], made['role'], made['endpoint'], made['file']],
      [id, 'agent', url, join(home, 'first.token')],
    );
    assert.ok(secret !== undefined && !JSON.stringify(made).includes(secret));
    const bare = json('endpoint', 0, 'token', 'create', '--endpoint', url);
    assert.equal(typeof bare['secret'], 'string');
    assert.deepEqual(json('endpoint', 0, 'token', 'revoke', String(bare['id'])), { id: bare['id'], state: 'revoked' });
  });

  it('of enrolment, of the key, and of its rotation', () => {
    token('second.token');
    const shown = json('server', 0, 'key', 'show');
    assert.match(String(shown['publicKey']), /^-----BEGIN PUBLIC KEY-----\n/);
    assert.deepEqual([shown['isNew'], shown['stateFolder']], [true, join(home, 'server')]);
    const enrolled = json('server', 0, 'enroll', '--token-file', join(home, 'second.token'));
    const { keyId, endpoint, role, standing, clock, targets } = enrolled;
    assert.deepEqual([keyId, endpoint, role, standing, clock], [shown['keyId'], url, 'agent', 'active', 'agrees']);
    assert.match(String(targets), /^[0-9a-f]{32}$/);
    const { keyId: next, previousKey } = json('server', 0, 'key', 'rotate');
    assert.equal(previousKey, keyId);
    assert.equal(json('server', 0, 'key', 'show')['keyId'], next);
    const refused = runCli(['enroll', '--token-file', join(home, 'nowhere'), '--json', '--state', join(home, 'other')]);
    const problem = JSON.parse(refused.out) as Json;
    assert.deepEqual(
      [problem['type'], problem['exitCode']],
      [`urn:affiant:problem:${String(problem['code'])}`, refused.code],
    );
    assert.notEqual(refused.code, 0);
  });

  it('of what the endpoint does with keys, and of its records', () => {
    writeFileSync(join(home, 'own.pem'), String(json('server', 0, 'key', 'show')['publicKey']));
    const known = json('endpoint', 1, 'key', 'revoke', '0'.repeat(64), '--reason', 'nobody has it');
    assert.match(String(known['type']), /^urn:affiant:problem:/);
    const person = json('endpoint', 0, 'attest', 'key', join(home, 'jane.key'), '--name', 'Jane', '--role', 'officer');
    assert.deepEqual([person['file'], person['publicKeyFile']], [join(home, 'jane.key'), join(home, 'jane.key.pub')]);
    const holder = ['--role', 'officer', '--name', 'Jane'];
    const added = json('endpoint', 0, 'key', 'add', join(home, 'jane.key.pub'), ...holder);
    assert.deepEqual([added['keyId'], added['standing']], [person['keyId'], 'active']);
    const file = join(home, 'records.json');
    const reader = ['--token-file', join(home, 'reader.token'), '--endpoint', url];
    const before = json('endpoint', 0, 'records', file, ...reader);
    assert.deepEqual([before['file'], typeof before['logKey']], [file, 'string']);
    const revoked = json('endpoint', 0, 'key', 'revoke', String(added['keyId']), '--reason', 'she left');
    assert.ok(Number(revoked['index']) > Number(added['index']));
    assert.equal(json('endpoint', 0, 'records', file, ...reader)['records'], Number(before['records']) + 1);
  });

  it('of an attestation, made, kept and verified', () => {
    const key = join(home, 'joe.key');
    json('endpoint', 0, 'attest', 'key', key, '--name', 'Joe', '--role', 'officer');
    json('endpoint', 0, 'key', 'add', `${key}.pub`, '--role', 'officer', '--name', 'Joe');
    const file = join(home, 'aware.json');
    const words = ['--aware-at', '2026-01-02T03:04:05Z', '--what', 'a page on the web server', '--incident', 'i-1'];
    const made = json(
      'endpoint',
      0,
      'attest',
      'incident-aware',
      '--key',
      key,
      ...words,
      '--out',
      file,
      '--endpoint',
      url,
    );
    assert.deepEqual([made['file'], typeof made['logIndex']], [file, 'number']);
    const records = join(home, 'all.json');
    const reader = ['--token-file', join(home, 'reader.token'), '--endpoint', url];
    const { logKey } = json('endpoint', 0, 'records', records, ...reader);
    writeFileSync(join(home, 'log.vkey'), `${String(logKey)}\n`);
    const against = ['--records', records, '--log-key', join(home, 'log.vkey')];
    const rows = json('endpoint', 0, 'attest', 'verify', file, ...against) as unknown as Json[];
    assert.deepEqual(
      rows.map(({ verified, kind, digest }) => [verified, kind, digest]),
      [[true, 'incident-aware', made['digest']]],
    );
    writeFileSync(join(home, 'spoilt.json'), '{}');
    const [spoilt] = json(
      'endpoint',
      1,
      'attest',
      'verify',
      join(home, 'spoilt.json'),
      ...against,
    ) as unknown as Json[];
    assert.deepEqual([spoilt?.['verified'], typeof spoilt?.['code']], [false, 'string']);
  });

  it('of what goes and what stays: prune, erase, backup', () => {
    const nothing = { dryRun: true, days: 30, documents: 0 };
    assert.deepEqual(json('endpoint', 0, 'prune', '--older-than', '30d', '--dry-run'), nothing);
    const pruned = { ...nothing, dryRun: false, bundles: 0, records: [] };
    assert.deepEqual(json('endpoint', 0, 'prune', '--older-than', '30d'), pruned);
    const erased = json('endpoint', 0, 'erase', '--account', 'nobody-of-that-name', '--reason', 'asked for');
    assert.deepEqual(erased['documents'], 0);
    const file = join(home, 'copy.sqlite');
    const made = json('endpoint', 0, 'backup', file);
    assert.equal(made['file'], file);
    assert.ok(Number(made['entries']) > 0);
    assert.equal(json('endpoint', 5, 'backup', file)['exitCode'], 5);
  });

  it('of a recording, a pack taken apart, and the rules of sudo', () => {
    const plain = (...args: string[]): Json => {
      const { code, out, err } = runCli([...args, '--json']);
      assert.equal(code, 0, err);
      return JSON.parse(out) as Json;
    };
    const folder = join(home, 'recorded');
    const recorded = plain('record', folder, '--only', 'host');
    assert.equal(recorded['folder'], folder);
    const pack = join(home, 'one.pack.json');
    runCli(['collect', '--host', `replay:${folder}`, '--only', 'host', '--out', pack]);
    const apart = plain('unpack', pack, join(home, 'apart'));
    assert.deepEqual(
      (apart['written'] as string[]).toSorted(),
      readdirSync(join(home, 'apart'))
        .map((name) => join(home, 'apart', name))
        .toSorted(),
    );
    assert.deepEqual([apart['missing'], apart['verified']], [[], false]);
    const sudo = plain('sudoers', '--user', 'sweep');
    const { out } = runCli(['sudoers', '--user', 'sweep']);
    assert.deepEqual([sudo['file'], sudo['user'], sudo['password']], [out, 'sweep', false]);
    assert.ok((sudo['granted'] as { argv: string[] }[]).every(({ argv }) => argv[0]?.startsWith('/')));
  });
});
