/** Columns of a row with their types; a column of another type is a fault of the program or a broken file, and throws. */
import type { SQLOutputValue } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is not text`);
  return value;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is not a number`);
  return value;
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is not bytes`);
  return value;
}

/** A digest column as hexadecimal. */
export function hexOf(row: Row, column: string): string {
  return Buffer.from(bytesOf(row, column)).toString('hex');
}

/** Hexadecimal for a digest column. */
export function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}
