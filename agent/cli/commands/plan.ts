import type { PlanItemProgress } from '../../../audit/plan/progress.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { sourceOptions } from '../audit-source.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { planLines } from '../render/plan.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { openAudit, tellRefused } from '../report-source.ts';
import { planOf } from './report.ts';

/**
 * How far an action plan is. Ends with 1 where an item is overdue or a pack was refused, with 3 where one is
 * at risk or cannot be decided, with 0 where all are done or in time.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const usage = 'plan check --plan FILE --packs DIR --key FILE';
  const read = readArguments(args, { ...sourceOptions, plan: 'text', format: 'text' }, { min: 1, max: 1 }, usage);
  const format = read.ok ? readFormat(read.value.options.format) : read;
  if (!read.ok || !format.ok) {
    if (!format.ok) io.refused(format.refusal);
    return exitCodes.usage;
  }
  const { options, positionals } = read.value;
  if (positionals[0] !== 'check' || options.plan === undefined) {
    io.refused({
      code: 'usage',
      message: options.plan === undefined ? 'no plan is given' : `plan ${positionals[0] ?? ''} is not known`,
      remedy: `affiant ${usage}`,
    });
    return exitCodes.usage;
  }
  const source = openAudit(options, io);
  if (source.ok) tellRefused(source.value, io);
  const plan = source.ok ? planOf(options.plan, source.value, io) : source;
  if (!source.ok || !plan.ok || plan.value === undefined) {
    if (!plan.ok) io.refused(plan.refusal);
    return exitCodes.usage;
  }
  const { refused } = source.value.fleet;
  if (format.value === 'json') io.out(`${forJson({ ...plan.value, refused })}\n`);
  else io.out(`${planLines(plan.value, widthOf(io.stdout), styleFor(io.stdout, io.environment)).join('\n')}\n`);
  return refused.length > 0 ? exitCodes.failed : codeOf(plan.value.items);
}

export function codeOf(items: readonly Pick<PlanItemProgress, 'state'>[]): number {
  if (items.some(({ state }) => state === 'overdue')) return exitCodes.failed;
  return items.some(({ state }) => state === 'at-risk' || state === 'undetermined')
    ? exitCodes.partsUnseen
    : exitCodes.done;
}
