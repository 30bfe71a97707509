/** A recorded machine in the place of a live one (`affiant-recording/1`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBytes, encodeText } from '../../collectors/text.ts';
import { jsonPointer } from '../../evidence/json-pointer.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { validated } from '../../evidence/validate.ts';
import type { RecordedQuery, Recording } from '../../schemas/generated/types.ts';
import * as validators from '../../schemas/generated/validators.js';
import { codeOf } from './errno.ts';
import type { Machine } from './machine.ts';
import { readRecordedFiles } from './recorded-files.ts';
import { replayMachine } from './recorded-machine.ts';
import { sectionsOf } from './recording-sections.ts';

const maxIndexBytes = 256 * 1024 * 1024;
const maxDepth = 64;

export type OpenedRecording = {
  readonly machine: Machine;
  readonly recording: Recording;
  /** JSON pointers to every entry of the recording that nobody has asked for yet. */
  readonly unread: () => string[];
};

/**
 * Opens the recording in a folder. Everything is read and checked before anything runs: host.json
 * against its schema, and every file that it refers to. A refusal names the file and the JSON pointer.
 */
export function openRecording(folder: string): Result<OpenedRecording> {
  const index = readIndex(folder);
  if (!index.ok) return index;
  const recording = index.value;
  const files = readRecordedFiles(folder, recording);
  if (!files.ok) return files;
  const parsed = parseQueries(recording.queries ?? {}, files.value);
  if (!parsed.ok) return parsed;
  const sections = sectionsOf(recording);
  const machine = replayMachine({ recording, sections, files: files.value, queries: parsed.value });
  return ok({ machine, recording, unread: () => sections.unread() });
}

function readIndex(folder: string): Result<Recording> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(join(folder, 'host.json'));
  } catch (error) {
    return refuse('recording-unreadable', `host.json of the recording cannot be read (${codeOf(error)})`, {
      remedy: 'name a folder that holds host.json in the format affiant-recording/1',
    });
  }
  const parsed = parseStrictJson(bytes, { maxBytes: maxIndexBytes, maxDepth });
  const valid = parsed.ok ? validated(validators.recording, parsed.value, 'recording') : parsed;
  if (valid.ok) return valid;
  return { ok: false, refusal: { ...valid.refusal, message: `host.json: ${valid.refusal.message}` } };
}

/** What the queries gave, by name. Their files come from PowerShell too, so a byte order mark is no error. */
function parseQueries(
  queries: Readonly<Record<string, RecordedQuery>>,
  files: ReadonlyMap<string, Uint8Array>,
): Result<ReadonlyMap<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const [name, query] of Object.entries(queries)) {
    if ('json' in query) values.set(name, query.json);
    if (query.jsonFile === undefined) continue;
    try {
      const text = decodeBytes(files.get(query.jsonFile) ?? encodeText(''));
      values.set(name, JSON.parse(text.replace(/^\uFEFF/, '')));
    } catch {
      const pointer = jsonPointer(['queries', name, 'jsonFile']);
      return refuse('recording-file-not-json', `the file ${query.jsonFile}, to which ${pointer} refers, is not JSON`, {
        pointer,
      });
    }
  }
  return ok(values);
}
