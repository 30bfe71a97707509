/** The keys of this server: made here once, never anywhere else, never made again in silence. */
import { randomBytes } from 'node:crypto';
import type { Result } from '../../evidence/result.ts';
import {
  createPrivateKeyPem,
  type Signer,
  signerFromPem,
  type VerificationKey,
  verificationKeyFromPem,
} from '../../evidence/signing-key.ts';
import { removeDurably, writeDurably } from './durable.ts';
import { fail, guarded } from './fault.ts';
import { checkSecretFile } from './folder-safety.ts';
import { isSealed, openSealed, sealNew } from './sealing.ts';
import { pathIn, type State } from './state.ts';

/** The signing key, and the key that blinds documents (32 bytes). */
export type Keys = { readonly signer: Signer; readonly blindKey: Uint8Array };

const blindKeyBytes = 32;

/**
 * The keys of the state folder; in a folder without history they are made. Refuses with `key-lost`
 * where evidence was signed before and a key is gone, `key-unreadable` for a damaged one and
 * `secret-exposed` for one that others can open. `public.pem` beside them is for those who send and
 * verify and have no business with the private key.
 */
export function loadOrCreateKeys(state: State): Result<Keys> {
  return guarded(state, () => {
    if (state.guest)
      fail(
        'key-not-ours',
        `the key in ${state.folder} belongs to another user, who alone signs with it`,
        'run as the owner of that folder, or choose a folder of your own: --state DIR',
      );
    const pem = text(secret(state, 'key.pem', () => Buffer.from(createPrivateKeyPem())));
    const signer = signerFromPem(pem, protectionOf(state, 'key.pem'));
    if (!signer.ok)
      fail(signer.refusal.code, `${pathIn(state, 'key.pem')}: ${signer.refusal.message}`, restore(state, 'key.pem'));
    const blindKey = secret(state, 'blind.key', () => randomBytes(blindKeyBytes));
    if (blindKey.length !== blindKeyBytes)
      fail(
        'key-unreadable',
        `${pathIn(state, 'blind.key')} is not ${blindKeyBytes} bytes long`,
        restore(state, 'blind.key'),
      );
    const publicPath = pathIn(state, 'public.pem');
    if (text(state.files.read(publicPath)) !== signer.value.publicKeyPem)
      writeDurably(state.files, publicPath, Buffer.from(signer.value.publicKeyPem));
    return { signer: signer.value, blindKey };
  });
}

/** The public key of this state folder, without touching the private one. Refuses with `key-lost` where there is none. */
export function loadPublicKey(state: State): Result<VerificationKey> {
  return guarded(state, () => publicKey(state));
}

/** The same inside the lock; throws a fault. */
export function publicKey(state: State): VerificationKey {
  const path = pathIn(state, 'public.pem');
  const bytes = state.files.read(path);
  if (bytes === undefined)
    fail(
      'key-lost',
      `there is no ${path}, without which the packs here cannot be checked`,
      'affiant key show makes it from the private key',
    );
  const key = verificationKeyFromPem(text(bytes));
  if (!key.ok)
    fail(key.refusal.code, `${path}: ${key.refusal.message}`, `remove ${path}; affiant key show makes it anew`);
  return key.value;
}

/**
 * Lets a state folder that has no key of its own know the one that signs for it: a sweep has one key and a chain for
 * each server. Refuses with `key-lost` where another key signed there before: the chain of a server is one key's.
 */
export function lendPublicKey(state: State, signer: Signer): Result<undefined> {
  return guarded(state, () => {
    const path = pathIn(state, 'public.pem');
    const there = text(state.files.read(path));
    if (there === signer.publicKeyPem) return undefined;
    if (there !== '' || hasHistory(state))
      fail(
        'key-lost',
        `${state.folder} belongs to another key than the one of this sweep`,
        'restore key.pem of the sweep from a backup, or begin anew in another folder (--state DIR)',
      );
    writeDurably(state.files, path, Buffer.from(signer.publicKeyPem));
    return undefined;
  });
}

/** Public keys by their ids. */
export type KnownKeys = (keyId: string) => VerificationKey | undefined;

const previousKeys = 'previous-keys.pem';

/** The present key of this state folder and those that it followed by rotation: what they signed is as good as before. Inside the lock; throws a fault. */
export function knownKeys(state: State): KnownKeys {
  const keys = [publicKey(state), ...previousOf(state)];
  return (keyId) => keys.find((key) => key.keyId === keyId);
}

function previousOf(state: State): VerificationKey[] {
  const pems = text(state.files.read(pathIn(state, previousKeys))).match(
    /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g,
  );
  return (pems ?? []).flatMap((pem) => {
    const key = verificationKeyFromPem(pem);
    return key.ok ? [key.value] : [];
  });
}

/** The same from outside the lock; refuses with `key-lost`. */
export function loadKnownKeys(state: State): Result<KnownKeys> {
  return guarded(state, () => knownKeys(state));
}

/** The key that is to follow: made once, and the same until it is adopted. Refuses as `loadOrCreateKeys` does. */
export function loadOrCreateNextKey(state: State): Result<Signer> {
  return guarded(state, () => {
    const path = pathIn(state, 'key-next.pem');
    const look = state.files.look(path);
    if (look === undefined)
      writeDurably(state.files, path, sealNew(state, 'key-next.pem', Buffer.from(createPrivateKeyPem())), 'refuse');
    else checkSecretFile(look, path, state.owner);
    const bytes = state.files.read(path) ?? fail('key-lost', `${path} vanished`);
    const signer = signerFromPem(text(openSealed(state, 'key-next.pem', bytes)), protectionOf(state, 'key-next.pem'));
    return signer.ok ? signer.value : fail(signer.refusal.code, `${path}: ${signer.refusal.message}`, `remove ${path}`);
  });
}

/**
 * The next key takes the place of the present one, whose public half stays known. Each step is durable before
 * the next, and a crash between any two leaves a folder whose key and packs are whole:
 *
 *     previous-keys.pem gets the old public key    key.pem gets the new key    public.pem its public half    unlink(key-next.pem)
 *
 * Not rename(key-next.pem, key.pem): a power cut may keep the removal of the one name and lose the change of the
 * other. After the second step `loadOrCreateKeys` makes up for the third, and the next rotation for the fourth.
 */
export function adoptNextKey(state: State, next: Signer): Result<undefined> {
  return guarded(state, () => {
    const old = publicKey(state);
    const known = text(state.files.read(pathIn(state, previousKeys)));
    const pem = old.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    if (old.keyId !== next.keyId && !known.includes(pem))
      writeDurably(state.files, pathIn(state, previousKeys), Buffer.from(known + pem));
    const from = pathIn(state, 'key-next.pem');
    const pemOfNext = state.files.read(from);
    if (old.keyId !== next.keyId && pemOfNext !== undefined)
      writeDurably(state.files, pathIn(state, 'key.pem'), pemOfNext);
    writeDurably(state.files, pathIn(state, 'public.pem'), Buffer.from(next.publicKeyPem));
    if (pemOfNext !== undefined) removeDurably(state.files, from);
    return undefined;
  });
}

function secret(state: State, name: string, make: () => Uint8Array): Uint8Array {
  const path = pathIn(state, name);
  const look = state.files.look(path);
  if (look !== undefined) {
    checkSecretFile(look, path, state.owner);
    const there = state.files.read(path) ?? fail('key-lost', `${path} vanished`, restore(state, name));
    return openSealed(state, name, there);
  }
  if (hasHistory(state))
    fail(
      'key-lost',
      `${path} is gone, but ${state.folder} holds evidence that was signed before`,
      restore(state, name),
    );
  const bytes = make();
  writeDurably(state.files, path, sealNew(state, name, bytes), 'refuse');
  return bytes;
}

/** By what lies there, not by what the machine could do. */
function protectionOf(state: State, name: string): Signer['protection'] {
  const bytes = state.files.read(pathIn(state, name));
  return bytes !== undefined && isSealed(bytes) ? 'dpapi' : 'file';
}

/** The head is written before the first pack, and only after the keys. */
function hasHistory(state: State): boolean {
  return (
    state.files.look(pathIn(state, 'chain.json')) !== undefined ||
    (['spool', 'packs'] as const).some((folder) =>
      state.files.list(pathIn(state, folder)).some((name) => name.endsWith('.pack.json')),
    )
  );
}

function restore(state: State, name: string): string {
  return `restore ${name} from a backup; or begin anew in another folder (--state DIR) and have its key trusted; ${state.folder} keeps what it has`;
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
}
