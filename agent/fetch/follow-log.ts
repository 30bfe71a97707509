/** The log as a folder of fetched packs saw it last, so that a reader too notices one that goes back or shows two faces. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBase64 } from '../../evidence/base64.ts';
import { type Checkpoint, type LogVerifier, openCheckpoint } from '../../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { askLog, standingOf } from '../post/log-contact.ts';
import type { Transport } from '../post/transport.ts';
import { writeInFolder } from './fetch-folder.ts';

/** The newest checkpoint that was seen, as it was signed. */
const kept = 'log.checkpoint';
/** The one that contradicts it: with both in hand, anybody can show it. */
const contradicting = 'log.checkpoint.contradicting';

/**
 * Asks for the newest checkpoint and proves that it continues the one that was seen before (RFC 9162 section 2.1.4);
 * then it is kept in its place. Refuses with `log-diverged`, `fetch-folder` (a kept file that is no checkpoint of this
 * log), and, where nothing could be proved now, as the endpoint's answer does.
 */
export async function followLog(folder: string, log: LogVerifier, transport: Transport): Promise<Result<Checkpoint>> {
  const before = keptCheckpoint(join(folder, kept), log);
  if (!before.ok) return before;
  const shown = await askLog(transport);
  if (!shown.ok) return shown;
  const { checkpoint: note } = shown.value;
  const now = openCheckpoint(note, log);
  if (!now.ok) return now;
  const last = before.value && { ...before.value, root: encodeBase64(before.value.root) };
  const standing = await standingOf(now.value, last, log, transport);
  if (standing.kind === 'unknown') return { ok: false, refusal: standing.refusal };
  if (standing.kind === 'diverged') {
    const written = writeInFolder(join(folder, contradicting), Buffer.from(note));
    if (!written.ok) return written;
    return refuse('log-diverged', standing.message, {
      remedy: `keep ${kept} and ${contradicting}, both are signed by the log; ask whether the endpoint was restored from a backup, and fetch into another folder`,
    });
  }
  // Of several processes one may answer with an older checkpoint that was proved to be a beginning of the kept one.
  if (before.value !== undefined && now.value.size <= before.value.size) return ok(before.value);
  const written = writeInFolder(join(folder, kept), Buffer.from(note));
  return written.ok ? now : written;
}

function keptCheckpoint(file: string, log: LogVerifier): Result<Checkpoint | undefined> {
  if (!existsSync(file)) return ok(undefined);
  const read = openCheckpoint(readFileSync(file, 'utf8'), log);
  return read.ok
    ? read
    : refuse('fetch-folder', `${file}: ${read.refusal.message}`, {
        remedy: 'put the file back as it was; without it nobody knows what this log showed before',
      });
}
