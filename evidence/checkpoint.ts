/** Checkpoints of the log: C2SP tlog-checkpoint inside a C2SP signed note. https://c2sp.org/tlog-checkpoint */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { ok, type Result, refuse } from './result.ts';
import {
  isKeyName,
  type NoteSignature,
  noteKeyHash,
  parseNote,
  signatureLine,
  splitVerifierKey,
  verifierKeyLine,
} from './signed-note.ts';

/** The log's own key. */
export type LogSigner = {
  /** The log's name: a bare host name. */
  readonly origin: string;
  /** The public key as a signed-note verifier line: `origin+hash+base64`. */
  readonly verifierKey: string;
  /** A signed checkpoint over a tree of `size` leaves; `root` is 32 bytes. */
  signCheckpoint(size: number, root: Uint8Array): string;
  /** A bare Ed25519 signature, 64 bytes, over a text whose first line tells what it is and holds a space, so that it is no checkpoint (rejection.ts). */
  signText(text: string): Uint8Array;
};

/** What checks a log's checkpoints. */
export type LogVerifier = {
  readonly origin: string;
  readonly verifierKey: string;
  /** The four bytes that tell its signatures from those of other keys. */
  readonly keyHash: Uint8Array;
  /** Whether a bare Ed25519 signature, 64 bytes, is by the log and over this text. */
  isSigned(text: string, signature: Uint8Array): boolean;
};

export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Uint8Array };

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** A fresh Ed25519 private key as PKCS#8 PEM. Whoever calls keeps it secret. */
export function createLogKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The log's signer; refuses with `key-unreadable`, `log-origin-invalid`. No text quotes the key. */
export function logSignerFromPem(pem: string, origin: string): Result<LogSigner> {
  if (!isKeyName(origin))
    return refuse('log-origin-invalid', 'the origin of a log is a name without spaces and without +');
  const privateKey = ed25519PrivateKey(pem);
  if (privateKey === undefined)
    return refuse('key-unreadable', 'the text is not an Ed25519 private key in PEM (PKCS#8)');
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(spkiPrefix.length);
  return ok({
    origin,
    verifierKey: verifierKeyLine(origin, publicKey),
    signCheckpoint(size, root) {
      if (!Number.isSafeInteger(size) || size < 0 || root.length !== 32)
        throw new RangeError('not the size and root of a tree');
      const text = `${origin}\n${size}\n${encodeBase64(root)}\n`;
      const hash = noteKeyHash(origin, publicKey);
      return `${text}\n${signatureLine(origin, Buffer.concat([hash, sign(null, Buffer.from(text), privateKey)]))}`;
    },
    signText: (text) => sign(null, Buffer.from(text), privateKey),
  });
}

function ed25519PrivateKey(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The verifier from a line `origin+hash+base64`; refuses with `log-key-invalid`. */
export function logVerifierFromKey(verifierKey: string): Result<LogVerifier> {
  const parts = splitVerifierKey(verifierKey);
  if (parts === undefined)
    return refuse('log-key-invalid', 'the log key is not an Ed25519 verifier line: name+hash+base64');
  const { name, hash, publicKey } = parts;
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });
  return ok({
    origin: name,
    verifierKey,
    keyHash: hash,
    isSigned: (text, signature) => verify(null, Buffer.from(text), key, signature),
  });
}

/**
 * What a checkpoint says, once the log's signature is proved. As signed notes demand, signatures by
 * keys that nobody asked about are passed over, and extension lines are allowed. Refuses with
 * `note-invalid`, `checkpoint-unsigned`, `checkpoint-invalid`.
 */
export function openCheckpoint(note: string, verifier: LogVerifier): Result<Checkpoint> {
  const parsed = parseNote(note);
  if (parsed === undefined) return refuse('note-invalid', 'the checkpoint is not a signed note');
  const { text, signatures } = parsed;
  const ofTheLog = signatures.filter((line) => isNamed(line, verifier));
  if (ofTheLog.length === 0 || !ofTheLog.every(({ signature }) => verifier.isSigned(text, signature.subarray(4))))
    return refuse('checkpoint-unsigned', `the checkpoint carries no valid signature of the log ${verifier.origin}`);
  return readCheckpoint(text, verifier.origin);
}

function isNamed({ name, signature }: NoteSignature, { origin, keyHash }: LogVerifier): boolean {
  return name === origin && Buffer.compare(signature.subarray(0, keyHash.length), keyHash) === 0;
}

/** The three lines of a checkpoint whose signature is proved. */
function readCheckpoint(text: string, expected: string): Result<Checkpoint> {
  const [origin, size = '', rootText = '', ...extensions] = text.split('\n');
  const root = decodeBase64(rootText);
  const isSize = /^(?:0|[1-9][0-9]*)$/.test(size) && Number.isSafeInteger(Number(size));
  const isExtended = extensions.at(-1) !== '' || extensions.slice(0, -1).includes('');
  if (origin !== expected || !isSize || root?.length !== 32 || isExtended)
    return refuse('checkpoint-invalid', `the signed text is not a checkpoint of the log ${expected}`);
  // A copy of its own: Buffer cuts small ones out of 8 KiB, which would live as long as a root that somebody keeps.
  return ok({ origin, size: Number(size), root: new Uint8Array(root) });
}
