/** The folder of a sweep: one pack a server, and the signed summary, which is the truth of what is done. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../evidence/digest.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Signer } from '../../evidence/signing-key.ts';
import { decodeSweep, encodeSweep } from '../../evidence/sweep.ts';
import type { SweepPredicate, SweptHost } from '../../schemas/generated/types.ts';
import { removeParts, writeWhole } from './write-whole.ts';

export const summaryName = 'sweep.json';
export const packName = (name: string): string => `${name}.pack.json`;

/** The summary that is there; undefined in a new folder. Refuses one that another key signed or that was changed. */
export function readSummary(folder: string, signer: Signer): Result<SweepPredicate | undefined> {
  const file = join(folder, summaryName);
  if (!existsSync(file)) return ok(undefined);
  const elsewhere = 'name another folder with --out, or take sweep.json out of this one';
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return refuse('sweep-unreadable', `${file} cannot be read (${codeOf(error)})`, { remedy: elsewhere });
  }
  const read = decodeSweep(bytes);
  if (!read.ok) return refuse('sweep-unreadable', `${file}: ${read.refusal.message}`, { remedy: elsewhere });
  return read.value.key.keyId === signer.keyId
    ? ok(read.value.predicate)
    : refuse('sweep-of-another', `${file} was signed by another key than the one of this state folder`, {
        remedy: elsewhere,
      });
}

/** Whether the pack that the summary names lies there, byte for byte. */
export function isThere(folder: string, { name, outcome, pack }: SweptHost): boolean {
  if (outcome !== 'collected' || pack === undefined) return false;
  try {
    return sha256Hex(readFileSync(join(folder, packName(name)))) === pack;
  } catch {
    return false;
  }
}

/** Makes it where it is missing. What a sweep that was killed left half written goes; no other writes here while the state folder is held. */
export function openFolder(folder: string): Result<undefined> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeParts(folder);
    return ok(undefined);
  } catch (error) {
    return refuse('out-unwritable', `${folder} cannot be made (${codeOf(error)})`, {
      remedy: 'name a folder that you may write to',
    });
  }
}

export function writePackOf(folder: string, name: string, bytes: Uint8Array): Result<undefined> {
  return writeWhole(join(folder, packName(name)), bytes);
}

export function writeSummary(folder: string, predicate: SweepPredicate, signer: Signer): Result<undefined> {
  return writeWhole(join(folder, summaryName), encodeSweep(predicate, signer));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
