/** The folder of a recording while it is written: 0700, every file 0600. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBytes, isUtf8, toBase64 } from '../../collectors/text.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Recording } from '../../schemas/generated/types.ts';
import { codeOf } from './errno.ts';

/** Longer contents get a file of their own, so that host.json stays a text for people. */
const maxInlineBytes = 4096;

export type Content = { readonly text: string } | { readonly base64: string } | { readonly file: string };

export type RecordingWriter = {
  /** Keeps a content; what is long is written to a file named after `name`. */
  keep(name: string, bytes: Uint8Array): Content;
  /** Writes host.json; refuses with `recording-not-written` where that or any content failed before. */
  finish(recording: Recording): Result<undefined>;
};

/** Makes the folder, or takes an empty one. */
export function openRecordingWriter(folder: string): Result<RecordingWriter> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (readdirSync(folder).length > 0)
      return refuse('folder-not-empty', 'the folder for the recording is not empty', { remedy: 'name a new folder' });
    chmodSync(folder, 0o700);
  } catch (error) {
    return notWritten(error);
  }
  let written = 0;
  let failed: unknown;
  const write = (file: string, data: Uint8Array | string): void => {
    try {
      writeFileSync(join(folder, file), data, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      failed ??= error;
    }
  };
  return ok({
    keep(name, bytes) {
      const text = decodeBytes(bytes);
      if (bytes.length <= maxInlineBytes) return isUtf8(text) ? { text } : { base64: toBase64(bytes) };
      written += 1;
      const file = `${String(written).padStart(4, '0')}-${name.replace(/[^A-Za-z0-9.-]+/g, '_').slice(-60)}`;
      write(file, bytes);
      return { file };
    },
    finish(recording) {
      write('host.json', `${JSON.stringify(recording, undefined, 1)}\n`);
      return failed === undefined ? ok(undefined) : notWritten(failed);
    },
  });
}

function notWritten(error: unknown): Result<never> {
  return refuse('recording-not-written', `the recording could not be written (${codeOf(error)})`, {
    remedy: 'see to free space and write permission, and record into a new folder',
  });
}
