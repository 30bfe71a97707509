/** Asks many servers over SSH, from one place, and signs a pack for each and a summary over all. */
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../../evidence/digest.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import type { SweepPredicate, SweptHost } from '../../../schemas/generated/types.ts';
import { knownHostsLine } from '../../host/ssh/known-hosts.ts';
import { agentOf } from '../../run/make-bundle.ts';
import { type Keys, loadOrCreateKeys } from '../../spool/keys.ts';
import { beginRun } from '../../spool/run-marker.ts';
import { openState } from '../../spool/state.ts';
import { isThere, openFolder, packName, readSummary, writePackOf, writeSummary } from '../../sweep/folder.ts';
import type { PlannedHost, SweepPlan } from '../../sweep/plan.ts';
import { createReach } from '../../sweep/reach.ts';
import { sweepAll } from '../../sweep/sweep.ts';
import type { Swept } from '../../sweep/sweep-host.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { type Ended, sweepLines } from '../render/sweep.ts';
import { openSession, openSessionState, type Session, stateOptions, stop } from '../session.ts';
import { readPlan } from '../sweep/hosts-file.ts';
import { sweepProgress } from '../sweep/progress.ts';
import { readOnly } from './collect.ts';

const kinds = {
  out: 'text',
  only: 'text',
  'accept-new': 'flag',
  again: 'flag',
  format: 'text',
  ...stateOptions,
} as const;
const usage = 'sweep HOSTS.yaml --out DIR [--accept-new] [--only NAME,…] [--again] [--format table|json]';

/** Ends with 3 where a server was not collected: its summary is signed all the same. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, kinds, { min: 1, max: 1 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const only = readOnly(options.only);
  if (!only.ok) return stop(io, only.refusal);
  if (options.out === undefined)
    return stop(io, { code: 'usage', message: 'a sweep needs a folder for its packs', remedy: `affiant ${usage}` });
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const stateFolder = join(session.value.stateFolder, 'sweep');
  const acceptedFile = join(stateFolder, 'known_hosts');
  const plan = readPlan(io.path(positionals[0] ?? ''), {
    acceptNew: options['accept-new'] === true,
    environment: io.environment,
    acceptedFile,
  });
  if (!plan.ok) return stop(io, plan.refusal);
  const state = openSessionState({ ...session.value, stateFolder }, true);
  if (!state.ok) return stop(io, state.refusal);
  const keys = loadOrCreateKeys(state.value);
  if (!keys.ok) return stop(io, keys.refusal);
  const marker = beginRun(state.value);
  if (!marker.ok) return stop(io, marker.refusal);
  try {
    const folder = io.path(options.out);
    const swept = await sweepInto(folder, plan.value, {
      session: { ...session.value, stateFolder },
      keys: keys.value,
      only: only.value,
      again: options.again === true,
      acceptedFile,
      io,
    });
    if (!swept.ok) return stop(io, swept.refusal);
    const { predicate, ended } = swept.value;
    if (format.value === 'json') io.out(`${forJson(jsonOf(folder, predicate, ended))}\n`);
    else
      io.out(`${sweepLines({ folder, predicate, ended, keyFile: join(stateFolder, 'public.pem') }, io).join('\n')}\n`);
    return predicate.hosts.every(({ outcome }) => outcome === 'collected') ? exitCodes.done : exitCodes.partsUnseen;
  } finally {
    void marker.value.end();
  }
}

type Setting = {
  readonly session: Session;
  readonly keys: Keys;
  readonly only: readonly string[] | undefined;
  readonly again: boolean;
  readonly acceptedFile: string;
  readonly io: Io;
};

/** What ended in this run, by name, and the summary over all runs into this folder. */
async function sweepInto(
  folder: string,
  plan: SweepPlan,
  { session, keys, only, again, acceptedFile, io }: Setting,
): Promise<Result<{ predicate: SweepPredicate; ended: ReadonlyMap<string, Ended> }>> {
  const opened = openFolder(folder);
  if (!opened.ok) return opened;
  const earlier = readSummary(folder, keys.signer);
  if (!earlier.ok) return earlier;
  const { settings } = session.loaded;
  const agent = agentOf(settings);
  const now = (): string => new Date().toISOString();
  const before = earlier.value;
  const kept = new Map(
    (again ? [] : (before?.hosts ?? [])).filter((host) => isThere(folder, host)).map((host) => [host.name, host]),
  );
  const entries = new Map<string, SweptHost>(
    plan.hosts.map((host) => [host.name, kept.get(host.name) ?? waiting(host)]),
  );
  const todo = plan.hosts.filter(({ name }) => !kept.has(name));
  const ended = new Map<string, Ended>();
  const continues = before !== undefined && !again;
  const frame = {
    id: continues ? before.id : randomBytes(16).toString('hex'),
    agent,
    key: { id: keys.signer.keyId },
    startedAt: continues ? before.startedAt : now(),
    hostsFile: plan.digest,
    acceptNew: plan.acceptNew || (continues && before.acceptNew),
  };
  const summary = (): SweepPredicate => {
    const hosts = [...entries.values()];
    return { ...frame, finishedAt: now(), finished: hosts.every(({ outcome }) => outcome !== 'waiting'), hosts };
  };
  // Before the first server is asked: a full or foreign disk shows now.
  const first = writeSummary(folder, summary(), keys.signer);
  if (!first.ok) return first;
  const progress = sweepProgress(io, todo.length);
  let unwritten: Result<undefined> = ok(undefined);
  const note = (swept: Swept): boolean => {
    const entry = entryOf(swept, now());
    const { result, hostKey, host } = swept;
    let written: Result<undefined> = ok(undefined);
    if (result.ok) written = writePackOf(folder, host.name, result.value.bytes);
    if (hostKey?.trust === 'accepted' && written.ok) written = remember(acceptedFile, host, hostKey.blob);
    if (written.ok) {
      entries.set(host.name, entry);
      written = writeSummary(folder, summary(), keys.signer);
    }
    ended.set(host.name, result.ok ? { kind: 'collected' } : { kind: 'failed', failure: result.failure });
    if (!written.ok) unwritten = written;
    progress.ended(swept);
    // Where nothing can be kept, nobody is asked in vain: the next call goes on with those that wait.
    return written.ok;
  };
  await sweepAll(
    todo,
    plan.parallel,
    {
      reach: createReach(plan.known, plan.acceptNew),
      keys,
      settings,
      agent,
      only,
      hostTimeoutMs: plan.hostTimeoutMs,
      stateOf: ({ name }) =>
        openState(join(session.stateFolder, 'hosts', name), {
          create: true,
          now: () => new Date(),
          limits: settings.spool,
        }),
    },
    { began: ({ name }) => progress.began(name), ended: note },
  );
  progress.clear();
  return unwritten.ok ? ok({ predicate: summary(), ended }) : unwritten;
}

function waiting({ name, login }: PlannedHost): SweptHost {
  return { name, address: login.host, outcome: 'waiting' };
}

function entryOf({ host, hostKey, privilege, result }: Swept, finishedAt: string): SweptHost {
  const about = {
    name: host.name,
    address: host.login.host,
    ...(hostKey !== undefined && { hostKey: { fingerprint: hostKey.fingerprint, trust: hostKey.trust } }),
    ...(privilege !== undefined && { privilege }),
    finishedAt,
  };
  if (!result.ok) return { ...about, outcome: result.failure.outcome, reason: result.failure.reason };
  const { digest, bytes, statement } = result.value;
  return {
    ...about,
    outcome: 'collected',
    bundle: digest,
    pack: sha256Hex(bytes),
    target: statement.predicate.target.id,
  };
}

/** A key that was taken once is known from then on: the next sweep is strict about it. */
function remember(file: string, { login }: PlannedHost, blob: Buffer): Result<undefined> {
  try {
    appendFileSync(file, knownHostsLine(login.host, login.port, blob), { mode: 0o600 });
    return ok(undefined);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('state-unwritable', `${file} cannot be written (${code})`, { remedy: 'free space there' });
  }
}

function jsonOf(folder: string, predicate: SweepPredicate, ended: ReadonlyMap<string, Ended>): object {
  return {
    folder,
    sweep: predicate.id,
    finished: predicate.finished,
    acceptNew: predicate.acceptNew,
    hosts: predicate.hosts.map((host) => {
      const now = ended.get(host.name);
      return {
        ...host,
        pack: host.outcome === 'collected' ? join(folder, packName(host.name)) : null,
        asked: now !== undefined,
        ...(now?.kind === 'failed' && { message: now.failure.message, remedy: now.failure.remedy }),
      };
    }),
  };
}
