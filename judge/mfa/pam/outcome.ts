/** What a module can be made to return, by whom, and how sure that is. */
import type { Enrolment, MfaDocument } from '../../../schemas/generated/types.ts';
import type { HandlerOption, ResultName } from './handler.ts';
import { type PamType, textOf } from './load.ts';

export type Category = 'knowledge' | 'possession' | 'inherence';
export const categories: readonly Category[] = ['knowledge', 'possession', 'inherence'];

/**
 * `can`: whoever tries can have it. `bypass`: when something else fails or is undone first (a service that
 * is out of reach, an enrolment that the account itself can remove). `perhaps`: not known, or not modelled.
 */
export type Certainty = 'can' | 'bypass' | 'perhaps';

/** Smaller is surer. */
export function rank(certainty: Certainty): 0 | 1 | 2 {
  return certainty === 'can' ? 0 : certainty === 'bypass' ? 1 : 2;
}

export type Outcome = {
  readonly result: ResultName;
  readonly certainty: Certainty;
  /** In a few words why the module returns that, where it is not plain. */
  readonly because?: string;
};

/**
 * What a module may return, case by case. Several cases stand where something decides that is not known of
 * this subject (which account, from where, at what time); each is looked at on its own.
 */
export type Behaviour = readonly {
  /** Names the case for a person; empty where there is only one. */
  readonly when: string;
  /** Set where nobody knows which case it is: why. Other cases change with the account, the time, the place. */
  readonly unknown?: string;
  readonly outcomes: readonly Outcome[];
}[];

/** Who tries to get in, and where. Whatever is not known is left out. */
export type PamSubject = {
  readonly service: string;
  /** The account that PAM is asked about. Left out: any account. */
  readonly account?: {
    readonly name: string;
    readonly uid?: number;
    readonly gid?: number;
    readonly shell?: string;
    readonly home?: string;
    /** In /etc/passwd of this server. */
    readonly local?: boolean;
    readonly password?: 'set' | 'empty' | 'locked';
    /** Groups that it is known to be in, besides what the document's conditionGroups say. */
    readonly groups?: readonly string[];
  };
  /** Who runs the program, where that is another (su, sudo); root asks nobody. */
  readonly caller?: { readonly name?: string };
  /** Where the request comes from: over the network or at the machine. */
  readonly origin?: 'remote' | 'local';
};

/** The parts of the document that modules are judged by. */
export type PamFacts = Pick<
  MfaDocument,
  | 'pamLookup'
  | 'pamStacks'
  | 'pamModules'
  | 'pamModuleSettings'
  | 'accessRules'
  | 'listFiles'
  | 'conditionGroups'
  | 'enrolments'
>;

/** One call of a module. */
export type Call = {
  readonly module: string;
  readonly type: PamType;
  readonly options: readonly HandlerOption[];
  readonly holds: ReadonlySet<Category>;
  readonly subject: PamSubject;
  readonly facts: PamFacts;
  readonly index: PamIndex;
};

/** What is looked up for every account, ordered once. */
export type PamIndex = {
  /** By the module as the files name it; undefined where nobody looked. */
  readonly present: ReadonlyMap<string, boolean> | undefined;
  readonly enrolments: ReadonlyMap<string, readonly Enrolment[]> | undefined;
};

export function indexOf({ pamModules, enrolments }: PamFacts): PamIndex {
  return {
    present:
      pamModules.status === 'observed'
        ? new Map(pamModules.value.map(({ module, present }) => [textOf(module), present]))
        : undefined,
    enrolments:
      enrolments.status === 'observed' ? Map.groupBy(enrolments.value, ({ account }) => textOf(account)) : undefined,
  };
}

export function hasOption(call: Call, ...names: readonly string[]): boolean {
  return call.options.some(({ key }) => names.includes(key));
}

export function optionValue(call: Call, name: string): string | undefined {
  return call.options.findLast(({ key }) => key === name)?.value;
}

export function can(...names: readonly ResultName[]): Outcome[] {
  return names.map((result) => ({ result, certainty: 'can' as const }));
}

export function bypass(because: string, ...names: readonly ResultName[]): Outcome[] {
  return names.map((result) => ({ result, certainty: 'bypass' as const, because }));
}

export function perhaps(because: string, ...names: readonly ResultName[]): Outcome[] {
  return names.map((result) => ({ result, certainty: 'perhaps' as const, because }));
}

export function always(...outcomes: readonly Outcome[]): Behaviour {
  return [{ when: '', outcomes }];
}

/** A module of which nothing is known: it may answer any of these, always. */
export function anything(name: string, unknown: string, ...names: readonly ResultName[]): Behaviour {
  return names.map((result) => ({
    when: `${name} answers ${result}`,
    unknown,
    outcomes: [{ result, certainty: 'can', because: unknown }],
  }));
}

/** Errors of a module that cannot do its work; nobody can have them at will. */
export const ownErrors: readonly Outcome[] = bypass(
  'the module itself fails',
  'service_err',
  'system_err',
  'buf_err',
  'authinfo_unavail',
  'cred_insufficient',
  'conv_err',
  'authtok_err',
  'authtok_recover_err',
  'abort',
);
