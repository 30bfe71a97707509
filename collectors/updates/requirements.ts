/**
 * A package database that was cut short is a shorter one: whoever reads it says nothing. What is left still names what it
 * needs, and package managers keep those needs met.
 */

export type Needs = {
  readonly name: string;
  /** Names that it stands for besides its own, without versions. */
  readonly provides: readonly string[];
  /** Names that it cannot do without, without versions. */
  readonly depends: readonly string[];
};

/**
 * Reason where something needs what is not there: the database has lost packages, or somebody took one away by force.
 * Which of the two cannot be told, so there is no list, and no finding either.
 */
export const requirementsUnmet = 'requirements-unmet';

/** The reasons why a list of packages that could be read is not believed. */
export function isShort(reason: string): boolean {
  return reason === requirementsUnmet || reason === incompleteDatabase;
}

/** Reason where the database has lost packages for certain. */
export const incompleteDatabase = 'database-incomplete';

/** Needs that nothing installed meets, `name needed by package`. A version that does not fit is not a package that was lost. */
export function unmetNeeds(packages: readonly Needs[]): readonly { readonly name: string; readonly by: string }[] {
  const there = new Set(packages.flatMap(({ name, provides }) => [name, ...provides]));
  return packages.flatMap(({ name: by, depends }) =>
    depends.flatMap((name) => (there.has(name) ? [] : [{ name, by }])),
  );
}

/** The names of a list such as `so:libc.musl-x86_64.so.1 foo>=1.2 !bar`, without versions; conflicts are left out. */
export function namesOf(list: string): readonly string[] {
  return list
    .split(/\s+/)
    .map((word) => word.replace(/[<>=~@].*$/, ''))
    .filter((name) => name !== '' && !name.startsWith('!'));
}
