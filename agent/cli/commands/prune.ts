import { join } from 'node:path';
import { overdueDocuments, pruneDocuments } from '../../../endpoint/retention/prune.ts';
import { defaultDocumentDays } from '../../config/defaults.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';
import { openOperated } from '../wire-registrar.ts';

/** Removes documents that no bundle of the last days names; says how many, and where the log records it. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const usage = 'prune [--older-than DAYSd] [--dry-run] [--format table|json]';
  const read = readArguments(
    args,
    { 'older-than': 'text', 'dry-run': 'flag', format: 'text', ...stateOptions },
    { min: 0, max: 0 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const isJson = format.value === 'json';
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const { serve } = session.value.loaded.settings;
  const given = /^([1-9][0-9]{0,4})d$/.exec(options['older-than'] ?? '')?.[1];
  if (options['older-than'] !== undefined && given === undefined)
    return stop(io, { code: 'usage', message: '--older-than takes days', remedy: 'such as --older-than 760d' });
  const days = given === undefined ? (serve.retention?.documentDays ?? defaultDocumentDays) : Number(given);
  const operated = await openOperated(join(session.value.stateFolder, 'endpoint'), serve);
  if (!operated.ok) return stop(io, operated.refusal);
  const { store, registrar } = operated.value;
  try {
    if (options['dry-run'] === true) {
      const overdue = await overdueDocuments(store, days, new Date());
      if (!overdue.ok) return stop(io, overdue.refusal);
      io.out(
        isJson
          ? `${forJson({ dryRun: true, days, documents: overdue.value })}\n`
          : `${overdue.value} documents that no bundle of the last ${days} days names would go\n`,
      );
      return exitCodes.done;
    }
    const pruned = await pruneDocuments(registrar, days, new Date());
    if (!pruned.ok) return stop(io, pruned.refusal);
    const { documents, bundles, records } = pruned.value;
    const where = records.length === 0 ? '' : `, recorded at ${records.join(', ')} in the log`;
    io.out(
      isJson
        ? `${forJson({ dryRun: false, days, documents, bundles, records })}\n`
        : `${documents} documents of ${bundles} bundles removed${where}; statements and proofs stay\n`,
    );
    return exitCodes.done;
  } finally {
    await operated.value.close();
  }
}
