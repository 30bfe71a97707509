import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { findSecret, isSecretPath, redactSecrets, secretIn } from '../../../agent/host/secrets.ts';

/** Hashes of the password "password" and like samples, by crypt(5) and the tools that wrote them. */
const secrets: readonly (readonly [kind: string, text: string])[] = [
  ['password-hash', 'root:$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/:19000:0:99999:7:::'],
  ['password-hash', `$5$rounds=5000$saltsalt$${'a'.repeat(43)}`],
  ['password-hash', `root:!$6$saltsaltsaltsalt$${'Ab./9'.repeat(17)}x:1::::::`],
  ['password-hash', '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW'],
  ['password-hash', `$y$j9T$F5Jx5fExrKuPp53xLKQ..1$${'x'.repeat(43)}`],
  ['password-hash', `$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$${'x'.repeat(43)}`],
  ['password-hash', `$7$CU..../....${'s'.repeat(22)}$${'h'.repeat(43)}`],
  ['password-hash', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b7dWRWJTmaaJObG'],
  ['password-hash', 'userPassword: {SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr'],
  ['private-key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n'],
  ['private-key', '-----BEGIN PRIVATE KEY-----\ncut off'],
  ['site-key', 'Site-Key: 9f1e2d3c4b5a69788796a5b4c3d2e1f0'],
  ['site-key', '"site_key": "g8a7b6c5d4e3f2a1"'],
  ['token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
  ['token', 'Authorization: Bearer 2YotnFZFEjr1zCsicMWpAA4deadbeef'],
  ['token', `ghp_${'a1'.repeat(18)}`],
  ['one-time-password-seed', 'JBSWY3DPEHPK3PXPJBSWY3DPEH\n" RATE_LIMIT 3 30\n" TOTP_AUTH\n12345678\n'],
  ['one-time-password-seed', 'otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example'],
  ['one-time-password-seed', 'HOTP/T30/6 alice - 3132333435363738393031323334353637383930'],
  ['password-in-url', 'deb https://bob:hunter2@mirror.example/debian bookworm main'],
  ['password', 'machine mirror.example login bob password hunter2'],
];

const innocent: readonly string[] = [
  createHash('sha256').update('x').digest('hex'),
  createHash('sha256').update('x').digest('base64'),
  'SHA256:uNiVztksCsDhcc0u9e8BrMXaodtlLcsGqTGyOQTIDx4',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl user@host',
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  'pkg:deb/debian/openssl@3.0.17-1~deb12u2?arch=amd64&distro=bookworm',
  '1:2.39-0+deb12u1',
  'echo "$1$2" && awk \'{print $6$7}\'',
  '${binary:Package}\t${Version}',
  'root:*:19000:0:99999:7:::',
  'alice:$y$redacted:19000::::::',
  'https://deb.debian.org:443/debian@main',
  'git@github.com:owner/name.git',
  'mailto:root@example.org',
  'Site key management is described below',
  'the bearer of-this-authentication-letter',
  'Acquire::http::Proxy "http://proxy.example:3128/";',
  '{"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}',
  'passwd: files systemd',
  'Defaults passwd_tries=3',
];

describe('the detector of secrets', () => {
  it('knows each secret that has a form, wherever it stands in a document', () => {
    for (const [kind, text] of secrets) {
      assert.equal(secretIn(text), kind, text);
      const document = { a: [{ 'b/c~d': `before\n${text}` }] };
      const found = findSecret(document);
      assert.deepEqual(found, { pointer: '/a/0/b~1c~0d', kind }, text);
    }
  });

  it('knows them in text given as bytes and in names of members, and never quotes them', () => {
    const [, hash = ''] = secrets[3] ?? [];
    assert.deepEqual(findSecret({ x: { bytes: Buffer.from(`\xff ${hash}`, 'latin1').toString('base64') } }), {
      pointer: '/x/bytes',
      kind: 'password-hash',
    });
    assert.deepEqual(findSecret({ map: { [hash]: 1 } }), { pointer: '/map', kind: 'password-hash' });
    assert.deepEqual(findSecret({ options: { clientSecret: 'plain words' } }), {
      pointer: '/options/clientSecret',
      kind: 'password',
    });
  });

  it('takes no digest, fingerprint, public key, version or address for a secret', () => {
    for (const text of innocent) assert.equal(secretIn(text), undefined, text);
    assert.equal(findSecret({ passwd: ['files'], passwordStates: [], publicKey: 'AAAA', list: innocent }), undefined);
  });

  it('masks what it knows, so that nothing is left to find, and leaves the rest untouched', () => {
    for (const [, text] of secrets) {
      const masked = redactSecrets(`first line\n${text}\n`);
      assert.equal(secretIn(masked), undefined, masked);
      assert.ok(masked.startsWith('first line\n') && masked.includes('[redacted]'), masked);
    }
    for (const text of innocent) assert.equal(redactSecrets(text), text);
    assert.equal(redactSecrets('deb https://bob:hunter2@m.example/ x'), 'deb https://bob:[redacted]@m.example/ x');
  });

  it('stays quick on long hostile text', () => {
    for (const part of [
      '$1$',
      '$6$a',
      '://:',
      '-----BEGIN PRIVATE KEY-----',
      'machine x login ',
      'site-key ',
      'Bearer ',
    ])
      secretIn(part.repeat(300_000 / part.length));
  });

  it('knows the files that hold secrets', () => {
    for (const path of [
      '/etc/shadow',
      '/etc/gshadow-',
      '/etc/ssh/ssh_host_ed25519_key',
      '/home/a/.ssh/id_rsa',
      '/proc/1/environ',
    ])
      assert.ok(isSecretPath(path), path);
    for (const path of [
      '/etc/passwd',
      '/etc/ssh/ssh_host_ed25519_key.pub',
      '/home/a/.ssh/id_rsa.pub',
      '/etc/ssh/sshd_config',
    ])
      assert.ok(!isSecretPath(path), path);
  });
});
