/**
 * Conditions in CEL: checked before they run, bounded while they run, and never true by what nobody saw.
 * The language: https://github.com/google/cel-spec. Decision 028 tells what the library leaves to us.
 */
import { createContext, Script } from 'node:vm';
import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import admins from '../../schemas/admins.schema.json' with { type: 'json' };
import edr from '../../schemas/edr.schema.json' with { type: 'json' };
import host from '../../schemas/host.schema.json' with { type: 'json' };
import identityProvider from '../../schemas/identity-provider.schema.json' with { type: 'json' };
import mfa from '../../schemas/mfa.schema.json' with { type: 'json' };
import packages from '../../schemas/packages.schema.json' with { type: 'json' };
import updates from '../../schemas/updates.schema.json' with { type: 'json' };

/** What an expression comes to. `unseen`: pointers of facts whose value it asked for and nobody could see. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'undetermined'; readonly why: string; readonly unseen: readonly string[] };

export type Expression = { readonly text: string; run(variables: Readonly<Record<string, unknown>>): Outcome };

/** clock: of a fix and a server. document: of documents by name. */
export type Scope = 'clock' | 'document';

/** Documents that an expression may read, each with the facts that its schema has: a wrong name is an error at once. */
const documentSchemas = { admins, edr, host, identityProvider, mfa, packages, updates };

export const fixFields = {
  id: 'string',
  product: 'string',
  productKind: 'string',
  severity: 'string',
  vendorSeverity: 'string',
  cvss: 'double',
  exploited: 'bool',
  kev: 'bool',
  automatable: 'bool',
  technicalImpact: 'string',
  requiresUpgrade: 'bool',
  releasedAt: 'string',
} as const;
export const hostFields = {
  exposure: 'string',
  role: 'string',
  criticality: 'string',
  owner: 'string',
  os: 'string',
  name: 'string',
} as const;

const limits = { maxAstNodes: 2000, maxDepth: 40, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 };
/** Comprehensions in one another: each multiplies the cost by the length of a list. */
const maxNesting = 2;
/** Milliseconds of one evaluation; the slowest honest one seen takes under one. */
const deadlineMs = 250;

function environment(scope: Scope): Environment {
  const base = new Environment({ unlistedVariablesAreDyn: false, limits });
  if (scope === 'clock')
    return base
      .registerVariable('fix', { schema: { ...fixFields } })
      .registerVariable('host', { schema: { ...hostFields } });
  return Object.entries(documentSchemas).reduce(
    (all, [name, schema]) =>
      all.registerVariable(name, {
        schema: Object.fromEntries(Object.keys(schema.properties).map((fact) => [fact, 'dyn'])),
      }),
    base.registerVariable('inventory', { schema: { ...hostFields } }),
  );
}

const environments = new Map<Scope, Environment>();

/** Refuses with `expression-invalid`: position, what is wrong, and what is known there. `trusted` ones run without a deadline. */
export function compileExpression(text: string, scope: Scope, trusted = false, result = 'bool'): Result<Expression> {
  const known = environments.get(scope) ?? environment(scope);
  environments.set(scope, known);
  let parsed: ParseResult;
  try {
    parsed = known.parse(text);
  } catch (error) {
    return invalid(text, error);
  }
  const check = parsed.check();
  if (!check.valid) return invalid(text, check.error);
  if (result !== 'any' && check.type !== result && check.type !== 'dyn')
    return refuse('expression-invalid', `the expression gives ${check.type ?? 'nothing'}, not ${result}: ${text}`);
  if (nesting(parsed.ast) > maxNesting)
    return refuse(
      'expression-invalid',
      `the expression has comprehensions ${nesting(parsed.ast)} deep, more than the ${maxNesting} allowed`,
      { remedy: 'split it into several controls' },
    );
  return ok({ text, run: (variables) => run(parsed, variables, trusted) });
}

function invalid(text: string, error: unknown): Result<never> {
  const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'it cannot be read';
  const start = rangeStart(error);
  const at = start === undefined ? '' : ` at character ${start + 1} (${JSON.stringify(text.slice(start, start + 24))})`;
  return refuse('expression-invalid', `${message}${at}`, {
    remedy: `fix has ${Object.keys(fixFields).join(', ')}; host has ${Object.keys(hostFields).join(', ')}; documents have the facts of their schemas`,
  });
}

function rangeStart(error: unknown): number | undefined {
  const range: unknown =
    typeof error === 'object' && error !== null && 'range' in error
      ? error.range
      : typeof error === 'object' && error !== null && 'node' in error
        ? error.node
        : undefined;
  return typeof range === 'object' && range !== null && 'start' in range && typeof range.start === 'number'
    ? range.start
    : undefined;
}

const comprehensions = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'existsOne', 'transformList']);

/** How deep comprehensions stand in one another. */
function nesting(node: unknown): number {
  if (Array.isArray(node)) return Math.max(0, ...node.map(nesting));
  if (!isNode(node)) return 0;
  const inner = nesting(node.args);
  const isOne = node.op === 'rcall' && comprehensions.has(node.args[0]);
  return inner + (isOne ? 1 : 0);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

type Task = { work: (() => unknown) | undefined };
const task: Task = { work: undefined };
const sandbox = createContext({ go: () => task.work?.() });
const script = new Script('go()');

/** V8 ends what has not ended by then, wherever it stands. */
function withDeadline(work: () => unknown): unknown {
  task.work = work;
  try {
    return script.runInContext(sandbox, { timeout: deadlineMs });
  } finally {
    task.work = undefined;
  }
}

function run(parsed: ParseResult, variables: Readonly<Record<string, unknown>>, trusted: boolean): Outcome {
  const touched = new Set<string>();
  const watched = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, watch(value, name, touched)]),
  );
  try {
    const value: unknown = trusted ? parsed(watched) : withDeadline(() => parsed(watched));
    return touched.size === 0
      ? { kind: 'value', value }
      : { kind: 'undetermined', why: `not seen: ${[...touched].join(', ')}`, unseen: [...touched] };
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    const why =
      code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
        ? `the expression did not end within ${deadlineMs} ms and was stopped`
        : touched.size > 0
          ? `not seen: ${[...touched].join(', ')}`
          : error instanceof Error
            ? (error.message.split('\n', 1)[0] ?? '')
            : 'it failed';
    return { kind: 'undetermined', why, unseen: [...touched] };
  }
}

const unseenStatuses = new Set(['absent', 'not-applicable', 'denied', 'unsupported', 'timed-out', 'failed']);

/** A copy in which a fact without a value tells when its value, or what it is made of, is asked for. */
function watch(value: unknown, pointer: string, touched: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((each, at) => watch(each, `${pointer}/${at}`, touched));
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, watch(each, `${pointer}/${name}`, touched)]),
  );
  const status: unknown = copy['status'];
  const isUnseen = typeof status === 'string' && unseenStatuses.has(status) && 'sources' in copy;
  if (!isUnseen) return copy;
  const note = (): void => void touched.add(pointer);
  return new Proxy(copy, {
    get: (target, name) => {
      if (name === 'value') note();
      return Reflect.get(target, name) as unknown;
    },
    has: (target, name) => {
      if (name === 'value') note();
      return Reflect.has(target, name);
    },
    getOwnPropertyDescriptor: (target, name) => {
      if (name === 'value') note();
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    ownKeys: (target) => {
      note();
      return Reflect.ownKeys(target);
    },
  });
}
