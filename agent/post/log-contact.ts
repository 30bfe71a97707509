/** The endpoint's log as the agent knows it: its key, its present checkpoint, and whether it stays true to itself. */
import { readFileSync } from 'node:fs';
import { decodeBase64 } from '../../evidence/base64.ts';
import { type Checkpoint, type LogVerifier, logVerifierFromKey, openCheckpoint } from '../../evidence/checkpoint.ts';
import { verifyConsistency } from '../../evidence/merkle.ts';
import { ok, type Refusal, type Result, refuse } from '../../evidence/result.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import type { CheckpointSeen } from '../../schemas/generated/types.ts';
import type { Outbox } from './outbox.ts';
import type { Transport } from './transport.ts';

export type Log = {
  readonly verifier: LogVerifier;
  /** The key was seen for the first time just now and is kept from here on. */
  readonly isNew: boolean;
};

/**
 * The log's key: from the file that the configuration names, else the one that was kept at the first
 * contact, else the one that the endpoint shows now. Refuses with `log-key-unreadable`,
 * `log-key-invalid`, `no-answer` and its like, `not-an-endpoint`.
 */
export async function findLog(
  outbox: Outbox,
  transport: Transport,
  logKeyFile: string | undefined,
): Promise<Result<Log>> {
  const kept = logKeyFile === undefined ? outbox.pinnedLogKey() : readLogKey(logKeyFile);
  if (!kept.ok) return kept;
  if (kept.value !== undefined) return known(kept.value);
  const shown = await askLog(transport);
  if (!shown.ok) return shown;
  const log = logVerifierFromKey(shown.value.verifierKey);
  if (!log.ok) return log;
  const checkpoint = openCheckpoint(shown.value.checkpoint, log.value);
  if (!checkpoint.ok) return checkpoint;
  const pinned = outbox.pinLogKey(shown.value.verifierKey);
  return pinned.ok ? ok({ verifier: log.value, isNew: true }) : pinned;
}

function known(verifierKey: string): Result<Log> {
  const verifier = logVerifierFromKey(verifierKey);
  return verifier.ok ? ok({ verifier: verifier.value, isNew: false }) : verifier;
}

function readLogKey(file: string): Result<string> {
  try {
    return ok(readFileSync(file, 'utf8').trim());
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('log-key-unreadable', `${file} cannot be read (${code})`, {
      remedy: 'correct endpoint.logKeyFile or make the file readable',
    });
  }
}

/** GET /v1/log; proves nothing by itself. */
export async function askLog(transport: Transport): Promise<Result<{ verifierKey: string; checkpoint: string }>> {
  const exchange = await transport.get('/v1/log');
  if ('noAnswer' in exchange) return { ok: false, refusal: exchange.noAnswer };
  const { status, body } = exchange.reply;
  const parsed = parseStrictJson(body, { maxBytes: 64 * 1024, maxDepth: 4 });
  const value = parsed.ok && typeof parsed.value === 'object' && parsed.value !== null ? parsed.value : {};
  if (status === 200 && 'verifierKey' in value && 'checkpoint' in value) {
    const { verifierKey, checkpoint } = value;
    if (typeof verifierKey === 'string' && typeof checkpoint === 'string') return ok({ verifierKey, checkpoint });
  }
  return refuse(
    'not-an-endpoint',
    `what answers at the endpoint's address is not an endpoint of affiant (status ${status})`,
    {
      remedy: 'check endpoint.url, and that no proxy or login page answers in its place',
    },
  );
}

/** Whether a receipt's checkpoint fits what was seen of the log before. */
export type Standing =
  | { readonly kind: 'consistent' }
  | { readonly kind: 'diverged'; readonly message: string }
  | { readonly kind: 'unknown'; readonly refusal: Refusal };

/**
 * The log that signed the receipt's checkpoint continues the one that was seen last: proved by a
 * consistency proof (RFC 9162 section 2.1.4), which the endpoint is asked for. A receipt for a smaller tree may be of a
 * bundle that was taken earlier; then that tree must be the beginning of the one seen last, and the log
 * itself must still hold that one. An endpoint that cannot prove it is asked again later; one that shows
 * a smaller log, another root, or a wrong proof has shown two histories.
 */
export async function standingOf(
  place: Pick<Checkpoint, 'size' | 'root'>,
  last: CheckpointSeen | undefined,
  log: LogVerifier,
  transport: Transport,
): Promise<Standing> {
  if (last === undefined) return { kind: 'consistent' };
  const seen = { size: last.size, root: Buffer.from(last.root, 'base64') };
  const [older, newer] = place.size < seen.size ? [place, seen] : [seen, place];
  const proved = await prove(older, newer, log, transport);
  if (proved.kind !== 'consistent' || newer === place) return proved;
  const present = await presentCheckpoint(log, transport);
  if (!present.ok) return { kind: 'unknown', refusal: present.refusal };
  return present.value.size < seen.size ? wentBack(present.value, seen) : prove(seen, present.value, log, transport);
}

type Tree = Pick<Checkpoint, 'size' | 'root'>;

async function prove(older: Tree, newer: Tree, log: LogVerifier, transport: Transport): Promise<Standing> {
  if (older.size === newer.size)
    return Buffer.compare(older.root, newer.root) === 0
      ? { kind: 'consistent' }
      : { kind: 'diverged', message: `the log shows two roots for its size ${newer.size}` };
  // Every log continues the empty one.
  if (older.size === 0) return { kind: 'consistent' };
  const proof = await askConsistency(older.size, newer.size, transport);
  if (!proof.ok) return unproved(newer, proof.refusal, log, transport);
  return verifyConsistency(older.size, newer.size, proof.value, older.root, newer.root)
    ? { kind: 'consistent' }
    : {
        kind: 'diverged',
        message: `the log of ${newer.size} entries does not continue the one of ${older.size} entries that it showed before`,
      };
}

/** No proof: because the log lost what it signed, or because it cannot answer now. */
async function unproved(newer: Tree, refusal: Refusal, log: LogVerifier, transport: Transport): Promise<Standing> {
  const present = await presentCheckpoint(log, transport);
  if (present.ok && present.value.size < newer.size) return wentBack(present.value, newer);
  return { kind: 'unknown', refusal };
}

function wentBack(now: Tree, seen: Tree): Standing {
  return { kind: 'diverged', message: `the log has ${now.size} entries, and had ${seen.size} before: it went back` };
}

async function presentCheckpoint(log: LogVerifier, transport: Transport): Promise<Result<Checkpoint>> {
  const shown = await askLog(transport);
  return shown.ok ? openCheckpoint(shown.value.checkpoint, log) : shown;
}

/** GET /v1/log/consistency; a proof proves nothing before it is verified. */
async function askConsistency(from: number, to: number, transport: Transport): Promise<Result<Uint8Array[]>> {
  const exchange = await transport.get(`/v1/log/consistency?from=${from}&to=${to}`);
  if ('noAnswer' in exchange) return { ok: false, refusal: exchange.noAnswer };
  const { status, body } = exchange.reply;
  const parsed = parseStrictJson(body, { maxBytes: 64 * 1024, maxDepth: 4 });
  const value = parsed.ok && typeof parsed.value === 'object' && parsed.value !== null ? parsed.value : {};
  const given = status === 200 && 'hashes' in value && Array.isArray(value.hashes) ? value.hashes : undefined;
  const hashes = given?.map((hash) => (typeof hash === 'string' ? decodeBase64(hash) : undefined));
  if (hashes !== undefined && hashes.length <= 128 && hashes.every((hash) => hash !== undefined)) return ok(hashes);
  return refuse(
    'log-unproved',
    `the endpoint does not prove that its log continues the one seen before (status ${status})`,
    {
      remedy:
        'the pack waits; where this lasts, ask the operator of the endpoint whether it was restored from a backup',
    },
  );
}
