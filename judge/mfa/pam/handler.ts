/** One line of a stack as libpam holds it once loaded, and what its control makes of each return value. */
import type { PamAction, PamLine } from '../../../schemas/generated/types.ts';

/** A number is a jump over so many. */
export type Action = Exclude<PamAction['action'], 'jump'> | number;

export type HandlerOption = { readonly key: string; readonly value?: string; readonly withheld?: true };

export type Handler = {
  /** `must-fail` calls nothing and returns perm_denied; `unknown` stands for what was not seen or read. */
  readonly kind: 'module' | 'must-fail' | 'substack' | 'unknown';
  /** How many substacks it stands in. */
  readonly level: number;
  /** By return value. */
  readonly actions: readonly Action[];
  readonly file: string;
  readonly line: number;
  readonly control: string;
  readonly module?: string;
  readonly options: readonly HandlerOption[];
  readonly reason?: string;
  /** The module's name without folder, `pam_` and `.so`. */
  readonly name: string;
  /** Module and options; lines of the same key do the same. */
  readonly key: string;
  /** Whether its control can take a bad verdict back. */
  readonly resets: boolean;
};

/** Return values by number (security/_pam_types.h). */
export const results = [
  'success',
  'open_err',
  'symbol_err',
  'service_err',
  'system_err',
  'buf_err',
  'perm_denied',
  'auth_err',
  'cred_insufficient',
  'authinfo_unavail',
  'user_unknown',
  'maxtries',
  'new_authtok_reqd',
  'acct_expired',
  'session_err',
  'cred_unavail',
  'cred_expired',
  'cred_err',
  'no_module_data',
  'conv_err',
  'authtok_err',
  'authtok_recover_err',
  'authtok_lock_busy',
  'authtok_disable_aging',
  'try_again',
  'ignore',
  'abort',
  'authtok_expired',
  'module_unknown',
  'bad_item',
  'conv_again',
  'incomplete',
] as const satisfies readonly Exclude<PamAction['result'], 'default'>[];

export type ResultName = (typeof results)[number];

const numbers = new Map<string, number>(results.map((name, at) => [name, at]));

export function resultNumber(name: ResultName): number {
  return numbers.get(name) ?? 0;
}

export const success = 0;
export const permDenied = resultNumber('perm_denied');
export const ignoreResult = resultNumber('ignore');
export const moduleUnknown = resultNumber('module_unknown');
export const incomplete = resultNumber('incomplete');

export const allBad: readonly Action[] = results.map(() => 'bad');

/** The four words as pam.conf(5) spells them out. */
const words: Readonly<Record<string, { readonly good: Action; readonly ignore?: Action; readonly rest: Action }>> = {
  required: { good: 'ok', ignore: 'ignore', rest: 'bad' },
  requisite: { good: 'ok', ignore: 'ignore', rest: 'die' },
  sufficient: { good: 'done', rest: 'ignore' },
  optional: { good: 'ok', rest: 'ignore' },
};

/** What the line's control does with each return value. Where it has none, everything is bad. */
export function actionsOf(line: PamLine): readonly Action[] {
  if (line.actions !== undefined) return fromList(line.actions);
  const word = typeof line.control === 'string' ? words[line.control.toLowerCase()] : undefined;
  if (word === undefined) return allBad;
  return results.map((name) =>
    name === 'success' || name === 'new_authtok_reqd'
      ? word.good
      : name === 'ignore'
        ? (word.ignore ?? word.rest)
        : word.rest,
  );
}

/** In order: the last word on a value wins, `default` fills what is open at that point, the rest is bad. */
function fromList(list: readonly PamAction[]): readonly Action[] {
  const table: (Action | undefined)[] = results.map(() => undefined);
  for (const { result, action, skip } of list) {
    const does: Action = action === 'jump' ? (skip ?? 0) : action;
    if (result !== 'default') table[resultNumber(result)] = does;
    else for (const [at, held] of table.entries()) table[at] = held ?? does;
  }
  return table.map((does) => does ?? 'bad');
}

/** `unix` for `/lib/security/pam_unix.so`. */
export function moduleName(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.so(?:\.\d+)*$/, '')
    .replace(/^pam_/, '');
}
