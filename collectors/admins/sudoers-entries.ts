/** The entries of one sudoers(5) file, as written: nothing is resolved, nothing is included yet. */
import type { SudoDefault, SudoOptions, SudoRule } from '../../schemas/generated/types.ts';

export type ListKind = 'user' | 'run-as' | 'host' | 'command';

/** A member of a list. `name` is as a document gives it; `alias` may be one, or a plain name in capitals. */
export type Member = { readonly kind: 'all' | 'alias' | 'name'; readonly name: string; readonly negated: boolean };

export type CommandMember = {
  readonly kind: 'all' | 'alias' | 'command';
  readonly name: string;
  readonly args?: string;
  readonly digests: readonly string[];
  readonly negated: boolean;
};

export type Tag = SudoRule['tags'][number];
export type OptionName = keyof SudoOptions;

/** One command with all that holds for it, taken over from the command before it where it says nothing itself. */
export type CommandSpec = {
  /** Empty: as oneself. Undefined: no list was written. */
  readonly runAsUsers: readonly Member[] | undefined;
  readonly runAsGroups: readonly Member[] | undefined;
  readonly options: Readonly<Partial<Record<OptionName, string>>>;
  readonly tags: readonly Tag[];
  readonly command: CommandMember;
};

export type Setting = {
  readonly setting: string;
  readonly operation: SudoDefault['operation'];
  readonly value?: string;
};

export type Entry = { readonly line: number } & (
  | { readonly kind: 'include'; readonly path: string; readonly folder: boolean }
  | {
      readonly kind: 'alias';
      readonly list: ListKind;
      readonly name: string;
      readonly members: readonly (Member | CommandMember)[];
    }
  | {
      readonly kind: 'defaults';
      readonly scope?: { readonly list: ListKind; readonly members: readonly (Member | CommandMember)[] };
      readonly settings: readonly Setting[];
    }
  | {
      readonly kind: 'rule';
      readonly users: readonly Member[];
      readonly privileges: readonly { readonly hosts: readonly Member[]; readonly specs: readonly CommandSpec[] }[];
    }
);
