/** The policies that an audit goes by: those that come with the program, and own ones from files. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { parseYamlFile } from '../../evidence/yaml-file.ts';
import { builtInPolicies } from '../../policies/list.ts';
import type { Policy, PolicyControl } from '../../schemas/generated/types.ts';
import { policy as isPolicy } from '../../schemas/generated/validators.js';
import { limitInWords } from '../days.ts';
import type { ClockRef, ControlRef } from '../finding.ts';
import { compileExpression, type Expression } from './expression.ts';
import type { CompiledClock } from './fix-clock.ts';

export type CompiledControl = { readonly control: PolicyControl; readonly policy: string; readonly pass?: Expression };

export type PolicySet = {
  readonly policies: readonly Policy[];
  readonly clocks: readonly CompiledClock[];
  readonly controls: readonly CompiledControl[];
  /** Changes whenever a policy does. */
  readonly text: string;
};

type Where = (path: readonly (string | number)[]) => string;

/** Compiles; refuses with `policy-invalid`, naming file and line of the first expression that does not hold. */
function compilePolicy(policy: Policy, where: Where, trusted: boolean): Result<Pick<PolicySet, 'clocks' | 'controls'>> {
  const clocks: CompiledClock[] = [];
  for (const [at, clock] of policy.clocks.entries()) {
    const compile = (text: string, path: readonly string[], result = 'bool'): Result<Expression> => {
      const compiled = compileExpression(text, 'clock', trusted, result);
      if (compiled.ok) return compiled;
      const { message, ...more } = compiled.refusal;
      return refuse('policy-invalid', `${where(['clocks', at, ...path])}: clock ${clock.id}: ${message}`, more);
    };
    const when = clock.when === undefined ? undefined : compile(clock.when, ['when']);
    if (when?.ok === false) return when;
    const inputs = new Map<string, Expression>();
    for (const [name, text] of Object.entries(clock.decision?.inputs ?? {})) {
      const input = compile(text, ['decision', 'inputs', name], 'any');
      if (!input.ok) return input;
      inputs.set(name, input.value);
    }
    for (const [row, { when: wanted }] of (clock.decision?.rows ?? []).entries())
      for (const name of Object.keys(wanted))
        if (!inputs.has(name))
          return refuse(
            'policy-invalid',
            `${where(['clocks', at, 'decision', 'rows', row])}: clock ${clock.id}: the table has no column ${name}; it has ${[...inputs.keys()].join(', ')}`,
          );
    clocks.push({
      clock,
      policy: policy.id,
      status: policy.status,
      ...(when?.ok === true && { when: when.value }),
      ...(inputs.size > 0 && { inputs }),
    });
  }
  const controls: CompiledControl[] = [];
  for (const [at, control] of (policy.controls ?? []).entries()) {
    const pass = control.pass === undefined ? undefined : compileExpression(control.pass, 'document', trusted);
    if (pass?.ok === false)
      return refuse(
        'policy-invalid',
        `${where(['controls', at, 'pass'])}: control ${control.id}: ${pass.refusal.message}`,
        {
          ...(pass.refusal.remedy !== undefined && { remedy: pass.refusal.remedy }),
        },
      );
    controls.push({ control, policy: policy.id, ...(pass?.ok === true && { pass: pass.value }) });
  }
  return ok({ clocks, controls });
}

/** One policy from a file. Refuses with `policy-invalid`. */
export function readPolicy(
  text: string,
  file: string,
): Result<Policy & { readonly compiled: Pick<PolicySet, 'clocks' | 'controls'> }> {
  const parsed = parseYamlFile<Policy>(text, file, { kind: 'policy', valid: isPolicy, reference: 'policy' });
  if (!parsed.ok) return parsed;
  const { value, line } = parsed.value;
  const compiled = compilePolicy(value, (path) => `${file}, line ${line(path)}`, false);
  return compiled.ok ? ok({ ...value, compiled: compiled.value }) : compiled;
}

/** Those that come with the program, those of a folder beside or instead of them (the same id replaces). */
export function loadPolicies(folder: string | undefined): Result<PolicySet> {
  const own: (Policy & { compiled: Pick<PolicySet, 'clocks' | 'controls'> })[] = [];
  if (folder !== undefined) {
    const names = listPolicyFiles(folder);
    if (!names.ok) return names;
    for (const name of names.value) {
      const policy = readPolicy(readFileSync(name, 'utf8'), name);
      if (!policy.ok) return policy;
      own.push(policy.value);
    }
  }
  return assemble(own);
}

function listPolicyFiles(folder: string): Result<string[]> {
  try {
    if (statSync(folder).isFile()) return ok([folder]);
    return ok(
      readdirSync(folder)
        .filter((name) => /\.(?:ya?ml|json)$/.test(name))
        .toSorted()
        .map((name) => join(folder, name)),
    );
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('policy-unreadable', `${folder} cannot be read (${code})`, {
      remedy: 'check the path given with --policies',
    });
  }
}

function assemble(own: readonly (Policy & { compiled: Pick<PolicySet, 'clocks' | 'controls'> })[]): Result<PolicySet> {
  const replaced = new Set(own.map(({ id }) => id));
  const clocks: CompiledClock[] = [];
  const controls: CompiledControl[] = [];
  const policies: Policy[] = [];
  for (const policy of builtInPolicies.filter(({ id }) => !replaced.has(id))) {
    const compiled = compilePolicy(policy, () => `policies/${policy.id}.json`, true);
    if (!compiled.ok) return compiled;
    policies.push(policy);
    clocks.push(...compiled.value.clocks);
    controls.push(...compiled.value.controls);
  }
  for (const { compiled, ...policy } of own) {
    policies.push(policy);
    clocks.push(...compiled.clocks);
    controls.push(...compiled.controls);
  }
  for (const list of [clocks.map(({ clock }) => clock.id), controls.map(({ control }) => control.id)]) {
    const twice = list.find((id, at) => list.indexOf(id) !== at);
    if (twice !== undefined)
      return refuse('policy-invalid', `${twice} stands in two policies`, {
        remedy: 'give the own one another id, or its policy the id of the one that it is to replace',
      });
  }
  return ok({ policies, clocks, controls, text: JSON.stringify(policies) });
}

/** The policies that apply unless somebody chose: those in force and own ones; proposed and historical ones only by name. */
export function choosePolicies(set: PolicySet, chosen: readonly string[] | undefined): Result<PolicySet> {
  const strange = chosen?.find((id) => !set.policies.some((policy) => policy.id === id));
  if (strange !== undefined)
    return refuse('policy-unknown', `there is no policy ${strange}`, {
      remedy: `choose among ${set.policies.map(({ id }) => id).join(', ')}`,
    });
  const takes = ({ id, status }: Policy): boolean =>
    chosen === undefined ? status === 'in-force' || status === 'own' : chosen.includes(id) || id === 'affiant';
  const policies = set.policies.filter(takes);
  const ids = new Set(policies.map(({ id }) => id));
  return ok({
    policies,
    clocks: set.clocks.filter(({ policy }) => ids.has(policy)),
    controls: set.controls.filter(({ policy }) => ids.has(policy)),
    text: JSON.stringify(policies),
  });
}

export function clockRef({ clock, status }: CompiledClock, limit?: string): ClockRef {
  return {
    id: clock.id,
    title: clock.title,
    source: clock.source,
    verified: clock.verified,
    status,
    limit: limit ?? (clock.limit === undefined ? 'set by the organisation' : limitInWords(clock.limit)),
  };
}

/** The controls that a breach of the clock breaks. */
export function controlsOf(set: PolicySet, clockId: string): readonly ControlRef[] {
  const known = controlsByClock.get(set) ?? new Map<string, readonly ControlRef[]>();
  controlsByClock.set(set, known);
  const found =
    known.get(clockId) ??
    set.controls
      .filter(({ control }) => control.clocks.includes(clockId))
      .map(({ control }) => ({ id: control.id, source: control.source, verified: control.verified }));
  known.set(clockId, found);
  return found;
}

/** Each finding asks. */
const controlsByClock = new WeakMap<PolicySet, Map<string, readonly ControlRef[]>>();
