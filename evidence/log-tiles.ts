/**
 * Addresses and bytes of a log that is published as tiles (C2SP tlog-tiles, https://c2sp.org/tlog-tiles):
 * `tile/0/x001/067` is a hash tile of 256 hashes, `tile/0/x001/067.p/9` its first nine while it is not full,
 * `tile/entries/…` the entries themselves.
 */
import { leafHash, type NodeReader, nodeHash } from './merkle.ts';

/** Hashes, or entries, of a full tile. */
export const tileWidth = 256;
/** Levels of the tree in one tile. */
export const tileHeight = 8;
const hashBytes = 32;
/** An entry's length is told by two bytes. */
export const maxEntryBytes = 65_535;

export type TileAddress = {
  readonly of: 'hashes' | 'entries';
  /** In tiles: level 1 holds the roots of full tiles of level 0. 0 for entries. */
  readonly level: number;
  readonly index: number;
  /** How many: 256 of a full tile, fewer of a partial one. */
  readonly width: number;
};

/** The address of a path behind `tile/`; undefined where it is none, or not in its one canonical form. */
export function parseTilePath(path: string): TileAddress | undefined {
  const match = /^(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  const [, level = '', groups = '', partial] = match ?? [];
  if (match === null) return undefined;
  const width = partial === undefined ? tileWidth : Number(partial);
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const of = level === 'entries' ? 'entries' : 'hashes';
  const address: TileAddress = { of, level: of === 'entries' ? 0 : Number(level), index, width };
  if (width > tileWidth - (partial === undefined ? 0 : 1) || address.level > 5 || !Number.isSafeInteger(index))
    return undefined;
  return tilePath(address) === path ? address : undefined;
}

/** The path behind `tile/`. */
export function tilePath({ of, level, index, width }: TileAddress): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/[0-9]{3}/g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `${of === 'entries' ? 'entries' : level}/${name}${width < tileWidth ? `.p/${width}` : ''}`;
}

/** The bytes of an entry bundle: each entry behind its length in two bytes, big-endian. Throws RangeError past 65,535 bytes. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > maxEntryBytes) throw new RangeError('an entry of the log is longer than 65,535 bytes');
      return [Buffer.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** The entries of a bundle of exactly `width`; undefined where the bytes are not that. */
export function decodeEntries(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const length = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    if (at + 2 + length > bytes.length) return undefined;
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return at === bytes.length && entries.length === width ? entries : undefined;
}

/** The hashes of a tile's bytes; undefined where the length is not that of `width` hashes. */
export function tileHashesOf(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  if (bytes.length !== width * hashBytes) return undefined;
  return Array.from({ length: width }, (_, index) => bytes.subarray(index * hashBytes, (index + 1) * hashBytes));
}

/** Where a node of the tree is found: the tile, and the hashes of it that lie under the node. */
export function placeInTile(
  level: number,
  index: number,
): { level: number; index: number; begin: number; length: number } {
  const length = 2 ** (level % tileHeight);
  const first = index * length;
  const tile = Math.floor(first / tileWidth);
  return { level: Math.floor(level / tileHeight), index: tile, begin: first - tile * tileWidth, length };
}

/** A tree's nodes made from hashes of tiles; throws RangeError where a tile lacks what is asked. */
export function nodesFromTiles(tile: (level: number, index: number) => readonly Uint8Array[]): NodeReader {
  return {
    get(level, index) {
      const place = placeInTile(level, index);
      let row = tile(place.level, place.index).slice(place.begin, place.begin + place.length);
      if (row.length !== place.length) throw new RangeError(`the stored tree lacks node ${level}/${index}`);
      while (row.length > 1) row = pairs(row);
      return row[0] ?? new Uint8Array();
    },
  };
}

function pairs(row: readonly Uint8Array[]): Uint8Array[] {
  return Array.from({ length: row.length / 2 }, (_, index) =>
    nodeHash(row[index * 2] ?? new Uint8Array(), row[index * 2 + 1] ?? new Uint8Array()),
  );
}

/** Whether the hashes are those of the entries: what a reader of both checks. */
export function areHashesOf(hashes: readonly Uint8Array[], entries: readonly Uint8Array[]): boolean {
  return (
    hashes.length === entries.length &&
    entries.every((entry, index) => Buffer.compare(leafHash(entry), hashes[index] ?? new Uint8Array()) === 0)
  );
}
