/**
 * Entries of one folder as one text: most bundles say what the one before said, so each is written as what differs
 * from it, and what is long and comes again once. Pure. What is read shares its parts as what was written did: a fact
 * that did not change is one object.
 */
import type { HistoryEntry } from './history-model.ts';

/** An entry without the path under which the pack was found. */
export type CachedEntry = Omit<HistoryEntry, 'file'>;

/** A pack that was verified whole. */
export type KeptPack = {
  /** Of its file, within the folder. */
  readonly name: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string;
  /** Of its file when it was read (file-identity.ts); missing where that could not be relied on. */
  readonly identity?: string;
  readonly entry: CachedEntry;
};

type Members = Readonly<Record<string, unknown>>;

/** A part by its number, or the value itself as the only item of a list. */
type Written = number | readonly [unknown];

/** One member of the entry, or, with a second number, one member of that member; by their places in the entry before. */
type Change = readonly [member: number, within: number, value: Written];

/** Changes after the entry before, or all of it. */
type Row = readonly [name: string, digest: string, identity: string, changes: readonly Change[] | Members];

type Body = { readonly parts: readonly unknown[]; readonly rows: readonly Row[] };

/** Shorter ones stand where they are. */
const shortPart = 60;

/** `before`: the entry that the first of them is told from; the same has to be given to `readPacks`. */
export function writePacks(packs: readonly KeptPack[], before?: CachedEntry): string {
  const parts: unknown[] = [];
  const byText = new Map<string, number>();
  const byObject = new Map<unknown, number>();
  const write = (value: unknown): Written => {
    if (typeof value !== 'object' && typeof value !== 'string') return [value];
    const known = byObject.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    if (text.length <= shortPart) return [value];
    const number = byText.get(text) ?? parts.push(value) - 1;
    byText.set(text, number);
    byObject.set(value, number);
    return number;
  };
  let last = before === undefined ? undefined : defined(before);
  const rows = packs.map(({ name, digest, identity = '', entry }): Row => {
    const now = defined(entry);
    const changes = last === undefined ? undefined : changesOf(last, now, write);
    last = now;
    return [name, digest, identity, changes ?? now];
  });
  return JSON.stringify({ parts, rows } satisfies Body);
}

/** What is not there and what is undefined is the same in a text. */
function defined(entry: CachedEntry): Members {
  const seen = Object.fromEntries(Object.entries(entry.seen).filter(([, value]) => value !== undefined));
  return Object.fromEntries(Object.entries({ ...entry, seen }).filter(([, value]) => value !== undefined));
}

/** Undefined where not the same members stand in the same order: what is printed must not depend on the cache. */
function changesOf(before: Members, now: Members, write: (value: unknown) => Written): Change[] | undefined {
  const names = Object.keys(now);
  if (!isSameList(Object.keys(before), names)) return undefined;
  const changes: Change[] = [];
  for (const [at, name] of names.entries()) {
    const [one, other] = [before[name], now[name]];
    if (isSame(one, other)) continue;
    const within = isPlain(one) && isPlain(other) ? Object.keys(other) : [];
    if (!isPlain(one) || !isPlain(other) || !isSameList(Object.keys(one), within)) {
      changes.push([at, -1, write(other)]);
      continue;
    }
    for (const [inner, member] of within.entries())
      if (!isSame(one[member], other[member])) changes.push([at, inner, write(other[member])]);
  }
  return changes;
}

function isPlain(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}

/** Whether both are written the same; without writing them. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((each, at) => isSame(each, other[at]))
    );
  const names = Object.keys(one);
  return (
    isSameList(names, Object.keys(other)) &&
    names.every((name) => isSame((one as Members)[name], (other as Members)[name]))
  );
}

/** Throws on a text that `writePacks` did not write. */
export function readPacks(text: string, before?: CachedEntry): KeptPack[] {
  const { parts, rows } = JSON.parse(text) as Body;
  const valueOf = (written: Written): unknown => (typeof written === 'number' ? parts[written] : written[0]);
  let last = before === undefined ? undefined : defined(before);
  return rows.map(([name, digest, identity, changes]): KeptPack => {
    last = isChanges(changes) ? changed(last, changes, valueOf) : changes;
    return { name, digest, ...(identity !== '' && { identity }), entry: last as CachedEntry };
  });
}

function isChanges(changes: readonly Change[] | Members): changes is readonly Change[] {
  return Array.isArray(changes);
}

function changed(
  before: Members | undefined,
  changes: readonly Change[],
  valueOf: (written: Written) => unknown,
): Members {
  if (before === undefined) throw new TypeError('changes of nothing');
  const names = Object.keys(before);
  const next: Record<string, unknown> = { ...before };
  let open: string | undefined;
  let inner: Record<string, unknown> = {};
  let innerNames: readonly string[] = [];
  for (const [at, within, written] of changes) {
    const name = names[at] ?? '';
    if (within < 0) {
      next[name] = valueOf(written);
      continue;
    }
    if (open !== name) {
      open = name;
      inner = { ...(before[name] as Members) };
      innerNames = Object.keys(inner);
      next[name] = inner;
    }
    inner[innerNames[within] ?? ''] = valueOf(written);
  }
  return next;
}
