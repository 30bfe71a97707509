/** Persons attest, readers fetch the records, an auditor judges packs by them: real processes over TLS. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dialects, makeScene, type Scene, skipWithout } from './identity-scene.ts';

for (const dialect of dialects)
  describe(`attestations and records by real processes over TLS, kept in ${dialect}`, function () {
    this.timeout(300_000);
    let scene: Scene;
    let keyId: string;
    const target = '0f5b6c1d2e3f405162738495a6b7c8d9';

    before(async function () {
      skipWithout(this, dialect);
      scene = await makeScene(dialect);
      const made = scene.operator(
        'reader',
        'create',
        'audit',
        '--role',
        'auditor',
        '--out',
        join(scene.folder, 'reader'),
        '--readers',
        join(scene.folder, 'readers.yaml'),
      );
      assert.equal(made.code, 0, made.err);
      writeFileSync(scene.config, `${readFileSync(scene.config, 'utf8')}  readersFile: readers.yaml\n`);
      await scene.serve();
      const enrolled = scene.server('web1', 'enroll', '--token-file', scene.token('--label', 'web1'));
      assert.equal(enrolled.code, 0, enrolled.err);
      keyId = enrolled.out.trim();
    });
    after(() => scene?.remove());

    const at = (name: string): string => join(scene.folder, name);

    it('a person makes a key, is entered by the operator, attests offline and through the endpoint', () => {
      const made = scene.server('jane', 'attest', 'key', at('jane.key'), '--name', 'Jane Doe', '--role', 'officer');
      assert.equal(made.code, 0, made.err);
      assert.equal(statSync(at('jane.key')).mode & 0o777, 0o600);
      const claim = [
        'attest',
        'claim',
        '--key',
        at('jane.key'),
        '--target',
        target,
        '--claim',
        'updates-installed',
        '--words',
        'all installed',
      ];
      const offline = scene.server('jane', ...claim, '--out', at('claim.json'));
      assert.equal(offline.code, 0, offline.err);
      const stranger = scene.server('web1', ...claim, '--post');
      assert.equal(stranger.code, 1);
      assert.match(stranger.err, /does not know the key/);
      const added = scene.operator('key', 'add', at('jane.key.pub'), '--role', 'officer', '--name', 'Jane Doe');
      assert.equal(added.code, 0, added.err);
      writeFileSync(
        at('exception.yaml'),
        `about: {kind: fix, id: CVE-2026-0001}\ntargets: ["${target}"]\nreason: vendor\ncompensatingMeasure: firewall\nowner: Jane Doe\n`,
      );
      const posted = scene.server(
        'web1',
        'attest',
        'exception',
        '--key',
        at('jane.key'),
        '--from',
        at('exception.yaml'),
        '--expires',
        '90d',
        '--post',
        '--out',
        at('exception.json'),
      );
      assert.equal(posted.code, 0, posted.err);
      assert.match(posted.err, /logged as number [0-9]+/);
      const endless = scene.server(
        'web1',
        'attest',
        'exception',
        '--key',
        at('jane.key'),
        '--from',
        at('exception.yaml'),
      );
      assert.equal(endless.code, 2, 'an exception must end');
      assert.match(endless.err, /expiresAt/);
      const listed = scene.server('web1', 'attest', 'list', at('claim.json'), at('exception.json'));
      assert.equal(listed.code, 0);
      assert.match(listed.out, /claim .*Jane Doe \(officer\)[\s\S]*exception .* until /);
    });

    it('an auditor lists what the endpoint has, each with its place in the log, and takes it along in files', () => {
      const list = (...more: readonly string[]): ReturnType<Scene['server']> =>
        scene.server('web1', 'attest', 'list', '--token-file', at('reader'), ...more);
      const logKey = ['--log-key', join(scene.endpointState, 'endpoint', 'log.vkey')];
      const all = list(...logKey, '--target', target, '--out', at('attested'));
      assert.equal(all.code, 0, all.err);
      assert.match(
        all.out,
        /^[0-9a-f]{16} {2}exception {2}Jane Doe \(officer\) .* until .* number [0-9]+ of the log\n$/,
      );
      const kept = scene.plain('attest', 'list', at('attested'));
      assert.match(kept.out, /exception {2}Jane Doe/);
      assert.equal(list(...logKey, '--kind', 'plan').out, 'no attestation is there for this token\n');
      const misspelt = list('--kind', 'exeption');
      assert.equal(misspelt.code, 2);
      assert.match(misspelt.err, /--kind is one of .*exception/);
      const other = readFileSync(logKey[1] ?? '', 'utf8').replace(/^[^+]*/, 'log.elsewhere.example');
      writeFileSync(at('other.vkey'), other);
      const foreign = list('--log-key', at('other.vkey'));
      assert.notEqual(foreign.code, 0, 'proved against another log');
      assert.equal(foreign.out, '');
    });

    it('an auditor fetches the records and judges attestations and packs by them', () => {
      assert.equal(scene.server('web1', 'collect', '--only', 'host', '--out', at('one.pack.json')).code, 0);
      assert.equal(scene.server('web1', 'post').code, 0);
      const packs = join(scene.stateOf('web1'), 'packs');
      const revoked = scene.operator('key', 'revoke', keyId, '--reason', 'retired');
      assert.equal(revoked.code, 0, revoked.err);
      const fetched = scene.server('web1', 'records', at('records.json'), '--token-file', at('reader'));
      assert.equal(fetched.code, 0, fetched.err);
      const logKey = join(scene.endpointState, 'endpoint', 'log.vkey');
      const attested = scene.server(
        'auditor',
        'attest',
        'verify',
        at('exception.json'),
        '--records',
        at('records.json'),
        '--log-key',
        logKey,
      );
      assert.equal(attested.code, 0, attested.out);
      assert.match(attested.out, /VERIFIED .* exception by Jane Doe \(officer\)/);
      const unlogged = scene.server(
        'auditor',
        'attest',
        'verify',
        at('claim.json'),
        '--records',
        at('records.json'),
        '--log-key',
        logKey,
      );
      assert.equal(unlogged.code, 1);
      assert.match(unlogged.out, /receipt-missing/);
      const [pack = ''] = scene.packsOf('web1');
      const judged = scene.plain('verify', join(packs, pack), '--records', at('records.json'), '--log-key', logKey);
      assert.equal(judged.code, 0, judged.out + judged.err);
      assert.match(judged.out, /key active \(web1\) since log index/);
      const keyless = scene.plain('verify', join(packs, pack), '--records', at('records.json'));
      assert.equal(keyless.code, 2);
      const records = JSON.parse(readFileSync(at('records.json'), 'utf8')) as { records: object[] };
      writeFileSync(at('gap.json'), JSON.stringify({ ...records, records: records.records.toSpliced(1, 1) }));
      const gap = scene.plain('verify', join(packs, pack), '--records', at('gap.json'), '--log-key', logKey);
      assert.equal(gap.code, 2);
      assert.match(gap.err, /record number 1 is not here/);
    });
  });
