/** The line for Authenticode in packaging/sign.sh, with a certificate that is thrown away. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkExecutable } from '../../../packaging/build/check-executable.ts';
import { findTool } from '../../../packaging/build/run-tool.ts';
import { targets } from '../../../packaging/build/targets.ts';
import { theExecutable } from './built.ts';

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

  it('asks for what is missing', () => {
    const { status, stderr } = spawnSync('bash', [script, 'exe', 'one'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /sign\.sh sums KEYNAME/);
  });
});
