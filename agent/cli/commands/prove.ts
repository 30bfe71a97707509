import { ok, type Result, refuse } from '../../../evidence/result.ts';
import type { DetectionProof } from '../../../schemas/generated/types.ts';
import { openHost } from '../../host/door.ts';
import { proofMachine } from '../../prove/proof-machine.ts';
import { isDue, type ProofKind, proofKindsOf, prove } from '../../prove/prove.ts';
import { noAnswerInTurn, readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { explainProof } from '../render/proof-words.ts';
import { type Row, type Style, styleFor, tableLines, widthOf } from '../render/table.ts';
import { localMachine, openSession, openSessionState, stateOptions, stop } from '../session.ts';

const kinds = { only: 'text', folder: 'text', scheduled: 'flag', format: 'text', ...stateOptions } as const;

/**
 * Proves on this machine that detection works. What is found waits in the state folder for the next bundle.
 * Exit 1 where something was not detected, 3 where it could not be told or no proof applies here.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    kinds,
    { min: 0, max: 0 },
    'prove [--only eicar,auditd,amsi,eventlog] [--folder DIR]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  if (options.scheduled === true && format.value === 'json') return stop(io, noAnswerInTurn);
  const only = readKinds(options.only, process.platform === 'win32' ? 'windows' : 'linux');
  if (!only.ok) return stop(io, only.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const settings = session.value.loaded.settings.prove;
  if (options.scheduled === true && !settings.enable) {
    io.err('affiant: prove.enable is not set, so a schedule runs no proofs\n');
    return exitCodes.done;
  }
  const machine = await localMachine();
  if (!machine.ok) return stop(io, machine.refusal);
  const state = openSessionState(session.value, true);
  if (!state.ok) return stop(io, state.refusal);
  if (options.scheduled === true) {
    const due = isDue(state.value, settings.everyDays, new Date());
    if (!due.ok) return stop(io, due.refusal);
    if (!due.value) return exitCodes.done;
  }
  const folder = options.folder === undefined ? settings.folder : io.path(options.folder);
  const context = {
    machine: proofMachine(),
    host: openHost(machine.value).host,
    state: state.value,
    folder,
    waitMs: settings.waitSeconds * 1000,
  };
  const proofs = await prove(context, only.value);
  if (!proofs.ok) return stop(io, proofs.refusal);
  if (format.value === 'json') io.out(`${forJson(proofs.value)}\n`);
  else io.out(`${linesOf(proofs.value, widthOf(io.stdout), styleFor(io.stdout, io.environment)).join('\n')}\n`);
  return exitCodeOf(proofs.value);
}

function readKinds(given: string | undefined, os: 'linux' | 'windows'): Result<readonly ProofKind[]> {
  const proofKinds = proofKindsOf[os];
  if (given === undefined && os === 'windows')
    return refuse('usage', 'on Windows a proof runs only where it is named', {
      remedy: `--only ${proofKinds.join(',')}`,
    });
  if (given === undefined) return ok(proofKinds);
  const named = given.split(',').map((name) => name.trim());
  const unknown = named.find((name) => !proofKinds.some((kind) => kind === name));
  if (unknown !== undefined)
    return refuse('usage', `there is no proof ${unknown}`, { remedy: `name of these: ${proofKinds.join(', ')}` });
  return ok(proofKinds.filter((kind) => named.includes(kind)));
}

function exitCodeOf(proofs: readonly DetectionProof[]): number {
  if (proofs.some(({ outcome, cleanedUp }) => outcome === 'not-detected' || !cleanedUp)) return exitCodes.failed;
  if (proofs.some(({ outcome }) => outcome === 'inconclusive' || outcome === 'refused')) return exitCodes.partsUnseen;
  // Where nothing could be proved, nothing was.
  return proofs.some(({ outcome }) => outcome === 'detected') ? exitCodes.done : exitCodes.partsUnseen;
}

function linesOf(proofs: readonly DetectionProof[], width: number, style: Style): string[] {
  const rows = proofs.map((proof): Row => {
    const good = proof.outcome === 'detected' || proof.outcome === 'not-applicable';
    const text = explainProof(proof);
    return [
      { text: proof.method },
      { text: proof.outcome, style: good ? style.good : style.attention },
      { text: proof.cleanedUp ? text : `! ${text}; something of it is left, the next start removes it` },
    ];
  });
  return [
    style.bold('Proofs of detection'),
    ...tableLines(rows, width, [16, 14]),
    '',
    '  They are part of the next bundle: affiant collect',
  ];
}
