/** The registrar's key in the endpoint's folder, and the next one beside it while it is introduced. */
import { type Result, refuse } from '../../evidence/result.ts';
import { createPrivateKeyPem, type Signer, signerFromPem } from '../../evidence/signing-key.ts';
import { loadOrCreatePem, replacePem } from '../key-file.ts';

const [name, nextName] = ['registrar-key.pem', 'registrar-key.next.pem'];

/** The registrar's key; made where `mayMake`, since the store has no records yet. */
export function loadRegistrarKey(folder: string, mayMake: boolean): Result<Signer> {
  return load(folder, name, mayMake);
}

/** The key that is to be the registrar's next: made, or the one that a hand-over which did not end left there. */
export function loadNextRegistrarKey(folder: string): Result<Signer> {
  return load(folder, nextName, true);
}

/**
 * The key of that id, which records say is the registrar's. Where it is the next one, it takes the place of the old one:
 * whoever introduced it ended before they came to that. Refuses as `loadRegistrarKey` does, and with `registrar-key-other`.
 */
export function registrarKeyOf(folder: string, keyId: string): Result<Signer> {
  const present = load(folder, name, false);
  if (present.ok && present.value.keyId === keyId) return present;
  const next = load(folder, nextName, false);
  if (next.ok && next.value.keyId === keyId) {
    const placed = placeNextRegistrarKey(folder);
    return placed.ok ? next : placed;
  }
  return present.ok
    ? refuse('registrar-key-other', 'the records of this store are signed by another registrar key', {
        remedy: `put the ${name} of this store back, share it between the processes of one endpoint, or, where it is lost: affiant key rotate-registrar`,
      })
    : present;
}

/** The next key takes the place of the old one, of which nothing stays. */
export function placeNextRegistrarKey(folder: string): Result<undefined> {
  return replacePem(folder, nextName, name, 'registrar-key');
}

function load(folder: string, file: string, mayMake: boolean): Result<Signer> {
  const loaded = loadOrCreatePem(folder, file, 'registrar-key', () => (mayMake ? createPrivateKeyPem() : undefined));
  if (!loaded.ok) return loaded;
  const signer = signerFromPem(loaded.value.pem, 'file');
  return signer.ok ? signer : refuse(signer.refusal.code, `${loaded.value.file}: ${signer.refusal.message}`);
}
