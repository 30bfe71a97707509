import { ok, type Result } from '../../../evidence/result.ts';
import { type Carried, describePack, inChainOrder } from '../../fetch/import-order.ts';
import { readTokenFile } from '../../fetch/token-file.ts';
import { postPacks } from '../../post/post.ts';
import type { PackReport } from '../../post/report.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readInput } from '../packs.ts';
import { progressOn } from '../progress.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, tableLines, widthOf } from '../render/table.ts';
import { endpointOf, openSession, stateOptions, stop } from '../session.ts';

const usage = 'import PACK… --token-file FILE [--endpoint URL] [--note TEXT] [--format table|json]';

/** What became of one file. */
type Outcome = {
  readonly file: string;
  readonly outcome: 'brought' | 'there-before' | 'forked' | 'refused' | 'not-brought' | 'unreadable';
  readonly target?: string;
  readonly chain?: string;
  readonly sequence?: number;
  readonly detail: string;
};

/** Faults of the way, which other packs would meet as well. */
const lasting: ReadonlySet<string> = new Set([
  'no-answer',
  'tls-refused',
  'tls-failed',
  'proxy-refused',
  'token-unknown',
  'not-permitted',
  'log-diverged',
]);

/**
 * Brings packs of others with a token of an uploader. Run again, it goes on where it ended: what is there already
 * is answered as there, and costs little.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { endpoint: 'text', 'token-file': 'text', note: 'text', format: 'text', ...stateOptions },
    { min: 1, max: 1_000_000 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const endpoint = endpointOf(options.endpoint, session.value);
  if (!endpoint.ok) return stop(io, endpoint.refusal);
  if (options['token-file'] === undefined)
    return stop(io, { code: 'usage', message: 'no token is given', remedy: `affiant ${usage}` });
  const headers = headersOf(io.path(options['token-file']), options.note);
  if (!headers.ok) return stop(io, headers.refusal);
  const outcomes: Outcome[] = [];
  const packs: Carried[] = [];
  for (const given of positionals) {
    const bytes = readInput(io.path(given));
    const described = bytes.ok ? describePack(given, bytes.value) : bytes;
    if (described.ok) packs.push(described.value);
    else outcomes.push({ file: given, outcome: 'unreadable', detail: described.refusal.message });
  }
  const progress = progressOn(io);
  let halted: string | undefined;
  let done = 0;
  for (const chain of inChainOrder(packs)) {
    if (halted !== undefined) {
      outcomes.push(...chain.map((one) => outcomeOf(one, undefined, halted)));
      continue;
    }
    const report = await postPacks(
      chain.map(({ file }) => io.path(file)),
      endpoint.value,
      {
        now: () => new Date(),
        headers: headers.value,
        key: () => undefined,
        onProgress: () => progress.say(`bringing ${(done += 1)} of ${packs.length} ...`),
      },
    );
    if (!report.ok) {
      progress.clear();
      return stop(io, report.refusal);
    }
    const { packs: reports, stopped } = report.value;
    outcomes.push(...chain.map((one, index) => outcomeOf(one, reports[index], stopped?.message)));
    if (stopped !== undefined && lasting.has(stopped.code)) halted = stopped.message;
  }
  progress.clear();
  io.out(format.value === 'json' ? `${forJson(outcomes)}\n` : `${tableOf(outcomes, io).join('\n')}\n`);
  const has = (...kinds: Outcome['outcome'][]): boolean => outcomes.some(({ outcome }) => kinds.includes(outcome));
  if (has('refused', 'unreadable')) return exitCodes.failed;
  return has('not-brought') ? exitCodes.spooled : exitCodes.done;
}

function headersOf(tokenFile: string, note: string | undefined): Result<Record<string, string>> {
  const token = readTokenFile(tokenFile);
  if (!token.ok) return token;
  const authorization = `Bearer ${token.value}`;
  if (note === undefined) return ok({ authorization });
  const encoded = encodeURIComponent(note);
  if (/^[^\p{Cc}\p{Cf}\p{Co}\p{Cs}]{1,200}$/u.test(note) && encoded.length <= 600)
    return ok({ authorization, 'affiant-note': encoded });
  return {
    ok: false,
    refusal: {
      code: 'usage',
      message: 'the note is too long or has control characters',
      remedy: 'write at most 200 plain characters',
    },
  };
}

function outcomeOf(
  { file, target, chain, sequence }: Carried,
  report: PackReport | undefined,
  halted: string | undefined,
): Outcome {
  const about = { file, target, chain, sequence };
  if (report === undefined) return { ...about, outcome: 'not-brought', detail: halted ?? 'not tried' };
  switch (report.fate) {
    case 'receipted':
      return {
        ...about,
        outcome: report.repeated ? 'there-before' : 'brought',
        detail: `log index ${report.logIndex}`,
      };
    case 'forked':
      return {
        ...about,
        outcome: 'forked',
        detail: `log index ${report.logIndex}; bundle ${report.existing.slice(0, 16)} stood there before, both are kept`,
      };
    case 'quarantined':
      return { ...about, outcome: 'refused', detail: `${report.detail} [${report.reason}]` };
    case 'kept':
      return { ...about, outcome: 'not-brought', detail: report.why.message };
  }
}

function tableOf(outcomes: readonly Outcome[], io: Io): string[] {
  const { bold, attention, good } = styleFor(io.stdout, io.environment);
  const head = ['file', 'outcome', 'server', 'number', ''].map((text) => ({ text, style: bold }));
  const isGood = ({ outcome }: Outcome): boolean => outcome === 'brought' || outcome === 'there-before';
  const rows = outcomes.map((one) => [
    { text: one.file },
    { text: one.outcome, style: isGood(one) ? good : attention },
    { text: one.target?.slice(0, 12) ?? '' },
    { text: one.sequence === undefined ? '' : String(one.sequence) },
    { text: one.detail },
  ]);
  return tableLines([head, ...rows], widthOf(io.stdout), [40, 12, 12, 8], 0);
}
