import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type LogVerifier, logVerifierFromKey } from '../../../evidence/checkpoint.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import { verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { type VerifiedPack, verifyPack } from '../../../evidence/verify-pack.ts';
import { postPending } from '../../post/post.ts';
import { isDone, type PostReport } from '../../post/report.ts';
import { spoolOutbox } from '../../post/spool-outbox.ts';
import { type Change, changesBetween } from '../../run/changes.ts';
import { type Bundled, bundleHere } from '../../run/make-bundle.ts';
import type { PackFile } from '../../spool/pack-file.ts';
import { newestPack } from '../../spool/release.ts';
import type { State } from '../../spool/state.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readInput } from '../packs.ts';
import { type Progress, progressOn } from '../progress.ts';
import { forJson } from '../render/escape.ts';
import { startLines } from '../render/start-report.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { localMachine, openSession, openSessionState, type Session, stateOptions, stop } from '../session.ts';
import { runEndpoint } from '../wire-endpoint.ts';
import { postedJson } from './post.ts';

/** What the report needs of a whole round. */
export type Round = {
  readonly bundled: Bundled;
  readonly posted: PostReport;
  /** The address, and whether it is the one that this command started itself. */
  readonly endpoint: { readonly url: string; readonly own: boolean };
  readonly verified: Result<VerifiedPack>;
  /** Where the pack lies now. */
  readonly pack: string;
  readonly stateFolder: string;
  readonly since?: { readonly at: string; readonly changes: readonly Change[] };
};

/**
 * The whole way on this machine: collect, sign, spool, post, receipt, verification offline, report.
 * Without an endpoint in the configuration it runs one on loopback for as long as it takes.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { format: 'text', ...stateOptions },
    { min: 0, max: 0 },
    'start [--format table|json]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const format = readFormat(read.value.options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(read.value.options, io);
  if (!session.ok) return stop(io, session.refusal);
  const progress = progressOn(io);
  const round = await goRound(session.value, progress);
  progress.clear();
  if (!round.ok) return stop(io, round.refusal);
  const { posted, verified } = round.value;
  if (format.value === 'json') io.out(`${forJson(jsonOf(round.value))}\n`);
  else io.out(`${startLines(round.value, widthOf(io.stdout), styleFor(io.stdout, io.environment)).join('\n')}\n`);
  // As `post` does: a bundle that was refused for good is no success, however well the rest went.
  if (!verified.ok || posted.packs.some(({ fate }) => fate === 'quarantined')) return exitCodes.failed;
  return isDone(posted) ? exitCodes.done : exitCodes.spooled;
}

/** The evidence as the pack has it, what became of it on its way, and what anyone finds who checks it. */
function jsonOf({ bundled, posted, endpoint, verified, pack, stateFolder, since }: Round): object {
  const { statement, digest, signer, collected } = bundled;
  const { target, run: ran, collectors } = statement.predicate;
  return {
    stateFolder,
    target,
    run: ran,
    collectors,
    bundle: digest,
    pack,
    key: { id: signer.keyId, publicKey: signer.publicKeyPem },
    endpoint,
    posted: postedJson(posted),
    verified: verified.ok ? { ok: true } : { ok: false, refusal: verified.refusal },
    ...(since !== undefined && { since }),
    documents: Object.fromEntries([...collected.documents].toSorted(([left], [right]) => (left < right ? -1 : 1))),
  };
}

async function goRound(session: Session, progress: Progress): Promise<Result<Round>> {
  const machine = await localMachine();
  if (!machine.ok) return machine;
  const state = openSessionState(session, true);
  if (!state.ok) return state;
  const before = newestPack(state.value);
  const { settings } = session.loaded;
  const watch = { began: progress.began, ended: ({ name }: { name: string }) => progress.ended(name) };
  const bundled = await bundleHere(state.value, { machine: machine.value, settings, only: undefined, watch }, 'ad-hoc');
  if (!bundled.ok) return bundled;
  progress.say('posting ...');
  const posted =
    settings.endpoint === undefined
      ? await postToOwn(state.value, session, bundled.value)
      : await postThere(state.value, settings.endpoint);
  if (!posted.ok) return posted;
  progress.say('verifying ...');
  const logKey = posted.value.logKey;
  const name = basename(bundled.value.spooled?.path ?? '');
  const pack = placeOf(state.value.folder, name, posted.value.report, bundled.value);
  const verified = verifyAt(pack, bundled.value, logKey);
  return ok({
    bundled: bundled.value,
    posted: posted.value.report,
    endpoint: posted.value.endpoint,
    verified,
    pack,
    stateFolder: state.value.folder,
    ...(before.ok && before.value !== undefined ? { since: sinceOf(before.value.file, bundled.value) } : {}),
  });
}

type Posted = {
  readonly report: PostReport;
  readonly endpoint: Round['endpoint'];
  readonly logKey: LogVerifier | undefined;
};

/** The endpoint of a newcomer: on loopback, on a free port, trusting this agent's key alone. */
async function postToOwn(state: State, session: Session, { signer }: Bundled): Promise<Result<Posted>> {
  const key = verificationKeyFromPem(signer.publicKeyPem);
  if (!key.ok) return key;
  const serve = { ...session.loaded.settings.serve, listen: '127.0.0.1:0' };
  const running = await runEndpoint(
    join(state.folder, 'endpoint'),
    serve,
    new Map([[key.value.keyId, { ...key.value, role: 'agent' }]]),
  );
  if (!running.ok) return running;
  const { endpoint, verifierKey, close } = running.value;
  try {
    // The port differs at each run; the name under which acknowledgements are remembered must not.
    const report = await postPending(
      spoolOutbox(state, 'own:loopback'),
      { url: endpoint.url },
      { now: () => new Date() },
    );
    if (!report.ok) return report;
    const logKey = logVerifierFromKey(verifierKey);
    return ok({
      report: report.value,
      endpoint: { url: endpoint.url, own: true },
      logKey: logKey.ok ? logKey.value : undefined,
    });
  } finally {
    await close();
  }
}

async function postThere(
  state: State,
  endpoint: NonNullable<Session['loaded']['settings']['endpoint']>,
): Promise<Result<Posted>> {
  const outbox = spoolOutbox(state, endpoint.url);
  const report = await postPending(outbox, endpoint, { now: () => new Date() });
  if (!report.ok) return report;
  const pinned = outbox.pinnedLogKey();
  const logKey = pinned.ok && pinned.value !== undefined ? logVerifierFromKey(pinned.value) : undefined;
  return ok({
    report: report.value,
    endpoint: { url: endpoint.url, own: false },
    logKey: logKey?.ok === true ? logKey.value : undefined,
  });
}

/** Where the pack lies now: with its receipt, waiting, or refused for good; in quarantine its name begins with a mark. */
function placeOf(folder: string, name: string, report: PostReport, bundled: Bundled): string {
  if (isReceipted(report, bundled)) return join(folder, 'packs', name);
  const waiting = join(folder, 'spool', name);
  if (existsSync(waiting)) return waiting;
  const aside = join(folder, 'quarantine');
  const found = existsSync(aside) ? readdirSync(aside).find((each) => each.endsWith(`-${name}`)) : undefined;
  return found === undefined ? waiting : join(aside, found);
}

function isReceipted(report: PostReport, { digest }: Bundled): boolean {
  return report.packs.some(({ pack, fate }) => pack.digest === digest && (fate === 'receipted' || fate === 'forked'));
}

/** From the file alone, with the public key, as anyone would. */
function verifyAt(pack: string, { signer }: Bundled, logKey: LogVerifier | undefined): Result<VerifiedPack> {
  const bytes = readInput(pack);
  const key = verificationKeyFromPem(signer.publicKeyPem);
  if (!bytes.ok) return bytes;
  if (!key.ok) return key;
  return verifyPack(bytes.value, {
    key: (keyId) => (keyId === key.value.keyId ? key.value : undefined),
    ...(logKey === undefined ? {} : { logKey }),
  });
}

function sinceOf({ statement, parts }: PackFile, { collected }: Bundled): NonNullable<Round['since']> {
  const before = new Map<string, object>();
  const after = new Map<string, object>(collected.documents);
  for (const { name, digest } of statement.subject) {
    const document = parts.documents.get(digest.sha256);
    if (document !== undefined) before.set(name, document);
    // It was in the bundle before, and the spool let it go: nothing can be said of what changed in it.
    else after.delete(name);
  }
  return { at: statement.predicate.run.finishedAt, changes: changesBetween(before, after) };
}
