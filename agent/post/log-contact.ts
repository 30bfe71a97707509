/** The endpoint's log as the agent knows it: its key, its present checkpoint, and whether it stays true to itself. */
import { readFileSync } from 'node:fs';
import { type Checkpoint, type LogVerifier, logVerifierFromKey, openCheckpoint } from '../../evidence/checkpoint.ts';
import type { LogPlace } from '../../evidence/receipt.ts';
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
async function askLog(transport: Transport): Promise<Result<{ verifierKey: string; checkpoint: string }>> {
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
 * Two trees of one size have one root, and a log never shrinks. A receipt for a smaller tree than one
 * seen before may be of a bundle that was taken earlier; then the log itself must still have grown.
 * That the larger tree continues the smaller one is not proved here: consistency proofs come with the
 * endpoint's published tiles.
 */
export async function standingOf(
  place: LogPlace,
  last: CheckpointSeen | undefined,
  log: LogVerifier,
  transport: Transport,
): Promise<Standing> {
  const compared = compare(place, last);
  if (last === undefined || compared !== 'smaller') return said(compared, place, last);
  const shown = await askLog(transport);
  if (!shown.ok) return { kind: 'unknown', refusal: shown.refusal };
  const present = openCheckpoint(shown.value.checkpoint, log);
  if (!present.ok) return { kind: 'unknown', refusal: present.refusal };
  return said(compare(present.value, last), present.value, last);
}

function compare(
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
  last: CheckpointSeen | undefined,
): 'fits' | 'smaller' | 'other-root' {
  if (last === undefined || size > last.size) return 'fits';
  if (size < last.size) return 'smaller';
  return Buffer.from(root).toString('base64') === last.root ? 'fits' : 'other-root';
}

function said(
  compared: ReturnType<typeof compare>,
  now: Pick<Checkpoint, 'size'>,
  last: CheckpointSeen | undefined,
): Standing {
  if (compared === 'fits') return { kind: 'consistent' };
  const message =
    compared === 'smaller'
      ? `the log has ${now.size} entries, and had ${last?.size ?? 0} before: it went back`
      : `the log shows two roots for its size ${now.size}`;
  return { kind: 'diverged', message };
}
