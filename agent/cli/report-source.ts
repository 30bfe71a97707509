/** From the options that every audit command has to an audit: packs, keys, inventory, statements, policies. */
import type { Attestation } from '../../audit/attestations.ts';
import { auditHost } from '../../audit/audit-host.ts';
import { auditMemory } from '../../audit/context.ts';
import type { Day } from '../../audit/days.ts';
import type { EntryStore } from '../../audit/entry-store.ts';
import { placeOf, streamSource } from '../../audit/evidence-stream.ts';
import { historiesBy } from '../../audit/history.ts';
import { unseenInWords, withoutEvidence } from '../../audit/inventory.ts';
import type { FleetAudit, History, HistoryEntry, HostAudit } from '../../audit/model.ts';
import type { PolicySet } from '../../audit/policy/policy-set.ts';
import type { ReportContext } from '../../audit/report/context.ts';
import { sentence } from '../../audit/report/words.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type VerifiedPack, verifyPack } from '../../evidence/verify-pack.ts';
import about from '../../package.json' with { type: 'json' };
import { type AuditArguments, askedOf, placesOf } from './audit-source.ts';
import type { Io } from './io.ts';
import { type Keys, readInput } from './packs.ts';
import { forTerminal } from './render/escape.ts';

export type ReportSource = {
  readonly fleet: FleetAudit;
  /** The bundles of a server that was audited, read again: those of one server are held at a time. */
  history(audit: HostAudit): History | undefined;
  /** Servers of the inventory of which there is no evidence on that day. */
  readonly unseen: readonly string[];
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

/** Refuses as streamSource does. With `from`, bundles of earlier days are not counted. */
export function openAudit(options: AuditArguments, io: Io, from?: Day): Result<ReportSource> {
  const asked = askedOf(options, io);
  if (!asked.ok) return asked;
  const { request, folders, keys, at } = asked.value;
  const places = placesOf(folders, io);
  const source = streamSource(request, places);
  if (!source.ok) return source;
  const { store, refused, options: known, notes } = source.value;
  // What is handed on from a day on must be judged from that day on: else nobody could repeat it.
  const historiesOf = (entries: readonly HistoryEntry[]): readonly History[] =>
    historiesBy(from === undefined ? entries : entries.filter(({ day }) => day >= from), at);
  const auditing = { ...known, at, memory: auditMemory() };
  const hosts: HostAudit[] = [];
  for (const entries of store.servers())
    for (const history of historiesOf(entries)) hosts.push(auditHost(history, auditing));
  const unseen = withoutEvidence(
    known.inventory,
    hosts.map(({ host }) => host),
    at,
  );
  const unseenWords = unseenInWords(unseen);
  const pack: ReportSource['pack'] = ({ file }) => {
    const bytes = readInput(placeOf(places, file) ?? file);
    if (!bytes.ok) return bytes;
    const verified = verifyPack(bytes.value, { ...keys, allowMissingDocuments: true });
    return verified.ok ? ok({ bytes: bytes.value, verified: verified.value }) : verified;
  };
  return ok({
    fleet: { at, hosts, refused },
    history: historyReader(store, historiesOf),
    unseen,
    attestations: known.attestations,
    policies: known.policies,
    keys,
    keyIds: [...store.keyIds].toSorted(),
    // What the report says of itself in any case is not said twice.
    notices: [
      ...notes.filter((note) => note.startsWith('the inventory')),
      ...(unseenWords === undefined ? [] : [unseenWords]),
    ].map(sentence),
    pack,
    documents: (entry) => known.documents?.(entry),
  });
}

/** The last one is kept: a report asks for the same server several times. */
function historyReader(
  store: EntryStore,
  historiesOf: (entries: readonly HistoryEntry[]) => readonly History[],
): ReportSource['history'] {
  let last: readonly History[] = [];
  return ({ host: { id, targetIds } }) => {
    const found = last.find(({ host }) => host.id === id);
    if (found !== undefined) return found;
    last = [];
    const joined = store.hosts().find((host) => targetIds.some((target) => host.targetIds.includes(target)));
    if (joined === undefined) return undefined;
    last = [...store.servers([joined])].flatMap(historiesOf);
    return last.find(({ host }) => host.id === id);
  };
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

/** What a report says beside the audit. */
export function reportContext(source: ReportSource, history: History | undefined): ReportContext {
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

/** Names servers of which nothing is known, what did not verify, and that there is more. */
export function tellRefused({ fleet: { refused }, unseen }: ReportSource, io: Io): void {
  const words = unseenInWords(unseen);
  if (words !== undefined) io.err(`affiant: ${forTerminal(words)}\n`);
  for (const { file, message } of refused.slice(0, 20))
    io.refused({ code: 'refused', message: `refused: ${file}: ${message}` });
  if (refused.length > 20) io.refused({ code: 'refused', message: `refused: and ${refused.length - 20} more` });
}
