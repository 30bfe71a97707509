/**
 * Findings of a part of the packs, folder by folder: what was read of one is let go before the next. A server whose
 * packs lie in one folder, as `affiant fetch` and a spool have them, is judged at once, on the supposition that no
 * other folder has packs of it; whoever joins the parts (fleet.ts) finds out, and judges the others anew.
 */
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditOptions } from '../../../audit/audit-host.ts';
import { auditMemory } from '../../../audit/context.ts';
import { type EntrySummary, mergeSummaries } from '../../../audit/entry-summary.ts';
import { sourceOver } from '../../../audit/evidence-source.ts';
import { documentsOver, type ListedPack, type OrderedRefusal, readListed } from '../../../audit/evidence-stream.ts';
import { cacheHeld, type ReadMemory, readMemory } from '../../../audit/read-packs.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import type { Asked } from '../audit-source.ts';
import { placesOf } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { judge, type Page, type Standing } from './judge.ts';

/** An answer of one server: where its text stands in the part's file. */
export type Written = { readonly at: number; readonly length: number; readonly standing: Standing };

export type FolderServer = { readonly targetIds: readonly string[]; readonly written: readonly Written[] };

export type JudgedFolder = {
  readonly path: string;
  readonly servers: readonly FolderServer[];
  /** Digests of documents that its packs leave out, and that no pack before had. */
  readonly lost: readonly string[];
};

export type JudgedPart = {
  readonly summary: EntrySummary;
  readonly refused: readonly OrderedRefusal[];
  readonly folders: readonly JudgedFolder[];
  /** How many statements of persons were taken into account. */
  readonly attestations: number;
};

/** The packs that lie in one folder, those below it not among them. */
export function byFolder(listed: readonly ListedPack[]): Map<string, ListedPack[]> {
  return Map.groupBy(listed, ({ path }) => dirname(path));
}

/** Writes texts to the open file. Refuses as `sourceOver` and `readListed` do; `memory` says afterwards which pack holds what. */
export function judgePart(
  { request, folders: given, at }: Pick<Asked, 'request' | 'folders' | 'at'>,
  listed: readonly ListedPack[],
  page: Page,
  file: number,
  io: Io,
): Result<{ readonly part: JudgedPart; readonly memory: ReadMemory }> {
  const places = placesOf(given, io);
  const memory = readMemory(request.cache, undefined, { unchangedBy: request.unchangedBy });
  const known = sourceOver(request, () =>
    ok({
      own: {},
      refused: [],
      keyIds: new Set(),
      replayed: false,
      documents: documentsOver(places, request.trust, memory),
    }),
  );
  if (!known.ok) return known;
  const options: AuditOptions = { ...known.value.options, at, memory: auditMemory() };
  const summaries: EntrySummary[] = [];
  const refused: OrderedRefusal[] = [];
  const folders: JudgedFolder[] = [];
  let length = 0;
  const write = (text: string): number => {
    const bytes = Buffer.from(text, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    return bytes.length;
  };
  for (const [path, packs] of byFolder(listed)) {
    const read = readListed(request.trust, packs, places, memory, false);
    if (!read.ok) return read;
    const { store, lost } = read.value;
    refused.push(...read.value.refused);
    summaries.push(store.summary());
    const servers = store.hosts().map(({ targetIds }): FolderServer => {
      const entries = store.placed(targetIds).map(({ entry }) => entry);
      const written = judge(entries, options, undefined, page).map(({ text, standing }): Written => {
        const begins = length;
        length += write(text);
        return { at: begins, length: length - begins, standing };
      });
      return { targetIds, written };
    });
    folders.push({ path, servers, lost });
  }
  request.cache?.flush();
  const held = cacheHeld(memory);
  if (!held.ok) return held;
  const part = {
    summary: mergeSummaries(summaries),
    refused,
    folders,
    attestations: known.value.options.attestations.length,
  };
  return ok({ part, memory });
}

/** Which pack holds each of these documents, as far as a part knows. */
export function holdersOf({ holders }: ReadMemory, digests: readonly string[]): [string, string][] {
  return digests.flatMap((digest): [string, string][] => {
    const path = holders.get(digest);
    return path === undefined ? [] : [[digest, path]];
  });
}
