import { statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { collectors } from '../../../collectors/list.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { openRecording } from '../../host/replay.ts';
import { type Bundled, bundleHere, bundleReplay } from '../../run/make-bundle.ts';
import { whenInputEnds } from '../../service/asked-to-end.ts';
import { noAnswerInTurn, readArguments, readFormat } from '../arguments.ts';
import { readDuration } from '../duration.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { progressOn } from '../progress.ts';
import { forJson } from '../render/escape.ts';
import { bundleLines } from '../render/presentation.ts';
import { capLines, pairLines, unseenFacts } from '../render/report.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { collectOnce, logBundle, logRefusal } from '../scheduled.ts';
import { serviceLog } from '../service-log.ts';
import {
  exitCodeOf,
  localMachine,
  openSession,
  openSessionState,
  type Session,
  stateOptions,
  stop,
} from '../session.ts';
import { stepBack } from '../step-back.ts';

const kinds = {
  only: 'text',
  out: 'text',
  format: 'text',
  host: 'text',
  strict: 'flag',
  raw: 'flag',
  scheduled: 'flag',
  every: 'text',
  resident: 'flag',
  ...stateOptions,
} as const;

/** Collects, signs and spools; a replay is signed with a throw-away key and goes nowhere but to `--out`. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    kinds,
    { min: 0, max: 0 },
    'collect [--only NAME,…] [--raw] [--out FILE] [--format table|json] [--host local|replay:DIR]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  stepBack();
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const only = readOnly(options.only);
  if (!only.ok) return stop(io, only.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  if (options.scheduled === true || options.every !== undefined) {
    if (format.value === 'json') return stop(io, noAnswerInTurn);
    const mode = options.resident === true ? 'service' : 'task';
    return await collectInTurn({ every: options.every, only: only.value, mode }, session.value, io);
  }
  const bundled = await collectFrom(options.host ?? 'local', session.value, only.value, options.raw === true, io);
  if (!bundled.ok) return stop(io, bundled.refusal);
  const out = options.out === undefined ? ok(undefined) : writePack(io.path(options.out), bundled.value);
  if (format.value === 'json') io.out(`${forJson(jsonOf(bundled.value))}\n`);
  else io.out(`${tableOf(bundled.value, io, out.ok ? out.value : undefined).join('\n')}\n`);
  if (!out.ok) return stop(io, out.refusal);
  const { collected } = bundled.value;
  const unseen =
    unseenFacts(collected.documents).length > 0 ||
    // What this run was told to leave out was not to be seen.
    collected.outcomes.some(({ outcome }) => outcome !== 'complete' && outcome !== 'not-asked');
  return options.strict === true && unseen ? exitCodes.partsUnseen : exitCodes.done;
}

/** For timers: nothing where the turn has not come yet, and one line for the log in place of a report. */
async function collectInTurn(
  { every, only, mode }: { every: string | undefined; only: readonly string[] | undefined; mode: 'task' | 'service' },
  session: Session,
  io: Io,
): Promise<number> {
  if (mode === 'service') whenInputEnds(() => process.emit('SIGTERM', 'SIGTERM'));
  const interval = every === undefined ? ok(undefined) : readDuration(every, '--every');
  if (!interval.ok) return stop(io, interval.refusal);
  const log = serviceLog(io);
  const done = await collectOnce(session, { intervalMs: interval.value, only, mode }, log);
  if (!done.ok) {
    logRefusal(log, done.refusal);
    return exitCodeOf(done.refusal.code);
  }
  if (done.value !== undefined) logBundle(log, done.value);
  return exitCodes.done;
}

/** The collectors that `--only` names; unknown names are refused with the list. */
export function readOnly(given: string | undefined): Result<readonly string[] | undefined> {
  if (given === undefined) return ok(undefined);
  const names = given.split(',').map((name) => name.trim());
  const known = collectors.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return ok(names);
  return refuse('usage', `there is no collector ${unknown}`, { remedy: `name of these: ${known.join(', ')}` });
}

async function collectFrom(
  host: string,
  session: Session,
  only: readonly string[] | undefined,
  raw: boolean,
  io: Io,
): Promise<Result<Bundled>> {
  const progress = progressOn(io);
  const watch = { began: progress.began, ended: ({ name }: { name: string }) => progress.ended(name) };
  const { settings } = session.loaded;
  try {
    if (host.startsWith('replay:')) {
      const folder = io.path(host.slice('replay:'.length));
      const recording = openRecording(folder);
      const played = recording.ok
        ? await bundleReplay(folder, { machine: recording.value.machine, settings, only, watch, raw }, () => new Date())
        : recording;
      if (played.ok) return played;
      return { ok: false, refusal: { ...played.refusal, message: `${folder}: ${played.refusal.message}` } };
    }
    if (host !== 'local') return refuse('usage', `--host ${host} is not known`, { remedy: 'use local or replay:DIR' });
    const machine = await localMachine();
    if (!machine.ok) return machine;
    const state = openSessionState(session, true);
    if (!state.ok) return state;
    return await bundleHere(state.value, { machine: machine.value, settings, only, watch, raw }, 'ad-hoc');
  } finally {
    progress.clear();
  }
}

/** Writes a copy of the pack; never over a file that is there. `asked` may be a folder. */
export function writePack(asked: string, { bytes, spooled, digest }: Bundled): Result<string> {
  const folder = statSync(asked, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = folder
    ? join(asked, spooled === undefined ? `${digest.slice(0, 16)}.pack.json` : basename(spooled.path))
    : asked;
  try {
    writeFileSync(file, bytes, { flag: 'wx', mode: 0o600 });
    return ok(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('out-unwritable', `${file} cannot be written (${code})`, {
      remedy:
        spooled === undefined
          ? 'name a new file in a folder that you may write'
          : `the pack is in the spool: ${spooled.path}`,
    });
  }
}

function jsonOf({ collected, statement, digest, spooled }: Bundled): object {
  const { predicate } = statement;
  return {
    mode: predicate.mode,
    target: predicate.target,
    run: predicate.run,
    collectors: predicate.collectors,
    bundle: digest,
    pack: spooled?.path ?? null,
    documents: Object.fromEntries([...collected.documents].toSorted(([left], [right]) => (left < right ? -1 : 1))),
  };
}

function tableOf({ collected, statement, spooled, bytes }: Bundled, io: Io, out: string | undefined): string[] {
  const style = styleFor(io.stdout, io.environment);
  const width = widthOf(io.stdout);
  const { chain, key } = statement.predicate;
  const kilobytes = (size: number): string => `${Math.ceil(size / 1024)} KB`;
  const where =
    spooled === undefined
      ? 'nowhere: a replay is not kept'
      : `${spooled.path} (${kilobytes(spooled.size)}), waiting for an endpoint`;
  return [
    ...bundleLines(collected.documents, statement.predicate, width, style),
    '',
    ...pairLines(
      'Evidence',
      [
        ['Pack', out === undefined ? where : `${out} (${kilobytes(bytes.length)})`],
        ...(out !== undefined && spooled !== undefined ? [['Spooled', where] as const] : []),
        ['Chain', `number ${chain.sequence} of ${chain.id}`],
        ['Signed by', `${key.id} (${key.protection})`],
      ],
      width,
      style,
    ),
    ...capLines(spooled, style),
  ];
}
