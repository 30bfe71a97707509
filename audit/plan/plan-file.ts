/** plan.yaml: read, held against its schema, its conditions compiled. */
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { parseYamlFile } from '../../evidence/yaml-file.ts';
import type { ActionPlan, PlanItem, PolicyClock } from '../../schemas/generated/types.ts';
import { plan as isPlan } from '../../schemas/generated/validators.js';
import { compileExpression, type Expression } from '../policy/expression.ts';
import type { PolicySet } from '../policy/policy-set.ts';
import { isShown } from './judged.ts';

export type CompiledItem = PlanItem & {
  readonly condition?: Expression;
  /** What each of its rules measures. */
  readonly measures: readonly PolicyClock['measures'][];
};
export type CompiledPlan = Omit<ActionPlan, 'items'> & { readonly items: readonly CompiledItem[] };

/**
 * Refuses with `plan-invalid`, naming file and line: what does not fit the schema, two items of one id, an
 * item with no proof or with two kinds of it, a condition that cannot be read, a clock that no policy has.
 */
export function readPlan(text: string, file: string, policies: PolicySet): Result<CompiledPlan> {
  const parsed = parseYamlFile<ActionPlan>(text, file, { kind: 'plan', valid: isPlan, reference: 'plan' });
  if (!parsed.ok) return parsed;
  const { value: plan, line } = parsed.value;
  const clocks = new Map(policies.clocks.map(({ clock }) => [clock.id, clock.measures]));
  const items: CompiledItem[] = [];
  for (const [at, item] of plan.items.entries()) {
    const wrong = (path: readonly string[], message: string, remedy?: string): Result<never> =>
      refuse('plan-invalid', `${file}, line ${line(['items', at, ...path])}: item ${item.id}: ${message}`, {
        ...(remedy !== undefined && { remedy }),
      });
    const { expression, rules, attestation, heldDays } = item.proof;
    if (items.some(({ id }) => id === item.id)) return wrong(['id'], 'another item has this id');
    if (item.due < plan.begins) return wrong(['due'], `it is due before the plan begins on ${plan.begins}`);
    const byEvidence = expression !== undefined || rules !== undefined;
    if (!byEvidence && attestation === undefined)
      return wrong(['proof'], 'nothing proves it', 'give expression, rules or attestation');
    if (byEvidence && attestation !== undefined)
      return wrong(
        ['proof', 'attestation'],
        'it is proved by evidence or by a statement, not by both',
        'make two items of it: they are shown apart',
      );
    if (attestation !== undefined && heldDays !== undefined)
      return wrong(['proof', 'heldDays'], 'a statement is not held for days');
    const strange = rules?.find((rule) => !clocks.has(rule));
    if (strange !== undefined)
      return wrong(
        ['proof', 'rules', String(rules?.indexOf(strange))],
        `no policy that applies has the clock ${strange}`,
        `known are ${[...clocks]
          .filter(([, measures]) => isShown(measures))
          .map(([id]) => id)
          .toSorted()
          .join(', ')}`,
      );
    const measures = (rules ?? []).map((rule) => clocks.get(rule) ?? 'nothing');
    const unshown = rules?.find((_rule, index) => !isShown(measures[index] ?? 'nothing'));
    if (unshown !== undefined)
      return wrong(
        ['proof', 'rules', String(rules?.indexOf(unshown))],
        `no evidence of a server shows whether ${unshown} is kept`,
        'let a statement of a person prove it (attestation)',
      );
    const condition = expression === undefined ? undefined : compileExpression(expression, 'document');
    if (condition?.ok === false)
      return wrong(['proof', 'expression'], condition.refusal.message, condition.refusal.remedy);
    items.push({ ...item, measures, ...(condition?.ok === true && { condition: condition.value }) });
  }
  return ok({ ...plan, items });
}
