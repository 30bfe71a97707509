import { availableParallelism } from 'node:os';
import { listFolders, spillFrom } from '../../../audit/evidence-stream.ts';
import type { UnchangedBy } from '../../../audit/file-identity.ts';
import type { HistoryEntry } from '../../../audit/history-model.ts';
import { withoutEvidence } from '../../../audit/inventory.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { isExecutable } from '../../host/own-program.ts';
import { readArguments, readFormat } from '../arguments.ts';
import {
  type Asked,
  type AuditArguments,
  askedOf,
  auditExit,
  auditOptions,
  auditUsage,
  placesOf,
  readAsked,
  serversOf,
} from '../audit-source.ts';
import { exitCodes } from '../exit-codes.ts';
import { type FleetFindings, judgeFleet } from '../findings/fleet.ts';
import { indented, type Judged, judge, type Page, type Standing } from '../findings/judge.ts';
import { byFolder } from '../findings/part.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { isColoured, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** With fewer packs a thread takes longer to begin than it saves. */
const threadsFrom = 2000;
/** Each takes memory; a disk gives no more packs to more of them. */
const usualThreads = 4;
const mostThreads = 64;

/** Every finding of every server, one server after the other; exit 1 where a breach is open or a pack did not verify, 3 where not all could be judged. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const usage = `findings ${auditUsage} [--unchanged-by stat|hash] [--threads N] [--at DAY]`;
  const own = { threads: 'text', 'unchanged-by': 'text' } as const;
  const read = readArguments(args, { ...auditOptions, ...own }, { min: 0, max: 0 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { format: wanted, threads: given, 'unchanged-by': givenBy, ...options } = read.value.options;
  const format = readFormat(wanted);
  if (!format.ok) return stop(io, format.refusal);
  const threads = readThreads(given);
  if (!threads.ok) return stop(io, threads.refusal);
  const unchangedBy = readUnchangedBy(givenBy);
  if (!unchangedBy.ok) return stop(io, unchangedBy.refusal);
  const page: Page = {
    format: format.value,
    width: widthOf(io.stdout),
    coloured: isColoured(io.stdout, io.environment),
  };
  const opened = askedOf(options, io);
  if (!opened.ok) return stop(io, opened.refusal);
  const asked: Asked = {
    ...opened.value,
    request: { ...opened.value.request, unchangedBy: unchangedBy.value },
  };
  const found = (await byParts(options, asked, threads.value, page, io)) ?? byOne(options, asked, page, io);
  if (!found.ok) return stop(io, found.refusal);
  const { refused, judged, unseen } = found.value;
  const isJson = format.value === 'json';
  let shown = 0;
  const standings = new Set<Standing>(unseen.length > 0 ? ['not-known'] : []);
  if (isJson) io.out(`{\n  "at": ${forJson(asked.at)},\n  "hosts": [`);
  for (const each of judged) {
    const between = isJson ? ',' : '\n';
    io.out(`${shown === 0 ? '' : between}${each.text}`);
    shown += 1;
    standings.add(each.standing);
  }
  if (isJson) io.out(`${shown === 0 ? '' : '\n  '}],\n  "refused": ${indented(refused, '  ')}\n}\n`);
  const code = auditExit({ refused }, standings.has('breach'));
  return code === exitCodes.done && standings.has('not-known') ? exitCodes.partsUnseen : code;
}

function readThreads(given: string | undefined): Result<number | undefined> {
  if (given === undefined) return ok(undefined);
  const count = /^[1-9][0-9]?$/.test(given) ? Number(given) : 0;
  return count >= 1 && count <= mostThreads
    ? ok(count)
    : refuse('usage', `--threads ${given} is no number of threads`, { remedy: `give one from 1 to ${mostThreads}` });
}

function readUnchangedBy(given: string | undefined): Result<UnchangedBy | undefined> {
  return given === undefined || given === 'stat' || given === 'hash'
    ? ok(given)
    : refuse('usage', `--unchanged-by ${given} is no way to know a pack again`, {
        remedy: 'write stat, to know its file by its times, or hash, to read it',
      });
}

/**
 * Undefined where it goes the other way: one server is asked for, all packs of a large fleet lie in one folder, or the
 * parts cannot answer alone.
 */
async function byParts(
  options: AuditArguments,
  asked: Asked,
  wanted: number | undefined,
  page: Page,
  io: Io,
): Promise<Result<FleetFindings> | undefined> {
  if (options.host !== undefined) return undefined;
  const listed = listFolders(asked.request.packs, placesOf(asked.folders, io));
  if (!listed.ok) return undefined;
  const folders = [...byFolder(listed.value).values()];
  if (folders.some(({ length }) => length > spillFrom)) return undefined;
  const usual = listed.value.length < threadsFrom ? 1 : Math.min(availableParallelism(), usualThreads);
  // The executable has no files for threads to begin with.
  const threads = isExecutable ? 1 : Math.min(wanted ?? usual, folders.length);
  return await judgeFleet(options, asked, listed.value, threads, page, io);
}

function byOne(options: AuditArguments, asked: Asked, page: Page, io: Io): Result<FleetFindings> {
  const source = readAsked(asked, io);
  if (!source.ok) return source;
  const servers = serversOf(source.value, options.host);
  if (!servers.ok) return servers;
  const { refused, at, options: known } = source.value;
  return ok({
    refused,
    unseen: options.host === undefined ? withoutEvidence(known.inventory, source.value.store.hosts(), at) : [],
    judged: judgeEach(servers.value, (entries) => judge(entries, { ...known, at }, options.host, page)),
  });
}

function* judgeEach(
  servers: Iterable<readonly HistoryEntry[]>,
  judgeOne: (entries: readonly HistoryEntry[]) => readonly Judged[],
): Generator<Judged> {
  for (const entries of servers) yield* judgeOne(entries);
}
