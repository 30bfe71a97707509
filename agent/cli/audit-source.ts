/** What every command over many bundles is told: where packs lie, whom to trust, what else to know, which server and day. */
import { auditMemory } from '../../audit/context.ts';
import { type Day, dayOf, isDay } from '../../audit/days.ts';
import type { EvidenceStream, PackFolder, SourceRequest } from '../../audit/evidence-source.ts';
import { streamSource } from '../../audit/evidence-stream.ts';
import type { HostIdentity } from '../../audit/history-model.ts';
import { unseenInWords, withoutEvidence } from '../../audit/inventory.ts';
import type { HistoryEntry } from '../../audit/model.ts';
import { openTemporaryCache } from '../../audit/pack-cache.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { openCache } from './open-cache.ts';
import { type Keys, readKeys } from './packs.ts';
import { forTerminal } from './render/escape.ts';

/** For readArguments. */
export const sourceOptions = {
  packs: 'texts',
  key: 'texts',
  'log-key': 'text',
  'stamp-ca': 'text',
  inventory: 'text',
  attestations: 'text',
  policies: 'text',
  policy: 'texts',
  host: 'text',
  at: 'text',
  cache: 'text',
} as const;

export const auditOptions = { ...sourceOptions, format: 'text' } as const;

export const auditUsage =
  '--packs DIR… --key FILE… [--log-key FILE] [--stamp-ca FILE] [--inventory FILE] [--attestations DIR] [--policies DIR] [--policy NAME…] [--host HOST] [--cache DIR] [--format table|json]';

export type AuditArguments = {
  readonly [Name in keyof typeof sourceOptions]?:
    | ((typeof sourceOptions)[Name] extends 'texts' ? readonly string[] : string)
    | undefined;
};

/** As EvidenceSource, server by server. */
export type AuditSource = EvidenceStream & {
  /** `--at`, else today: a server that went silent must not look as fine as on its last day. */ readonly at: Day;
};

export type Asked = {
  readonly request: SourceRequest;
  readonly folders: readonly string[];
  readonly keys: Keys;
  readonly at: Day;
};

/** Opens the cache, where one is asked for. Refuses what is missing or wrong in the options. */
export function askedOf(options: AuditArguments, io: Io): Result<Asked> {
  const { packs } = options;
  if (packs === undefined)
    return refuse('usage', '--packs is needed: the folder that holds the packs', {
      remedy: `affiant COMMAND ${auditUsage}`,
    });
  if (options.key === undefined)
    return refuse('usage', 'no key is given: a signature alone says nothing', {
      remedy: 'give the public keys of the servers that you trust with --key (affiant key show)',
    });
  const at = options.at === undefined ? ok(new Date().toISOString().slice(0, 10)) : readDay(options.at, '--at');
  if (!at.ok) return at;
  const [logKey, stampCa] = [options['log-key'], options['stamp-ca']];
  const keys = readKeys(
    options.key.map(io.path),
    logKey === undefined ? undefined : io.path(logKey),
    stampCa === undefined ? undefined : io.path(stampCa),
  );
  if (!keys.ok) return keys;
  const cache = openCache(options.cache, keys.value, io);
  if (!cache.ok) return cache;
  const request: SourceRequest = {
    packs: packs.join(', '),
    trust: keys.value,
    cache: cache.value,
    spill: openTemporaryCache,
    ...(options.inventory !== undefined && { inventory: io.path(options.inventory) }),
    ...(options.attestations !== undefined && { attestations: io.path(options.attestations) }),
    ...(options.policies !== undefined && { policies: io.path(options.policies) }),
    ...(options.policy !== undefined && { chosen: options.policy }),
  };
  return ok({ request, folders: packs, keys: keys.value, at: at.value });
}

/** Offline: reads and verifies, server by server; says on standard error what did not verify, and what a reader must know. */
export function readAuditSource(options: AuditArguments, io: Io): Result<AuditSource> {
  const asked = askedOf(options, io);
  return asked.ok ? readAsked(asked.value, io) : asked;
}

/** The same of what was asked. */
export function readAsked({ request, folders, at: day }: Asked, io: Io): Result<AuditSource> {
  const source = streamSource(request, placesOf(folders, io));
  if (!source.ok) return source;
  const { store } = source.value;
  const told = tellSource(
    { ...source.value, count: store.count, later: store.later(day), hosts: store.hosts() },
    day,
    io,
  );
  if (!told.ok) return told;
  return ok({ ...source.value, options: { ...source.value.options, memory: auditMemory() }, at: day });
}

/** Folders as they were given, and what stands before the names of their files where there are several. */
export function placesOf(folders: readonly string[], io: Io): PackFolder[] {
  return folders.map((given) => ({ path: io.path(given), shown: folders.length > 1 ? given : '' }));
}

/** Says on standard error what did not verify, and what a reader must know. Refuses with `packs-none` where nothing verified. */
export function tellSource(
  {
    refused,
    notes,
    count,
    later,
    hosts,
    options,
  }: Pick<EvidenceStream, 'refused' | 'notes' | 'options'> & {
    readonly count: number;
    readonly hosts: readonly HostIdentity[];
    readonly later: { readonly count: number; readonly file: string };
  },
  day: Day,
  io: Io,
): Result<undefined> {
  for (const note of notes) io.err(`affiant: ${forTerminal(note)}\n`);
  for (const { file, message, code } of refused)
    io.err(forTerminal(`REFUSED  ${file}: ${message} [${code}]`).concat('\n'));
  if (refused.length > 0) io.err(`affiant: ${refused.length} files did not verify and say nothing here\n`);
  if (count === 0)
    return refuse('packs-none', 'no pack verifies: there is nothing to say', {
      remedy: 'affiant verify names what is wrong with each',
    });
  const unseen = unseenInWords(withoutEvidence(options.inventory, hosts, day));
  if (unseen !== undefined) io.err(`affiant: ${forTerminal(unseen)}\n`);
  if (later.count > 0)
    io.err(
      `affiant: ${later.count} bundles claim days after ${day} and are not counted, such as ${forTerminal(later.file)}\n`,
    );
  return ok(undefined);
}

/** A day of the calendar, or an instant with its offset, which is counted to its day in UTC. */
export function readDay(text: string, name: string): Result<Day> {
  const moment = isInstant.test(text) && isDay(dayOf(text)) ? Date.parse(text) : Number.NaN;
  const day = Number.isNaN(moment) ? text : new Date(moment).toISOString().slice(0, 10);
  return isDay(day) ? ok(day) : refuse('usage', `${name} ${text} is not a day`, { remedy: 'write it as 2021-08-16' });
}

/** RFC 3339, section 5.6: without an offset it would be a day of whatever zone this machine is set to. */
const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Of a day that is yet to come nobody has seen anything. */
export function tellFuture(day: Day, io: Io): void {
  if (day > new Date().toISOString().slice(0, 10))
    io.err(`affiant: ${day} is yet to come: what is said of it is the last known state\n`);
}

type Named = {
  readonly host: { readonly id: string; readonly targetIds: readonly string[]; readonly names: readonly string[] };
};

/** Those of the server that the user named, by name or by the beginning of its id; all where none is named. */
export function ofHost<T extends Named>(all: readonly T[], wanted: string | undefined): Result<readonly T[]> {
  if (wanted === undefined) return ok(all);
  const found = all.filter(
    ({ host }) =>
      host.names.some((name) => name.toLowerCase() === wanted.toLowerCase()) ||
      (wanted.length >= 6 && host.targetIds.some((id) => id.startsWith(wanted))),
  );
  if (found.length > 0) return ok(found);
  const names = all.map(({ host }) => host.names[0] ?? host.id.slice(0, 8));
  return refuse('usage', `no bundle is of a server ${wanted}`, {
    remedy: `name one of these: ${names.slice(0, 20).join(', ') || 'none'}`,
  });
}

/** Servers that the user named, or all, and their entries: one server's are read at a time. */
export function serversOf(
  { store }: AuditSource,
  wanted: string | undefined,
): Result<Generator<readonly HistoryEntry[]>> {
  const all = store.hosts().map((host) => ({ host }));
  const among = ofHost(all, wanted);
  return among.ok ? ok(store.servers(among.value.map(({ host }) => host))) : among;
}

/** An answer for each of them. */
export function answersOf<T extends Named>(
  source: AuditSource,
  wanted: string | undefined,
  answer: (entries: readonly HistoryEntry[]) => readonly T[],
): Result<readonly T[]> {
  const servers = serversOf(source, wanted);
  if (!servers.ok) return servers;
  // Without the bundles of later days they may be two servers, of which one is meant.
  return ofHost([...servers.value].flatMap(answer), wanted);
}

/** 1 where something did not verify or a breach is open, 0 else. */
export function auditExit(source: Pick<EvidenceStream, 'refused'>, broken: boolean): number {
  return source.refused.length > 0 || broken ? exitCodes.failed : exitCodes.done;
}
