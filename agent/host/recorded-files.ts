/** The files that a recording refers to: all are looked at and read before anything runs. */
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { jsonPointer } from '../../evidence/json-pointer.ts';
import { ok, type Refusal, type Result } from '../../evidence/result.ts';
import { codeOf } from './errno.ts';
import { printable } from './locator.ts';

/** Of all files of one recording together. */
const maxTotalBytes = 512 * 1024 * 1024;
const referring: ReadonlySet<string> = new Set(['file', 'stdoutFile', 'jsonFile']);

/**
 * Reads every file that the sections of a recording refer to. Refuses with `recording-file-missing`,
 * `recording-file-outside` (absolute, `..`, or a link that leads out of the folder),
 * `recording-file-unreadable` or `recording-too-large`, naming the file and the pointer into host.json.
 */
export function readRecordedFiles(folder: string, recording: object): Result<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const root = realpathSync(folder);
  let total = 0;
  for (const { name, pointer } of references(recording)) {
    if (files.has(name)) continue;
    const bytes = readInside(root, name, pointer);
    if (!bytes.ok) return bytes;
    total += bytes.value.length;
    if (total > maxTotalBytes) return refused('recording-too-large', name, pointer, 'makes the recording too large');
    files.set(name, bytes.value);
  }
  return ok(files);
}

function readInside(root: string, name: string, pointer: string): Result<Uint8Array> {
  const parts = name.split(/[/\\]/);
  if (isAbsolute(name) || name === '' || name.includes('\0') || /^[A-Za-z]:/.test(name) || parts.includes('..'))
    return refused('recording-file-outside', name, pointer, 'does not lie in the folder of the recording');
  const path = join(root, ...parts);
  try {
    lstatSync(path);
    const real = realpathSync(path);
    if (!real.startsWith(root + sep))
      return refused(
        'recording-file-outside',
        name,
        pointer,
        'is a link that leads out of the folder of the recording',
      );
    if (!statSync(real).isFile()) return refused('recording-file-unreadable', name, pointer, 'is not a regular file');
    if (statSync(real).size > maxTotalBytes) return refused('recording-too-large', name, pointer, 'is too large');
    return ok(readFileSync(real));
  } catch (error) {
    const code = codeOf(error);
    return code === 'enoent' || code === 'enotdir'
      ? refused('recording-file-missing', name, pointer, 'is not in the folder of the recording')
      : refused('recording-file-unreadable', name, pointer, `cannot be read (${code})`);
  }
}

function refused(code: string, name: string, pointer: string, what: string): { ok: false; refusal: Refusal } {
  return {
    ok: false,
    refusal: { code, message: `the file ${printable(name)}, to which ${pointer} refers, ${what}`, pointer },
  };
}

/** Where files and commands stand in a recording, so that a path such as `file` is not taken for a reference. */
function* references(recording: object): Generator<{ name: string; pointer: string }> {
  for (const [section, entries] of Object.entries(recording)) {
    if (!['files', 'commands', 'queries'].includes(section) || !isObject(entries)) continue;
    for (const [key, entry] of Object.entries(entries)) {
      yield* referencesOf(entry, [section, key]);
      const sequence: unknown = isObject(entry) && 'sequence' in entry ? entry.sequence : [];
      if (!Array.isArray(sequence)) continue;
      for (const [index, answer] of sequence.entries()) yield* referencesOf(answer, [section, key, 'sequence', index]);
    }
  }
}

function* referencesOf(
  entry: unknown,
  path: readonly (string | number)[],
): Generator<{ name: string; pointer: string }> {
  if (!isObject(entry)) return;
  for (const [member, name] of Object.entries(entry))
    if (referring.has(member) && typeof name === 'string') yield { name, pointer: jsonPointer([...path, member]) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
