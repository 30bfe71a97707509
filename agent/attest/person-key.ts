/** The key of a person who attests: a file of their own, with a passphrase where they want one. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { createPrivateKeyPem, type Signer, signerFromPem } from '../../evidence/signing-key.ts';
import { readSecretFile } from '../directory/secret-file.ts';

export type Author = { readonly name: string; readonly role: 'reviewer' | 'owner' | 'officer' };

/** PKCS#8 with PBES2 (RFC 8018), as openssl reads and writes it. */
const cipher = 'aes-256-cbc';

/** Makes the key (0600), its public half `FILE.pub` and who signs with it `FILE.author`. Never over a file that is there. */
export function createPersonKey(file: string, author: Author, passphraseFile: string | undefined): Result<Signer> {
  const passphrase = passphraseFile === undefined ? ok(undefined) : readSecretFile(passphraseFile, '--passphrase-file');
  if (!passphrase.ok) return passphrase;
  const plain = createPrivateKeyPem();
  const signer = signerFromPem(plain, 'file');
  if (!signer.ok) return signer;
  const pem =
    passphrase.value === undefined
      ? plain
      : createPrivateKey(plain)
          .export({ type: 'pkcs8', format: 'pem', cipher, passphrase: passphrase.value })
          .toString();
  if (existsSync(file)) return refuse('out-unwritable', `${file} is there already`, { remedy: 'name a new file' });
  try {
    writeFileSync(`${file}.pub`, signer.value.publicKeyPem, { flag: 'wx', mode: 0o644 });
    writeFileSync(`${file}.author`, `${JSON.stringify(author)}\n`, { flag: 'wx', mode: 0o644 });
    writeFileSync(file, pem, { flag: 'wx', mode: 0o600 });
    return signer;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('out-unwritable', `${file} cannot be written (${code})`, {
      remedy: 'name a new file in a folder that you may write',
    });
  }
}

/** Refuses as `readSecretFile` and `signerFromPem` do, and with `passphrase-missing`, `passphrase-wrong`; no text quotes key or passphrase. */
export function openPersonKey(file: string, passphraseFile: string | undefined): Result<Signer> {
  const pem = readSecretFile(file, '--key');
  if (!pem.ok) return pem;
  const isEncrypted = pem.value.includes('ENCRYPTED PRIVATE KEY');
  if (isEncrypted && passphraseFile === undefined)
    return refuse('passphrase-missing', `${file} is protected by a passphrase`, {
      remedy: 'give --passphrase-file FILE',
    });
  if (!isEncrypted || passphraseFile === undefined) return named(file, signerFromPem(pem.value, 'file'));
  const passphrase = readSecretFile(passphraseFile, '--passphrase-file');
  if (!passphrase.ok) return passphrase;
  try {
    const key = createPrivateKey({ key: pem.value, format: 'pem', passphrase: passphrase.value });
    return named(file, signerFromPem(key.export({ type: 'pkcs8', format: 'pem' }).toString(), 'file'));
  } catch {
    return refuse('passphrase-wrong', `${file} does not open with the passphrase in ${passphraseFile}`, {
      remedy: 'give the right passphrase',
    });
  }
}

function named(file: string, signer: Result<Signer>): Result<Signer> {
  return signer.ok ? signer : refuse(signer.refusal.code, `${file}: ${signer.refusal.message}`);
}

/** Who signs with a key, as `FILE.author` says; undefined where there is none that can be read. */
export function authorOf(file: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(`${file}.author`, 'utf8'));
    return value;
  } catch {
    return undefined;
  }
}
