/**
 * Controls that ask something of the documents themselves (`pass` of a policy). The newest bundle decides, and the
 * row of bundles before it that gave the same answer tells since when. What was not seen passes nothing.
 */
import { type AuditContext, evidenceOf } from './context.ts';
import type { Finding } from './finding.ts';
import { isStale } from './history.ts';
import type { History, HistoryEntry } from './history-model.ts';
import { hostName, makeFinding } from './make-finding.ts';
import { documentVariables } from './policy/document-variables.ts';
import type { Expression } from './policy/expression.ts';
import type { CompiledControl } from './policy/policy-set.ts';

type Answer = { readonly verdict: 'pass' | Finding['verdict']; readonly why: string };

export function controlFindings(history: History, context: AuditContext): Finding[] {
  const newest = history.entries.at(-1);
  if (newest === undefined) return [];
  return context.policies.controls.flatMap((compiled) => {
    const { pass } = compiled;
    return pass === undefined ? [] : (findingOf(history, newest, { ...compiled, pass }, context) ?? []);
  });
}

function findingOf(
  history: History,
  newest: HistoryEntry,
  { control, pass, policy }: CompiledControl & { readonly pass: Expression },
  context: AuditContext,
): Finding | undefined {
  const known = new Map<string, Answer>();
  const answer = (entry: HistoryEntry): Answer => {
    const key = Object.values(entry.documents).join();
    const found = known.get(key) ?? ask(pass, entry, history, context);
    known.set(key, found);
    return found;
  };
  const { verdict, why } = answer(newest);
  if (verdict === 'pass') return undefined;
  const other = history.entries.findLastIndex((entry) => answer(entry).verdict !== verdict);
  const first = history.entries[other + 1] ?? newest;
  const stand = { document: control.documents?.[0] ?? '', pointer: '', sources: [] };
  const evidence = [first, ...(first === newest ? [] : [newest])].map((entry) => evidenceOf(entry, stand, why));
  return makeFinding(history.host, context, {
    rule: control.id,
    controls: [{ id: control.id, source: control.source, verified: control.verified }],
    subject: policy,
    verdict,
    title: verdict === 'fail' ? `${control.title}: it is not so` : `${control.title}: whether it is so is not known`,
    reason: `${control.source} asks that ${pass.text}. ${why}${control.verified ? '' : ' (This row was not compared with its source.)'}`,
    start: { kind: 'state-began', at: first.claimedAt, text: 'the first bundle that shows it' },
    from: first.day,
    evidence,
    stale: isStale(history, context.at),
  });
}

function ask(pass: Expression, entry: HistoryEntry, { host }: History, context: AuditContext): Answer {
  const documents = context.documents?.(entry);
  if (documents === undefined)
    return { verdict: 'undetermined', why: 'The documents of the bundle could not be read again.' };
  const outcome = pass.run(documentVariables(documents, hostName(host), entry, context.inventory));
  if (outcome.kind === 'undetermined') return { verdict: 'undetermined', why: `It cannot be told: ${outcome.why}.` };
  return outcome.value === true
    ? { verdict: 'pass', why: 'It is so.' }
    : { verdict: 'fail', why: 'The evidence says that it is not so.' };
}
