/** `chain.json`: a note of where the chain ends. */
import { canonicalText } from '../../evidence/canonical-json.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import type { ChainLink, ForkOrigin } from '../../schemas/generated/types.ts';
import { writeDurably } from './durable.ts';
import { type PackFile, packName, placeOf } from './pack-file.ts';
import { pathIn, type State } from './state.ts';

export type Head = {
  /** The chain's id. */
  readonly id: string;
  /** Place, digest and claimed end of the newest bundle; absent while the chain has none. */
  readonly sequence?: number;
  readonly digest?: string;
  /** Carried over from the chain before, too: the clock goes on. */
  readonly finishedAt?: string;
  readonly forkOf?: ForkOrigin;
  /** When the fork was made. */
  readonly forkedAt?: string;
  /** Chains before this one, oldest first: the order in which their packs go out. */
  readonly earlier: readonly string[];
};

export function writeHead(state: State, head: Head): void {
  writeDurably(state.files, pathIn(state, 'chain.json'), Buffer.from(canonicalText(head)));
}

/** Undefined where the bytes are not a head. */
export function parseHead(bytes: Uint8Array): Head | undefined {
  const parsed = parseStrictJson(bytes, { maxBytes: 65536, maxDepth: 4 });
  return parsed.ok && isHead(parsed.value) ? parsed.value : undefined;
}

/** What the next statement says of its place. */
export function nextLink(head: Head): ChainLink {
  if (head.sequence === undefined || head.digest === undefined)
    return { id: head.id, sequence: 0, ...(head.forkOf === undefined ? {} : { forkOf: head.forkOf }) };
  return { id: head.id, sequence: head.sequence + 1, previous: head.digest };
}

/** The file name of the head's bundle; undefined while the chain has none. */
export function headName({ id, sequence }: Head): string | undefined {
  return sequence === undefined ? undefined : packName(id, sequence);
}

/** The head after a bundle. */
export function headAfter(head: Head, { statement, digest }: PackFile): Head {
  const { chain, run } = statement.predicate;
  return { ...head, sequence: chain.sequence, digest, finishedAt: run.finishedAt };
}

/** Names of packs in the order of the chains and of the places in them; other names are left out. */
export function inChainOrder(names: readonly string[], head: Pick<Head, 'id' | 'earlier'> | undefined): string[] {
  const chains = head === undefined ? [] : [...head.earlier, head.id].map((id) => id.slice(0, 8));
  const places = names.flatMap((name) => {
    const place = placeOf(name);
    return place === undefined ? [] : [{ ...place, name, rank: chains.indexOf(place.chain8) }];
  });
  return places
    .toSorted(
      (left, right) => left.rank - right.rank || compare(left.chain8, right.chain8) || left.sequence - right.sequence,
    )
    .map(({ name }) => name);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null) return false;
  const { id, sequence, digest, finishedAt, forkOf, forkedAt, earlier } = value as { [K in keyof Head]?: unknown };
  return (
    isHex(id, 32) &&
    (sequence === undefined ? digest === undefined : Number.isSafeInteger(sequence) && isHex(digest, 64)) &&
    (finishedAt === undefined || isInstant(finishedAt)) &&
    (forkedAt === undefined || isInstant(forkedAt)) &&
    (forkOf === undefined || isOrigin(forkOf)) &&
    Array.isArray(earlier) &&
    earlier.every((chain) => isHex(chain, 32))
  );
}

/** Whether it names a bundle by chain, place and digest. */
export function isOrigin(value: unknown): value is ForkOrigin {
  if (typeof value !== 'object' || value === null) return false;
  const { id, sequence, digest } = value as { [K in keyof ForkOrigin]?: unknown };
  return isHex(id, 32) && Number.isSafeInteger(sequence) && isHex(digest, 64);
}

function isHex(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value);
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
