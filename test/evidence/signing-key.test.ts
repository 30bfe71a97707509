import assert from 'node:assert/strict';
import { createPublicKey, ECDH, generateKeyPairSync, hash, verify } from 'node:crypto';
import {
  createPrivateKeyPem,
  signerFromPem,
  throwAwaySigner,
  verificationKeyFromPem,
} from '../../evidence/signing-key.ts';
import { codeOf, valueOf } from './sample.ts';

function pemOf(curve: string): { privatePem: string; publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function publicPem(der: Uint8Array): string {
  return `-----BEGIN PUBLIC KEY-----\n${Buffer.from(der).toString('base64')}\n-----END PUBLIC KEY-----\n`;
}

describe('signing keys', () => {
  it('signs what the public key verifies, and both sides agree on the key id', () => {
    const signer = valueOf(signerFromPem(createPrivateKeyPem(), 'file'));
    const key = valueOf(verificationKeyFromPem(signer.publicKeyPem));
    assert.equal(key.keyId, signer.keyId);
    assert.equal(signer.protection, 'file');
    assert.ok(verify('sha256', Buffer.from('text'), key.publicKey, signer.sign(Buffer.from('text'))));
  });

  it("makes the key id from the SHA-256 of the public key's DER, so that openssl and sha256sum can", () => {
    const signer = throwAwaySigner();
    const der = createPublicKey(signer.publicKeyPem).export({ type: 'spki', format: 'der' });
    assert.equal(signer.keyId, hash('sha256', der));
    assert.equal(signer.protection, 'throw-away');
  });

  it('reads each of many keys as itself, the first again after all others', () => {
    const signers = Array.from({ length: 40 }, throwAwaySigner);
    for (const signer of [...signers, ...signers]) {
      const key = valueOf(verificationKeyFromPem(signer.publicKeyPem));
      assert.equal(key.keyId, signer.keyId);
      assert.ok(verify('sha256', Buffer.from('text'), key.publicKey, signer.sign(Buffer.from('text'))));
    }
  });

  it('never makes the same key twice', () => {
    assert.notEqual(throwAwaySigner().keyId, throwAwaySigner().keyId);
    assert.notEqual(createPrivateKeyPem(), createPrivateKeyPem());
  });

  it('refuses other curves and kinds of keys', () => {
    for (const curve of ['secp384r1', 'secp256k1']) {
      assert.equal(codeOf(signerFromPem(pemOf(curve).privatePem, 'file')), 'key-not-p256');
      assert.equal(codeOf(verificationKeyFromPem(pemOf(curve).publicPem)), 'key-not-p256');
    }
    const ed25519 = generateKeyPairSync('ed25519');
    assert.equal(
      codeOf(signerFromPem(ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'file')),
      'key-not-p256',
    );
    assert.equal(
      codeOf(verificationKeyFromPem(ed25519.publicKey.export({ type: 'spki', format: 'pem' }).toString())),
      'key-not-p256',
    );
  });

  it('refuses a key with a compressed point, which would have a second id', () => {
    const der = createPublicKey(throwAwaySigner().publicKeyPem).export({ type: 'spki', format: 'der' });
    const compressed = ECDH.convertKey(der.subarray(26), 'prime256v1', undefined, undefined, 'compressed');
    assert.ok(compressed instanceof Uint8Array);
    const spki = Buffer.concat([
      Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
      compressed,
    ]);
    assert.equal(codeOf(verificationKeyFromPem(publicPem(spki))), 'key-not-p256');
  });

  it('refuses a private key where a public one belongs, without quoting it', () => {
    const pem = createPrivateKeyPem();
    const result = verificationKeyFromPem(pem);
    assert.equal(codeOf(result), 'key-is-private');
    assert.ok(!JSON.stringify(result).includes(pem.split('\n')[1] ?? 'x'));
  });

  it('refuses a damaged private key without quoting it', () => {
    const pem = createPrivateKeyPem();
    const line = pem.split('\n')[1] ?? '';
    for (const damaged of [pem.replace(line, line.slice(4)), 'hunter2', '', throwAwaySigner().publicKeyPem]) {
      const result = signerFromPem(damaged, 'file');
      assert.equal(codeOf(result), 'key-unreadable');
      assert.ok(!JSON.stringify(result).includes(line.slice(8)) && !JSON.stringify(result).includes('hunter2'));
    }
  });

  it('refuses what is no public key at all', () => {
    for (const pem of ['', 'hunter2', publicPem(Buffer.of(1, 2, 3))])
      assert.equal(codeOf(verificationKeyFromPem(pem)), 'key-unreadable');
  });

  it('refuses a private key behind a passphrase instead of asking for it', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString();
    assert.equal(codeOf(signerFromPem(pem, 'file')), 'key-unreadable');
  });
});
