/**
 * Secrets of the state folder encrypted at rest, where the machine can keep a key for that: whoever has the disk or a
 * backup of it has no key. Which processes of the machine may read them is for the folder's access rules to say.
 *
 *     sealing.key    base64 of what the machine turns back into a key of 32 bytes
 *     key.pem        `affiant-sealed/1 ` and base64 of: nonce (12 bytes), tag (16), AES-256-GCM of the file
 *
 * The name of the file is authenticated with it: no sealed file can stand in for another.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { writeDurably } from './durable.ts';
import { fail } from './fault.ts';
import { checkSecretFile } from './folder-safety.ts';
import { pathIn, type State } from './state.ts';

/** How a machine keeps a key that it alone can open. */
export type Sealing = {
  /** As statements name it. */
  readonly protection: 'dpapi';
  /** A new key, and what becomes it again; undefined where the machine cannot. */
  make(): { readonly key: Uint8Array; readonly sealed: Uint8Array } | undefined;
  /** Undefined where it cannot, which is so on every other machine. */
  open(sealed: Uint8Array): Uint8Array | undefined;
};

const magic = 'affiant-sealed/1 ';
const file = 'sealing.key';
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16];

export function isSealed(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, magic.length)).toString('latin1') === magic;
}

/** Names are those of before and after a rotation: `key-next.pem` becomes `key.pem` as it is. */
function context(name: string): Buffer {
  return Buffer.from(name === 'key-next.pem' ? 'key.pem' : name);
}

/** What lies in a file of the folder, opened where it is sealed. Faults: `key-unreadable`, `key-lost`. */
export function openSealed(state: State, name: string, bytes: Uint8Array): Uint8Array {
  if (!isSealed(bytes)) return bytes;
  const path = pathIn(state, name);
  const body = Buffer.from(Buffer.from(bytes).toString('latin1').slice(magic.length), 'base64');
  const key = sealingKey(state);
  try {
    // What was cut short has no whole nonce or tag, which is refused here already.
    const cipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, nonceBytes), { authTagLength: tagBytes });
    cipher.setAAD(context(name)).setAuthTag(body.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([cipher.update(body.subarray(nonceBytes + tagBytes)), cipher.final()]);
  } catch {
    fail('key-unreadable', `${path} is not what was sealed under ${file}`, remedy(state));
  }
}

/** The bytes as they may lie on the disk: sealed where this machine can, and as they are where not. */
export function sealNew(state: State, name: string, bytes: Uint8Array): Uint8Array {
  const key = sealingKeyOrNone(state);
  if (key === undefined) return bytes;
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(context(name));
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.from(magic + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64'));
}

/** Once a folder has a key for it, nothing is written unsealed: a machine that fails to open it is a fault, not a reason. */
function sealingKeyOrNone(state: State): Uint8Array | undefined {
  if (state.files.look(pathIn(state, file)) !== undefined) return sealingKey(state);
  const made = state.sealing?.make();
  if (made === undefined || made.key.length !== keyBytes) return undefined;
  writeDurably(state.files, pathIn(state, file), Buffer.from(Buffer.from(made.sealed).toString('base64')), 'refuse');
  opened.set(state, made.key);
  return made.key;
}

/** Opened once for an open state folder: asking costs a process. */
const opened = new WeakMap<State, Uint8Array>();

function sealingKey(state: State): Uint8Array {
  const known = opened.get(state);
  if (known !== undefined) return known;
  const path = pathIn(state, file);
  const look = state.files.look(path);
  if (look === undefined) fail('key-lost', `${path} is gone, under which the keys here are sealed`, remedy(state));
  checkSecretFile(look, path, state.owner);
  const sealed = Buffer.from(Buffer.from(state.files.read(path) ?? []).toString('latin1'), 'base64');
  const key = state.sealing?.open(sealed);
  if (key?.length !== keyBytes)
    fail(
      'key-unreadable',
      `this machine does not open ${path}: DPAPI sealed it on another, or may not be asked`,
      remedy(state),
    );
  opened.set(state, key);
  return key;
}

function remedy({ folder }: State): string {
  return `run where ${folder} was made, with a PowerShell that may call .NET; or begin anew in another folder (--state DIR) and have its key trusted`;
}
