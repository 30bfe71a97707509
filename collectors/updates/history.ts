/** Transactions of all families in one form, the newest first, within bounds. */
import type { PackageChange, UpdateTransaction } from '../../schemas/generated/types.ts';
import { toText } from '../text.ts';
import { fieldText, withoutUserInfo } from './field-text.ts';
import { instantOf } from './instant.ts';

const maxTransactions = 100;
const maxChanges = 200;

export type Found = {
  /** RFC 3339. */
  readonly at: string;
  readonly basis: UpdateTransaction['basis'];
  readonly commandLine?: string | undefined;
  readonly outcome?: UpdateTransaction['outcome'] | undefined;
  readonly changes: readonly PackageChange[];
};

export function transaction({ at, basis, commandLine, outcome, changes }: Found): UpdateTransaction {
  const leftOut = changes.length - maxChanges;
  return {
    at,
    basis,
    // A command line can name a proxy with its password.
    ...(commandLine === undefined || commandLine === ''
      ? {}
      : { commandLine: toText(withoutUserInfo(commandLine).slice(0, 4096)) }),
    ...(outcome === undefined ? {} : { outcome }),
    changes: changes.slice(0, maxChanges),
    ...(leftOut > 0 ? { changesLeftOut: leftOut } : {}),
  };
}

/** Those without changes are none. Of two at the same time the one that the log has later counts as newer. */
export function newestFirst(found: readonly Found[]): UpdateTransaction[] {
  return found
    .filter(({ changes }) => changes.length > 0)
    .toReversed()
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, maxTransactions)
    .map(transaction);
}

type Named = { readonly name: string; readonly architecture?: string | undefined };

export function change(
  action: PackageChange['action'],
  { name, architecture }: Named,
  from?: string,
  to?: string,
): PackageChange {
  return {
    action,
    name: fieldText(name, 256),
    ...(architecture === undefined || architecture === '' ? {} : { architecture: fieldText(architecture, 64) }),
    ...(from === undefined ? {} : { from: fieldText(from, 256) }),
    ...(to === undefined ? {} : { to: fieldText(to, 256) }),
  };
}

/** How many of a transaction's changes were of a kind; changes that were left out are not counted. */
export function countOf(changes: readonly PackageChange[], ...actions: readonly PackageChange['action'][]): number {
  return changes.filter(({ action }) => actions.includes(action)).length;
}

/** A package and the second since 1970 at which the database saw it change. */
export type Dated = {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly at: number;
};

/** Packages that changed within this time of each other count as one transaction. */
const pauseSeconds = 300;

/** What the database alone tells: which packages came at about the same time, not what was there before. Oldest first. */
export function transactionsByTime(packages: readonly Dated[]): Found[] {
  const groups: { first: number; last: number; entries: Dated[] }[] = [];
  for (const entry of packages.toSorted((a, b) => a.at - b.at)) {
    const open = groups.at(-1);
    if (open !== undefined && entry.at - open.last <= pauseSeconds) {
      open.last = entry.at;
      open.entries.push(entry);
    } else groups.push({ first: entry.at, last: entry.at, entries: [entry] });
  }
  return groups.map(({ first, entries }) => ({
    at: instantOf(first * 1000),
    basis: 'database',
    changes: entries.map((entry) => change('installed', entry, undefined, entry.version)),
  }));
}
