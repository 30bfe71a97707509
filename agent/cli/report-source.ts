/** From the options that every audit command has to an audit: packs, keys, inventory, statements, policies. */
import { join } from 'node:path';
import type { Attestation } from '../../audit/attestations.ts';
import { auditFleet } from '../../audit/audit-host.ts';
import { type Day, isDay } from '../../audit/days.ts';
import { type ReadFolder, readSource } from '../../audit/evidence-source.ts';
import { histories } from '../../audit/history.ts';
import type { FleetAudit, History, HistoryEntry, HostAudit, RefusedPack } from '../../audit/model.ts';
import type { PolicySet } from '../../audit/policy/policy-set.ts';
import {
  cacheHeld,
  documentElsewhere,
  listPacks,
  type ReadMemory,
  readEntry,
  readMemory,
  shownPath,
} from '../../audit/read-packs.ts';
import type { ReportContext } from '../../audit/report/context.ts';
import { sentence } from '../../audit/report/words.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type VerifiedPack, verifyPack } from '../../evidence/verify-pack.ts';
import about from '../../package.json' with { type: 'json' };
import type { Io } from './io.ts';
import { withCache } from './open-cache.ts';
import { type Keys, readInput, readKeys } from './packs.ts';

/** The options, for readArguments. */
export const auditOptions = {
  packs: 'texts',
  key: 'texts',
  'log-key': 'text',
  'stamp-ca': 'text',
  inventory: 'text',
  attestations: 'text',
  policies: 'text',
  policy: 'texts',
  at: 'text',
  host: 'text',
  cache: 'text',
} as const;

export type AuditOptionValues = {
  readonly [Name in keyof typeof auditOptions]?: (typeof auditOptions)[Name] extends 'texts'
    ? readonly string[]
    : string;
};

export type AuditSource = {
  readonly fleet: FleetAudit;
  readonly histories: readonly History[];
  readonly attestations: readonly Attestation[];
  readonly policies: PolicySet;
  readonly keys: Keys;
  readonly keyIds: readonly string[];
  /** What a reader must be told beside. */
  readonly notices: readonly string[];
  /** The pack of a bundle, read and verified again. */
  pack(entry: HistoryEntry): Result<{ readonly bytes: Uint8Array; readonly verified: VerifiedPack }>;
  /** The documents of a bundle by name, also those that its pack leaves out and another has. */
  documents(entry: HistoryEntry): ReadonlyMap<string, object> | undefined;
};

/** Refuses as each of its parts does, and with `usage` where an option is missing or no day. */
export function openAudit(options: AuditOptionValues, io: Io, from?: Day): Result<AuditSource> {
  if (options.packs === undefined || options.key === undefined)
    return refuse(
      'usage',
      options.packs === undefined ? 'no packs are given' : 'no key is given: a signature alone says nothing',
      {
        remedy: '--packs DIR --key FILE, with the public keys of the servers that you trust (affiant key show)',
      },
    );
  const at = options.at ?? new Date().toISOString().slice(0, 10);
  if (!isDay(at)) return refuse('usage', `--at ${at} is no day`, { remedy: 'give a day of the calendar: 2026-01-31' });
  const keys = readKeys(
    options.key.map(io.path),
    options['log-key'] === undefined ? undefined : io.path(options['log-key']),
    options['stamp-ca'] === undefined ? undefined : io.path(options['stamp-ca']),
  );
  if (!keys.ok) return keys;
  const paths = new Map<string, string>();
  const folders = options.packs;
  let memory = readMemory();
  const source = withCache(options.cache, keys.value, io, (cache) => {
    memory = readMemory(cache);
    return readSource(
      {
        packs: folders.join(', '),
        trust: keys.value,
        ...(options.inventory !== undefined && { inventory: io.path(options.inventory) }),
        ...(options.attestations !== undefined && { attestations: io.path(options.attestations) }),
        ...(options.policies !== undefined && { policies: io.path(options.policies) }),
        ...(options.policy !== undefined && { chosen: options.policy }),
      },
      () => readFolders(folders, keys.value, io, paths, memory),
    );
  });
  if (!source.ok) return source;
  const { entries, refused, options: known, notes } = source.value;
  // What is handed on from a day on must be judged from that day on: else nobody could repeat it.
  const servers = histories(from === undefined ? entries : entries.filter(({ day }) => day >= from), at);
  const fleet = auditFleet(servers, refused, { ...known, at });
  const pack: AuditSource['pack'] = (entry) => {
    const bytes = readInput(paths.get(entry.bundle) ?? entry.file);
    if (!bytes.ok) return bytes;
    const verified = verifyPack(bytes.value, { ...keys.value, allowMissingDocuments: true });
    return verified.ok ? ok({ bytes: bytes.value, verified: verified.value }) : verified;
  };
  return ok({
    fleet,
    histories: servers,
    attestations: known.attestations,
    policies: known.policies,
    keys: keys.value,
    keyIds: [...new Set(entries.map(({ keyId }) => keyId))].toSorted(),
    // What the report says of itself in any case is not said twice.
    notices: notes.filter((note) => note.startsWith('the inventory')).map(sentence),
    pack,
    documents: (entry) => {
      const own = pack(entry);
      if (!own.ok) return undefined;
      const found = new Map(own.value.verified.documents);
      for (const [name, digest] of Object.entries(entry.documents)) {
        if (found.has(name)) continue;
        const elsewhere = documentElsewhere(digest, keys.value, memory);
        if (elsewhere !== undefined) found.set(name, elsewhere);
      }
      return found;
    },
  });
}

function readFolders(
  folders: readonly string[],
  keys: Keys,
  io: Io,
  paths: Map<string, string>,
  memory: ReadMemory,
): Result<ReadFolder> {
  const entries: HistoryEntry[] = [];
  const refused: RefusedPack[] = [];
  for (const given of folders) {
    const folder = io.path(given);
    const files = listPacks(folder);
    if (!files.ok) return files;
    for (const file of files.value) {
      const shown = shownPath(folder, file);
      const read = readEntry(file, folders.length > 1 ? join(given, shown) : shown, keys, memory);
      if (read.ok) {
        entries.push(read.entry);
        paths.set(read.entry.bundle, file);
      } else refused.push(read.refused);
    }
  }
  const held = cacheHeld(memory);
  return held.ok ? ok({ entries, refused }) : held;
}

/** The server that is meant: by host name, with or without its domain, or by the beginning of its id. */
export function hostOf(fleet: FleetAudit, given: string | undefined): Result<HostAudit | undefined> {
  if (given === undefined) return ok(fleet.hosts.length === 1 ? fleet.hosts[0] : undefined);
  const wanted = given.toLowerCase();
  const found = fleet.hosts.filter(
    ({ host }) =>
      host.names.some((name) => name.toLowerCase() === wanted || name.toLowerCase().split('.', 1)[0] === wanted) ||
      (wanted.length >= 4 && host.targetIds.some((id) => id.startsWith(wanted))),
  );
  const [only, ...more] = found;
  if (only === undefined)
    return refuse('host-unknown', `there is no verified evidence of a server ${given}`, {
      remedy: `known are ${
        fleet.hosts
          .slice(0, 10)
          .map(({ host }) => host.names[0] ?? host.id)
          .join(', ') || 'none'
      }`,
    });
  return more.length === 0
    ? ok(only)
    : refuse('host-ambiguous', `${found.length} servers are called ${given}`, {
        remedy: 'give the beginning of its id',
      });
}

export function historyOf(source: AuditSource, audit: HostAudit): History | undefined {
  return source.histories.find(({ host }) => host.id === audit.host.id);
}

/** What a report says beside the audit. */
export function reportContext(source: AuditSource, history: History | undefined): ReportContext {
  const { logKey } = source.keys;
  return {
    version: about.version,
    bundles: (history?.entries ?? []).map(({ bundle, file, claimedAt, logIndex, receipt }) => ({
      bundle,
      file,
      claimedAt,
      receipt,
      ...(logIndex !== undefined && { logIndex }),
    })),
    refused: source.fleet.refused,
    keyIds: source.keyIds,
    notices: source.notices,
    ...(logKey !== undefined && { logKey: logKey.verifierKey }),
  };
}

/** Names what did not verify, and that there is more. */
export function tellRefused({ refused }: FleetAudit, io: Io): void {
  for (const { file, message } of refused.slice(0, 20))
    io.refused({ code: 'refused', message: `refused: ${file}: ${message}` });
  if (refused.length > 20) io.refused({ code: 'refused', message: `refused: and ${refused.length - 20} more` });
}
