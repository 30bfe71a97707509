/**
 * The C2SP signed note with Ed25519 keys (type 0x01): text, an empty line, lines of signatures.
 * https://c2sp.org/signed-note
 */
import { decodeBase64, encodeBase64 } from './base64.ts';
import { sha256 } from './digest.ts';

/** One line: a key's name, and its signature with the four bytes of the key's hash in front. */
export type NoteSignature = { readonly name: string; readonly signature: Uint8Array };

export type Note = {
  /** What is signed: ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
};

const ed25519 = 0x01;

/** A key name: not empty, no white space, no plus. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= 255 && name.isWellFormed() && !/[\s+\p{Cc}]/u.test(name);
}

/** The four bytes that tell a signature's key: SHA-256(name ‖ newline ‖ type ‖ key), cut. */
export function noteKeyHash(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ed25519), publicKey])).subarray(0, 4);
}

/** The line that people exchange: name, key hash, type and key. */
export function verifierKeyLine(name: string, publicKey: Uint8Array): string {
  const hash = Buffer.from(noteKeyHash(name, publicKey)).toString('hex');
  return `${name}+${hash}+${encodeBase64(Buffer.concat([Buffer.of(ed25519), publicKey]))}`;
}

/** Takes a verifier line apart; undefined where it is not one of an Ed25519 key whose hash fits. */
export function splitVerifierKey(
  line: string,
): { readonly name: string; readonly hash: Uint8Array; readonly publicKey: Uint8Array } | undefined {
  const [, name = '', hash = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(line) ?? [];
  const key = decodeBase64(encoded);
  if (!isKeyName(name) || key?.length !== 33 || key[0] !== ed25519) return undefined;
  const publicKey = key.subarray(1);
  const expected = noteKeyHash(name, publicKey);
  return Buffer.from(expected).toString('hex') === hash ? { name, hash: expected, publicKey } : undefined;
}

/** A signature line, with its newline. */
export function signatureLine(name: string, signature: Uint8Array): string {
  return `\u2014 ${name} ${encodeBase64(signature)}\n`;
}

/** Takes a note apart; undefined where it is none. Proves nothing. */
export function parseNote(note: string): Note | undefined {
  // Control characters other than the newline are forbidden everywhere.
  if (!note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined;
  const at = note.lastIndexOf('\n\n');
  if (at < 0 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(at + 2, -1).split('\n');
  const signatures = lines.map((line) => {
    const [, name = '', encoded = ''] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
    return { name, signature: decodeBase64(encoded) ?? new Uint8Array() };
  });
  const isWrong = signatures.some(({ name, signature }) => !isKeyName(name) || signature.length < 5);
  return isWrong || signatures.length > 100 ? undefined : { text: note.slice(0, at + 1), signatures };
}
