/** Enrolment, rotation, revocation with real processes over TLS, as operators and servers run them. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dialects, makeScene, type Ran, type Scene, skipWithout } from './identity-scene.ts';

for (const dialect of dialects)
  describe(`enrolment by real processes over TLS, kept in ${dialect}`, function () {
    this.timeout(300_000);
    let scene: Scene;
    const secrets: string[] = [];

    before(async function () {
      skipWithout(this, dialect);
      scene = await makeScene(dialect);
      await scene.serve();
    });
    after(() => scene?.remove());

    function token(...more: readonly string[]): string {
      const file = scene.token(...more);
      secrets.push((JSON.parse(readFileSync(file, 'utf8')) as { secret: string }).secret);
      return file;
    }

    function changed(file: string, change: Record<string, unknown>): string {
      const other = file.replace(/\.json$/, `-${Object.keys(change).join('-')}.json`);
      writeFileSync(other, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }), { mode: 0o600 });
      return other;
    }

    function refused(ran: Ran, code: number, text: RegExp): void {
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, text);
      assert.match(ran.err, /remedy: /);
    }

    it('goes from a token to a receipt, and on under the next key, with nothing but the token in hand', () => {
      const file = token('--label', 'web1');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const enrolled = scene.server('web1', 'enroll', '--token-file', file);
      assert.equal(enrolled.code, 0, enrolled.err);
      const again = scene.server('web1', 'enroll', '--token-file', file);
      assert.deepEqual([again.code, again.out], [0, enrolled.out]);
      assert.equal(scene.server('web1', 'collect', '--only', 'host').code, 0);
      const waiting = scene.server('web1', 'key', 'rotate');
      assert.equal(waiting.code, 0, waiting.err);
      assert.equal(scene.server('web1', 'collect', '--only', 'host').code, 0);
      const posted = scene.server('web1', 'post');
      assert.equal(posted.code, 0, posted.out + posted.err);
      assert.equal(posted.out.match(/receipt verified/g)?.length, 2);
      const keys = scene.operator('key', 'list');
      assert.match(keys.out, /superseded .* web1 /);
      assert.match(keys.out, /active .* web1 /);
    });

    it('refuses another key in the certificate before anything is sent', () => {
      const wrong = changed(token(), { pins: ['0'.repeat(64)] });
      refused(scene.server('web2', 'enroll', '--token-file', wrong), 1, /pinned/);
      const tokens = JSON.parse(scene.operator('token', 'list', '--format', 'json').out) as { state: string }[];
      assert.ok(
        tokens.some(({ state }) => state === 'open'),
        'the secret never came to the endpoint',
      );
    });

    it('refuses another log key before the secret is sent', () => {
      const wrong = changed(token(), { logKey: '0'.repeat(64) });
      refused(scene.server('web2', 'enroll', '--token-file', wrong), 1, /the secret was not sent/);
    });

    it('says of a used, a revoked and a wrong token which of them it is, and of a readable file that it is', () => {
      const file = token();
      assert.equal(scene.server('web3', 'enroll', '--token-file', file).code, 0);
      refused(scene.server('web4', 'enroll', '--token-file', file), 1, /used already/);
      const taken = token();
      const { id } = JSON.parse(readFileSync(taken, 'utf8')) as { id: string };
      assert.equal(scene.operator('token', 'revoke', id).code, 0);
      refused(scene.server('web4', 'enroll', '--token-file', taken), 1, /revoked/);
      refused(
        scene.server(
          'web4',
          'enroll',
          '--token-file',
          changed(token(), { secret: `affiant-secret-${'A'.repeat(43)}` }),
        ),
        1,
        /no such token/,
      );
      const open = token();
      chmodSync(open, 0o644);
      refused(scene.server('web4', 'enroll', '--token-file', open), 5, /read or written by others/);
      const damaged = changed(token(), { id: 'nope' });
      refused(scene.server('web4', 'enroll', '--token-file', damaged), 5, /holds no token/);
    });

    it('keeps a second key of one server waiting until it is approved, and refuses the old one then', () => {
      // Both folders are of this machine: the same server.
      const anew = scene.server('web5', 'enroll', '--token-file', token());
      assert.equal(anew.code, 0, anew.err);
      assert.match(anew.err, /waits/);
      assert.equal(scene.server('web5', 'collect', '--only', 'host').code, 0);
      const kept = scene.server('web5', 'post');
      assert.equal(kept.code, 4);
      assert.match(kept.out + kept.err, /approve/);
      const id = anew.out.trim();
      const approved = scene.operator('key', 'approve', id, '--reason', 'installed anew');
      assert.equal(approved.code, 0, approved.err);
      assert.equal(scene.server('web5', 'post').code, 0);
      assert.equal(scene.operator('key', 'approve', id).code, 1);
    });

    it('turns a revoked key away from then on, and keeps what it has', () => {
      const id = scene.server('web5', 'key', 'show').err.match(/[0-9a-f]{64}/)?.[0] ?? '';
      assert.equal(scene.operator('key', 'revoke', id).code, 2, 'a reason is needed');
      const revoked = scene.operator(
        'key',
        'revoke',
        id,
        '--reason',
        'stolen',
        '--compromised-since',
        '2026-01-01T00:00:00Z',
      );
      assert.equal(revoked.code, 0, revoked.err);
      assert.equal(scene.server('web5', 'collect', '--only', 'host').code, 0);
      const post = scene.server('web5', 'post');
      assert.equal(post.code, 4);
      assert.match(post.out + post.err, /revoked/);
      assert.equal(readdirSync(join(scene.stateOf('web5'), 'spool')).length, 1);
      refused(scene.server('web5', 'key', 'rotate'), 1, /revoked/);
    });

    it('shows a restored snapshot as a fork: both are kept, and the agent begins a new chain', () => {
      assert.equal(scene.server('web6', 'enroll', '--token-file', token()).code, 0);
      assert.equal(scene.server('web6', 'collect', '--only', 'host').code, 0);
      assert.equal(scene.server('web6', 'post').code, 0);
      cpSync(scene.stateOf('web6'), scene.stateOf('clone'), { recursive: true });
      for (const name of ['web6', 'clone']) assert.equal(scene.server(name, 'collect', '--only', 'host').code, 0);
      assert.equal(scene.server('web6', 'post').code, 0);
      const clone = scene.server('clone', 'post');
      assert.match(clone.out, /has a twin/);
    });

    it('goes dark for nobody when the certificate is renewed, with the same key or a new one of the same authority', async () => {
      for (const how of ['same-key', 'new-key'] as const) {
        await scene.stopServing();
        scene.renew(how);
        await scene.serve();
        assert.equal(scene.server('web6', 'collect', '--only', 'host').code, 0);
        const posted = scene.server('web6', 'post');
        assert.equal(posted.code, 0, `${how}: ${posted.out}${posted.err}`);
      }
    });

    it('leaves no secret in arguments, outputs, logs, the store or a state folder', async () => {
      await scene.stopServing();
      const spoken = scene.said.join('\n');
      const kept: [string, string][] = [];
      for (const entry of readdirSync(scene.folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile() && !/token-[^/]*\.json$/.test(path))
          kept.push([path, readFileSync(path).toString('latin1')]);
      }
      const dump = scene.dump();
      assert.ok(dialect === 'sqlite' || /COPY public\.token .*\n/.test(dump), 'the dump holds the tokens');
      assert.ok(secrets.length > 8);
      for (const secret of secrets) {
        const bare = secret.slice('affiant-secret-'.length);
        assert.ok(!spoken.includes(bare), 'in what a process was told or said');
        for (const [path, text] of kept) assert.ok(!text.includes(bare), path);
        assert.ok(!dump.includes(bare), 'in the database');
      }
      const privateKeys = kept.filter(([, text]) => text.includes('PRIVATE KEY'));
      for (const [path, pem] of privateKeys) {
        if (path.includes('/tls/')) continue;
        assert.equal(statSync(path).mode & 0o077, 0, path);
        const body = pem.split('\n')[1] ?? '';
        assert.ok(!spoken.includes(body), path);
      }
    });
  });
