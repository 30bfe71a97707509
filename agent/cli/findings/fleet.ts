/**
 * Findings over all packs, judged in parts: by this thread alone, or by several that have each their own folders. The
 * parts judge what lies in one folder; here servers are joined over all of them, those whose packs lie in several
 * folders are judged anew, and all is printed in one order, whatever the number of threads.
 */
import { readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { AuditOptions } from '../../../audit/audit-host.ts';
import { auditMemory } from '../../../audit/context.ts';
import { hostsOf, inOrder, laterThan, mergeSummaries } from '../../../audit/entry-summary.ts';
import { sourceOver } from '../../../audit/evidence-source.ts';
import { documentsOver, type ListedPack, readListed, spillFrom, withoutOrder } from '../../../audit/evidence-stream.ts';
import type { HostIdentity, RefusedPack } from '../../../audit/history-model.ts';
import { withoutEvidence } from '../../../audit/inventory.ts';
import { readMemory } from '../../../audit/read-packs.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import { type Asked, type AuditArguments, placesOf, tellSource } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { type Judged, judge, type Page } from './judge.ts';
import { byFolder, holdersOf, type JudgedPart, judgePart, type Written } from './part.ts';
import { openTexts } from './texts.ts';
import { startThread } from './thread.ts';

export type FleetFindings = {
  readonly refused: readonly RefusedPack[];
  readonly judged: Iterable<Judged>;
  /** Servers of the inventory of which nobody knows anything. */
  readonly unseen: readonly string[];
};

/** A part, the file of its texts, and what it can still be asked. */
type Part = JudgedPart & {
  readonly file: number;
  holders(digests: readonly string[]): Promise<readonly (readonly [string, string])[]>;
  /** It is asked nothing more. */
  end(): Promise<void>;
};

/** Folders in turn to whoever has the fewest packs: a server's packs lie in one folder, and stay together. */
export function partsOf(listed: readonly ListedPack[], count: number): ListedPack[][] {
  const parts = Array.from({ length: count }, (): ListedPack[] => []);
  for (const packs of byFolder(listed).values())
    parts.reduce((one, other) => (other.length < one.length ? other : one)).push(...packs);
  return parts.filter(({ length }) => length > 0);
}

/**
 * Undefined where it has to be done the slow way: a thread failed, or a statement of a person counts in one part and not
 * in all, or there is no room for texts. Refuses as `judgePart` does.
 */
export async function judgeFleet(
  options: AuditArguments,
  asked: Asked,
  listed: readonly ListedPack[],
  threads: number,
  page: Page,
  io: Io,
): Promise<Result<FleetFindings> | undefined> {
  const { request, folders, at } = asked;
  const parts =
    threads === 1
      ? judgeHere(asked, listed, page, io)
      : await judgeThere(options, asked, partsOf(listed, threads), page, io);
  if (parts?.ok !== true) return parts;
  const targets = await placesOfTargets(parts.value);
  await Promise.all(parts.value.map((part) => part.end()));
  const summary = mergeSummaries(parts.value.map((part) => part.summary));
  const places = placesOf(folders, io);
  const memory = readMemory(request.cache);
  const known = sourceOver(request, () =>
    ok({
      own: {},
      refused: inOrder(parts.value.flatMap(({ refused }) => refused)).map(withoutOrder),
      keyIds: new Set(summary.keyIds),
      replayed: summary.replayed,
      documents: documentsOver(places, request.trust, memory),
    }),
  );
  if (!known.ok) return known;
  const counted = known.value.options.attestations.length;
  if (parts.value.some(({ attestations }) => attestations !== counted)) return undefined;
  const hosts = hostsOf(summary);
  const told = tellSource({ ...known.value, count: summary.count, later: laterThan(summary, at), hosts }, at, io);
  if (!told.ok) return told;
  const foldersOf = Map.groupBy(
    parts.value.flatMap((part) => part.folders.flatMap((folder) => folder.servers.map((of) => ({ part, folder, of })))),
    ({ of }) => of.targetIds.toSorted().join(' '),
  );
  for (const [digest, path] of targets.holders) memory.holders.set(digest, path);
  const judgedOptions: AuditOptions = { ...known.value.options, at, memory: auditMemory() };
  const again = (host: HostIdentity): readonly Judged[] => {
    const paths = new Set(host.targetIds.flatMap((id) => targets.folders.get(id) ?? []));
    const packs = [...byFolder(listed)].filter(([path]) => paths.has(path)).flatMap(([, own]) => own);
    const cache = memory.cache ?? (packs.length > spillFrom ? request.spill?.() : undefined);
    const own = { ...memory, ...(cache !== undefined && { cache }) };
    const read = readListed(request.trust, packs, places, own);
    if (!read.ok) throw new Error(read.refusal.message);
    const entries = read.value.store.placed(host.targetIds).map(({ entry }) => entry);
    return judge(entries, judgedOptions, undefined, page);
  };
  const judged = function* (): Generator<Judged> {
    for (const host of hosts) {
      const found = foldersOf.get(host.targetIds.toSorted().join(' ')) ?? [];
      const [only] = found;
      const isWhole = host.targetIds.every((id) => (targets.folders.get(id) ?? []).length === 1);
      if (only === undefined || found.length > 1 || !isWhole || targets.unsure.has(only.folder.path))
        yield* again(host);
      else yield* readTexts(only.part.file, only.of.written);
    }
  };
  const unseen = withoutEvidence(known.value.options.inventory, hosts, at);
  return ok({ refused: known.value.refused, judged: judged(), unseen });
}

/**
 * In which folders each target's packs lie; and folders of packs that leave out what a pack of another folder has,
 * whose places are the `holders`.
 */
async function placesOfTargets(parts: readonly Part[]): Promise<{
  readonly folders: ReadonlyMap<string, readonly string[]>;
  readonly holders: ReadonlyMap<string, string>;
  readonly unsure: ReadonlySet<string>;
}> {
  const holders = new Map<string, string>();
  const folders = new Map<string, string[]>();
  const all = parts.flatMap((part) => part.folders);
  for (const { path, servers } of all)
    for (const id of servers.flatMap(({ targetIds }) => targetIds)) {
      const known = folders.get(id);
      if (known === undefined) folders.set(id, [path]);
      else known.push(path);
    }
  const lost = [...new Set(all.flatMap((folder) => folder.lost))];
  if (lost.length > 0)
    for (const found of await Promise.all(parts.map((part) => part.holders(lost))))
      for (const [digest, path] of found) holders.set(digest, path);
  const unsure = all.filter((folder) => folder.lost.some((digest) => holders.has(digest)));
  return { folders, holders, unsure: new Set(unsure.map(({ path }) => path)) };
}

function* readTexts(file: number, all: readonly Written[]): Generator<Judged> {
  for (const { at, length, standing } of all) {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const read = readSync(file, bytes, done, length - done, at + done);
      if (read === 0) throw new Error('the file of texts was changed while it was read');
      done += read;
    }
    yield { text: bytes.toString('utf8'), standing };
  }
}

/** Undefined where the file system has no room for texts, which is said: without them it takes longer. */
function judgeHere(asked: Asked, listed: readonly ListedPack[], page: Page, io: Io): Result<Part[]> | undefined {
  try {
    const file = openTexts();
    const judged = judgePart(asked, listed, page, file, io);
    if (!judged.ok) return judged;
    const { part, memory } = judged.value;
    const holders: Part['holders'] = (digests) => Promise.resolve(holdersOf(memory, digests));
    return ok([{ ...part, file, holders, end: () => Promise.resolve() }]);
  } catch (error) {
    if (!tellNoRoom(error, io)) throw error;
    return undefined;
  }
}

const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'ENOENT', 'EMFILE']);

function tellNoRoom(error: unknown, io: Io): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isRoom = error instanceof Error && 'syscall' in error && noRoom.has(code);
  if (isRoom)
    io.err(
      `affiant: ${tmpdir()} takes no temporary file (${code}): this takes longer without; TMPDIR names another folder\n`,
    );
  return isRoom;
}

/** A file for each part; undefined where there is no room. */
function textsFor<T>(parts: readonly T[], io: Io): { readonly own: T; readonly file: number }[] | undefined {
  try {
    return parts.map((own) => ({ own, file: openTexts() }));
  } catch (error) {
    if (!tellNoRoom(error, io)) throw error;
    return undefined;
  }
}

/** Undefined where a thread failed: of whatever kind, this thread finds the same or tells why. */
async function judgeThere(
  options: AuditArguments,
  { at, request: { unchangedBy } }: Asked,
  listed: readonly (readonly ListedPack[])[],
  page: Page,
  io: Io,
): Promise<Result<Part[]> | undefined> {
  const files = textsFor(listed, io);
  if (files === undefined) return undefined;
  const begun = files.map(({ own, file }) => {
    return { file, thread: startThread({ options, from: io.path('.'), at, unchangedBy, listed: own, page, file }) };
  });
  process.once('exit', () => void begun.map(({ thread }) => thread.stop()));
  const end = (): Promise<unknown> => Promise.all(begun.map(({ thread }) => thread.stop()));
  try {
    const parts: Part[] = [];
    for (const { file, thread } of begun) {
      const answer = await thread.receive();
      if (answer.kind === 'refused') {
        await end();
        return { ok: false, refusal: answer.refusal };
      }
      if (answer.kind !== 'judged') continue;
      const holders: Part['holders'] = async (digests) => {
        thread.holders(digests);
        const told = await thread.receive();
        return told.kind === 'holders' ? told.holders : [];
      };
      parts.push({ ...answer.part, file, holders, end: () => thread.stop() });
    }
    return ok(parts);
  } catch (error) {
    await end();
    tellNoRoom(error, io);
    return undefined;
  }
}
