/** The lines of packaging/sign.sh, with a certificate and a key that are thrown away. */
import assert from 'node:assert/strict';
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkExecutable } from '../../../packaging/build/check-executable.ts';
import { findTool } from '../../../packaging/build/run-tool.ts';
import { targets } from '../../../packaging/build/targets.ts';
import { notHere, theExecutable, theInstaller } from './built.ts';

const script = join(import.meta.dirname, '../../../packaging/sign.sh');

describe('signing what was built', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'affiant-sign-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the Windows program a signature that fits, without harm to what is inside', async function () {
    if (findTool(['osslsigncode']) === undefined) {
      process.stdout.write('      skipped: no osslsigncode\n');
      this.skip();
    }
    const { file } = await theExecutable('win-x64');
    const [cert, key, signed] = ['cert.pem', 'key.pem', 'signed.exe'].map((name) => join(folder, name));
    assert.ok(cert !== undefined && key !== undefined && signed !== undefined);
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2'];
    const use = ['-addext', 'extendedKeyUsage=codeSigning', '-subj', '/CN=Throw-away'];
    execFileSync('openssl', [...request, ...use], { stdio: 'pipe' });
    const done = spawnSync('bash', [script, 'exe', signed, cert, key, file], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    checkExecutable(targets['win-x64'], signed);
    const verified = spawnSync('osslsigncode', ['verify', '-CAfile', cert, '-in', signed], { encoding: 'utf8' });
    assert.match(verified.stdout, /Signature verification: ok/);
    const bare = spawnSync('osslsigncode', ['verify', '-CAfile', cert, '-in', file], { encoding: 'utf8' });
    assert.match(bare.stdout + bare.stderr, /No signature found/i);
  });

  describe('with GnuPG', () => {
    const home = mkdtempSync(join(tmpdir(), 'affiant-gpg-'));
    const environment = { ...process.env, GNUPGHOME: home };
    const name = 'Throw-away <throw@away.example>';
    const run = (program: string, ...args: string[]): SpawnSyncReturns<string> =>
      spawnSync(program, args, { encoding: 'utf8', env: environment });
    const must = (program: string, ...args: string[]): string => {
      const { status, stdout, stderr, error } = run(program, ...args);
      assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? ''}${stderr}${stdout}`);
      return stdout;
    };
    before(function () {
      const missing = ['gpg', 'rpmsign', 'rpmkeys'].find((tool) => findTool([tool]) === undefined);
      if (missing !== undefined) {
        process.stdout.write(`      skipped: no ${missing}\n`);
        this.skip();
      }
      chmodSync(home, 0o700);
      // No passphrase: nobody is there to be asked.
      must('gpg', '--batch', '--passphrase', '', '--quick-generate-key', name, 'rsa3072', 'sign', '1d');
    });
    after(() => {
      run('gpgconf', '--kill', 'all');
      rmSync(home, { recursive: true, force: true });
    });

    it('gives an rpm a signature that rpm itself takes for that key, and for no other content', async function () {
      const missing = notHere();
      if (missing !== undefined) {
        process.stdout.write(`      skipped: ${missing}\n`);
        this.skip();
      }
      const file = join(folder, 'signed.rpm');
      copyFileSync(await theInstaller('rpm', '0.1.0'), file);
      const keys = join(folder, 'keys');
      const publicKey = join(folder, 'public.asc');
      writeFileSync(publicKey, must('gpg', '--armor', '--export', name));
      must('rpmkeys', '--dbpath', keys, '--import', publicKey);
      const check = (): SpawnSyncReturns<string> =>
        run('rpmkeys', '--dbpath', keys, '--define', '_pkgverify_level all', '--checksig', '--verbose', file);
      const bare = check();
      assert.notEqual(bare.status, 0, bare.stdout);
      must('bash', script, 'rpm', name, file);
      const signed = check();
      assert.equal(signed.status, 0, signed.stdout + signed.stderr);
      assert.match(signed.stdout, /Header V4 RSA\/SHA(?:256|512) Signature, key ID [0-9a-f]+: OK/);
      const bytes = readFileSync(file);
      bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      assert.notEqual(check().status, 0);
    });

    it('gives the list of sums a signature beside it, which fits that list alone', () => {
      const sums = join(folder, 'SHA256SUMS');
      writeFileSync(sums, `${'0'.repeat(64)}  affiant.deb\n`);
      must('bash', script, 'sums', name, sums);
      must('gpg', '--verify', `${sums}.asc`, sums);
      writeFileSync(sums, `${'1'.repeat(64)}  affiant.deb\n`);
      assert.notEqual(run('gpg', '--verify', `${sums}.asc`, sums).status, 0);
    });

    it('fails where there is no such key, and signs nothing', () => {
      const sums = join(folder, 'OTHER');
      writeFileSync(sums, 'x\n');
      assert.notEqual(run('bash', script, 'sums', 'nobody@away.example', sums).status, 0);
      assert.equal(existsSync(`${sums}.asc`), false);
    });
  });

  it('asks for what is missing', () => {
    const { status, stderr } = spawnSync('bash', [script, 'exe', 'one'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /sign\.sh sums KEYNAME/);
  });
});
