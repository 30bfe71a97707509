import { limitInWords } from '../../../audit/days.ts';
import { loadPolicies, type PolicySet } from '../../../audit/policy/policy-set.ts';
import { testPolicies } from '../../../audit/policy/test-policy.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { type Row, styleFor, tableLines, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

const usage = 'policy list|show ID|test [--policies DIR|FILE] [--format table|json]';

/** The rule books: which there are, what they say, and whether the tests of own ones hold. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { policies: 'text', format: 'text' }, { min: 1, max: 2 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const set = loadPolicies(options.policies === undefined ? undefined : io.path(options.policies));
  if (!set.ok) {
    io.refused(set.refusal);
    return exitCodes.usage;
  }
  const [verb = '', id] = positionals;
  const say = { io, set: set.value, json: format.value === 'json' };
  switch (verb) {
    case 'list':
      return await Promise.resolve(list(say));
    case 'show':
      return show(say, id);
    case 'test':
      return test(say);
    default:
      return stop(io, { code: 'usage', message: `policy ${verb} is not known`, remedy: `affiant ${usage}` });
  }
}

type Say = { readonly io: Io; readonly set: PolicySet; readonly json: boolean };

function list({ io, set, json }: Say): number {
  if (json)
    io.out(
      `${forJson(set.policies.map(({ id, title, status, clocks, controls = [] }) => ({ id, title, status, clocks: clocks.length, controls: controls.length })))}\n`,
    );
  else {
    const rows: Row[] = set.policies.map(({ id, status, clocks, controls = [], title }) => [
      { text: id },
      { text: status },
      { text: `${clocks.length} clocks` },
      { text: `${controls.length} controls` },
      { text: title },
    ]);
    io.out(`${tableLines(rows, widthOf(io.stdout), [20, 12, 10, 12]).join('\n')}\n`);
  }
  return exitCodes.done;
}

function show({ io, set, json }: Say, id: string | undefined): number {
  const policy = set.policies.find((each) => each.id === id);
  if (policy === undefined)
    return stop(io, {
      code: 'usage',
      message: `there is no policy ${id ?? ''}`,
      remedy: `name one of these: ${set.policies.map((each) => each.id).join(', ')}`,
    });
  if (json) {
    io.out(`${forJson(policy)}\n`);
    return exitCodes.done;
  }
  const style = styleFor(io.stdout, io.environment);
  const clocks: Row[] = policy.clocks.map((clock) => [
    { text: clock.id },
    { text: clock.limit === undefined ? (clock.decision === undefined ? '—' : 'by table') : limitInWords(clock.limit) },
    { text: clock.verified ? '' : 'not compared', style: style.attention },
    {
      text: `${clock.title}. ${clock.source}.${clock.when === undefined ? '' : ` When: ${clock.when}`}${clock.note === undefined ? '' : ` ${clock.note}`}`,
    },
  ]);
  const controls: Row[] = (policy.controls ?? []).map((control) => [
    { text: control.id },
    { text: control.verified ? '' : 'not compared', style: style.attention },
    { text: `${control.title}. Broken by ${control.clocks.join(', ') || 'its expression'}.` },
  ]);
  const { width } = { width: widthOf(io.stdout) };
  const lines = [
    style.bold(forTerminal(`${policy.title} (${policy.status})`)),
    ...(policy.note === undefined ? [] : [`  ${forTerminal(policy.note)}`]),
    '',
    style.bold('Clocks'),
    ...tableLines(clocks, width, [22, 10, 12]),
    '',
    style.bold('Controls'),
    ...tableLines(controls, width, [30, 12]),
  ];
  io.out(`${lines.join('\n')}\n`);
  return exitCodes.done;
}

function test({ io, set, json }: Say): number {
  const outcomes = testPolicies(set);
  const failed = outcomes.filter(({ passed }) => !passed);
  if (json) io.out(`${forJson(outcomes)}\n`);
  else {
    for (const { policy, name, passed, text } of outcomes)
      io.out(
        forTerminal(`${passed ? 'ok    ' : 'FAILED'}  ${policy}: ${name}${passed ? '' : `: ${text}`}`).concat('\n'),
      );
    for (const { id, status, tests = [] } of set.policies)
      if (status === 'own' && tests.length === 0) io.out(`none    ${forTerminal(id)}: it has no tests\n`);
    io.out(
      `${outcomes.length} tests, ${failed.length} failed; ${set.clocks.length} clocks and ${set.controls.length} controls compile\n`,
    );
  }
  return failed.length === 0 ? exitCodes.done : exitCodes.failed;
}
