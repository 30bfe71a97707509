import { randomBytes } from 'node:crypto';
import { collectors } from '../../../collectors/list.ts';
import type { Fact, HostDocument } from '../../../schemas/generated/types.ts';
import { type Collected, runCollectors } from '../../run/run-collectors.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { deepChecks } from '../deep-checks.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { progressOn } from '../progress.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { collectedAsRoot, outcomeWords } from '../render/presentation.ts';
import { explain } from '../render/remedy.ts';
import { type Row, styleFor, tableLines, widthOf } from '../render/table.ts';
import { localMachine, openSession, openSessionState, type Session, stateOptions, stop } from '../session.ts';

/** Tries every collector and says fact by fact what can be seen. Nothing is signed or kept. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { ...stateOptions, format: 'text', deep: 'flag' },
    { min: 0, max: 0 },
    'doctor [--deep]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const format = readFormat(read.value.options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(read.value.options, io);
  if (!session.ok) return stop(io, session.refusal);
  const machine = await localMachine();
  if (!machine.ok) return stop(io, machine.refusal);
  if (read.value.options.deep === true) {
    const results = await deepChecks(machine.value);
    machine.value.close?.();
    if (format.value === 'json') io.out(`${forJson(results)}\n`);
    else
      io.out(
        `${results.map(({ check, outcome, detail, ms }) => `${check} ${outcome} (${ms} ms)${detail === '' ? '' : `: ${forTerminal(detail)}`}`).join('\n')}\n`,
      );
    return results.some(({ outcome }) => outcome === 'failed') ? exitCodes.failed : exitCodes.done;
  }
  const { settings } = session.value.loaded;
  const progress = progressOn(io);
  const collected = await runCollectors(machine.value, {
    collectors,
    only: undefined,
    disabled: settings.collect.disable,
    budgetSeconds: settings.collect.budgetSeconds,
    blindKey: randomBytes(32),
    watch: { began: progress.began, ended: ({ name }) => progress.ended(name) },
  });
  progress.clear();
  const facts = factsOf(collected);
  if (format.value === 'json') io.out(`${forJson({ collectors: collected.outcomes, facts })}\n`);
  else io.out(`${tableOf(collected, facts, session.value, io).join('\n')}\n`);
  return exitCodes.done;
}

type Seen = {
  readonly fact: string;
  readonly status: Fact<unknown>['status'];
  readonly why?: string;
  readonly remedy?: string;
};

function factsOf(collected: Collected): Seen[] {
  const root = collectedAsRoot(collected.documents);
  return [...collected.documents]
    .filter(([name]) => !name.includes('/'))
    .flatMap(([name, document]) =>
      (Object.entries(document) as [string, Fact<unknown> | string][]).flatMap(([fact, value]): Seen[] => {
        if (typeof value === 'string') return [];
        if (value.status === 'observed') return [{ fact: `${name}.${fact}`, status: 'observed' }];
        const [why, remedy] = explain(value, root);
        return [{ fact: `${name}.${fact}`, status: value.status, why, ...(remedy === '' ? {} : { remedy }) }];
      }),
    );
}

function tableOf(collected: Collected, facts: readonly Seen[], session: Session, io: Io): string[] {
  const style = styleFor(io.stdout, io.environment);
  const width = widthOf(io.stdout);
  const host = collected.documents.get('host') as HostDocument | undefined;
  const who = host?.privilege.status === 'observed' ? host.privilege.value : undefined;
  // A collector that gave no document has no facts to list, which must not read as nothing to see.
  const broken: Row[] = collected.outcomes.flatMap(({ name, outcome, reason }) => {
    const why = outcomeWords[outcome];
    if (why === undefined) return [];
    const text = `${why}${reason === undefined ? '' : ` (${reason})`}`;
    return [[{ text: 'NOT SEEN', style: style.attention }, { text: `${name}: all of it` }, { text }]];
  });
  const rows: Row[] = facts.map(({ fact, status, why = '', remedy }) => {
    const fine = status === 'observed' || status === 'absent' || status === 'not-applicable';
    return [
      { text: fine ? 'seen' : 'NOT SEEN', style: fine ? style.good : style.attention },
      { text: fact },
      { text: status === 'observed' ? '' : `${why}${remedy === undefined ? '' : `. To see it: ${remedy}`}` },
    ];
  });
  const unseen = rows.filter(([mark]) => mark?.text === 'NOT SEEN').length;
  const user =
    who === undefined ? 'an unknown user' : `${JSON.stringify(who.user)}${who.elevated ? ' with full rights' : ''}`;
  const capabilities =
    who === undefined || who.elevated || who.capabilities.length === 0 ? '' : `, ${who.capabilities.join(' ')}`;
  return [
    style.bold('What can be seen here'),
    ...tableLines([...rows, ...broken], width, [8, 30]),
    '',
    `As ${forTerminal(user + capabilities)}: ${rows.length - unseen} facts seen, ${unseen} not${broken.length === 0 ? '' : `, and nothing of ${broken.length} ${broken.length === 1 ? 'collector' : 'collectors'}`}.`,
    `State folder: ${forTerminal(session.stateFolder)} (${forTerminal(stateWords(session))}). Configuration: ${forTerminal(session.loaded.files.join(', ') || 'none, defaults')}.`,
  ];
}

/** Whether evidence could be kept there; a folder that is not there is not made. */
function stateWords(session: Session): string {
  const state = openSessionState(session, false);
  if (state.ok) return 'usable';
  if (state.refusal.code === 'state-missing') return 'not there yet: affiant collect makes it';
  const { message, remedy } = state.refusal;
  return `NOT USABLE: ${message}${remedy === undefined ? '' : `; ${remedy}`}`;
}
