/** From the documents of one bundle to what an audit reads from them. Pure; the same documents give the same. */
import { paidFixes } from '../judge/linux-support.ts';
import { judgeMfa, type MfaVerdict } from '../judge/mfa/matrix.ts';
import { shownText } from '../judge/mfa/text.ts';
import { waysToRoot } from '../judge/ways-to-root.ts';
import { unseenAdministrators } from '../judge/ways-unknown.ts';
import type {
  AdminsDocument,
  EdrDocument,
  FactStatus,
  HostDocument,
  MfaDocument,
  UpdatesDocument,
} from '../schemas/generated/types.ts';
import type { Instant } from './days.ts';
import type { MfaCell } from './model.ts';
import type { Observation, Seen, SeenAdmin, SeenFactors } from './observation.ts';
import { observeDetections, observeProtection } from './observe-protection.ts';
import { observeExchange, observeFixes, observeRestart, observeSql, observeWindows } from './observe-updates.ts';
import { placeOf, seen } from './seen-fact.ts';

/** Documents by name, each with its digest. */
export type ReadDocuments = ReadonlyMap<string, { readonly digest: string; readonly document: object }>;

type Read<T> = { readonly digest: string; readonly document: T };

type AnyFact = {
  readonly status: FactStatus;
  readonly sources: readonly string[];
  readonly value?: unknown;
  readonly reason?: string;
};

/**
 * Results by document digest: what does not depend on the time is judged once for all days and servers that
 * have the same document.
 */
export type ObserveMemory = {
  readonly parts: Map<string, Partial<Observation>>;
  readonly unseen: Map<string, Observation['unseen']>;
  /** Lists of what could not be seen, each once: most bundles miss the same. */
  readonly lists: Map<string, Observation['unseen']>;
};

export function observeMemory(): ObserveMemory {
  return { parts: new Map(), unseen: new Map(), lists: new Map() };
}

/** More results than these are of documents that nobody will have again: most are of a day that has passed. */
const remembered = 16_384;

function bounded<T>(memory: Map<string, T>): Map<string, T> {
  if (memory.size > remembered) memory.clear();
  return memory;
}

/** The same list for the same content. */
function once(memory: ObserveMemory, list: Observation['unseen']): Observation['unseen'] {
  const key = list.map(({ document, pointer, reason }) => `${document}${pointer} ${reason}`).join('\n');
  const known = memory.lists.get(key) ?? list;
  memory.lists.set(key, known);
  return known;
}

/** `at` is the claimed end of the run: ages of signatures are judged by it. */
export function observe(documents: ReadDocuments, at: Instant, memory: ObserveMemory): Observation {
  const parts: Partial<Observation>[] = [];
  const part = (key: string, make: () => Partial<Observation>): void => {
    const known = memory.parts.get(key) ?? make();
    bounded(memory.parts).set(key, known);
    parts.push(known);
  };
  const unseen: Observation['unseen'][] = [];
  for (const [name, { digest, document }] of documents) {
    if (name.startsWith('sources/') || name.startsWith('raw/')) continue;
    const missed = memory.unseen.get(digest) ?? once(memory, unseenOf(name, document));
    bounded(memory.unseen).set(digest, missed);
    unseen.push(missed);
  }
  const host = documents.get('host') as Read<HostDocument> | undefined;
  const updates = documents.get('updates') as Read<UpdatesDocument> | undefined;
  const edr = documents.get('edr') as Read<EdrDocument> | undefined;
  const admins = documents.get('admins') as Read<AdminsDocument> | undefined;
  const mfa = documents.get('mfa') as Read<MfaDocument> | undefined;
  if (host !== undefined) part(host.digest, () => observeHost(host.document));
  if (updates !== undefined)
    part(updates.digest, () => ({
      exchange: observeExchange(updates.document),
      windows: observeWindows(updates.document),
      sql: observeSql(updates.document),
      restartPending: observeRestart(updates.document),
      fixes: observeFixes(updates.document),
    }));
  const { os } = host?.document ?? {};
  if (host !== undefined && updates !== undefined && os?.status === 'observed' && os.value.family === 'linux')
    part(`paid ${host.digest} ${updates.digest}`, () => ({ paidFixes: paidFixes(os.value.id, updates.document) }));
  if (edr !== undefined) {
    // The verdict on signatures goes by the time of the run; the rest of the document does not.
    part(edr.digest, () => observeDetections(edr.document));
    parts.push({ protection: observeProtection(edr.document, at) });
  }
  if (admins !== undefined)
    part(admins.digest, () => ({ admins: observeAdmins(admins.document), ...unseenAdmins(admins.document) }));
  if (mfa !== undefined) part(`published ${mfa.digest}`, () => ({ published: observePublished(mfa.document) }));
  if (admins !== undefined && mfa !== undefined)
    part(`${admins.digest} ${mfa.digest}`, () => ({ factors: observeFactors(mfa.document, admins.document) }));
  return Object.assign({ unseen: flat(memory, unseen) }, ...parts) as Observation;
}

const numbers = new WeakMap<object, number>();
let counted = 0;

/** All of a bundle as one list; the same lists give the same one. */
function flat(memory: ObserveMemory, lists: readonly Observation['unseen'][]): Observation['unseen'] {
  const key = lists
    .map((list) => {
      const number = numbers.get(list) ?? (counted += 1);
      numbers.set(list, number);
      return number;
    })
    .join(' ');
  const known = memory.lists.get(key) ?? lists.flat();
  memory.lists.set(key, known);
  return known;
}

function observeHost({ hostname, os, machineId, smbiosUuid, sshHostKeys }: HostDocument): Partial<Observation> {
  return {
    hostname: seen('host', 'hostname', hostname, shownText),
    os: seen('host', 'os', os, ({ id, versionId }) => `${id}${versionId === undefined ? '' : ` ${versionId}`}`),
    ...(os.status === 'observed' && os.value.family === 'linux' && { linux: seen('host', 'os', os, (value) => value) }),
    machineId: seen('host', 'machineId', machineId, String),
    smbiosUuid: seen('host', 'smbiosUuid', smbiosUuid, String),
    sshHostKeys: seen('host', 'sshHostKeys', sshHostKeys, (keys) => keys.map(({ fingerprint }) => fingerprint)),
  };
}

function observeAdmins(admins: AdminsDocument): Seen<readonly SeenAdmin[]> {
  const verdict = waysToRoot(admins);
  // Windows has groups where Linux has an account file.
  const isLinux = admins.accounts.status !== 'not-applicable';
  const name = isLinux ? 'accounts' : 'windowsGroups';
  const people: AdminsDocument['accounts'] | AdminsDocument['windowsGroups'] = isLinux
    ? admins.accounts
    : admins.windowsGroups;
  const place = placeOf('admins', `/${name}`, people);
  if (people.status !== 'observed') return seen('admins', name, people, () => []);
  return {
    ...place,
    status: 'observed',
    value: verdict.accounts.flatMap(({ name, kind: of, state, ways, lastLoginAt, passwordChangedOn }): SeenAdmin[] => {
      const whole = ways.filter(({ kind, reaches }) => reaches !== 'no' && kind !== 'group-indirect');
      if (whole.length === 0) return [];
      return [
        {
          name: shownText(name),
          ways: whole.map(({ kind, via }) => `${kind} (${via})`).toSorted(),
          standing: whole.some(({ until }) => until === undefined),
          state,
          ...(of === 'computer' && { isMachine: true as const }),
          ...(lastLoginAt !== undefined && { lastLoginAt }),
          ...(passwordChangedOn !== undefined && { passwordChangedOn }),
        },
      ];
    }),
  };
}

function unseenAdmins(admins: AdminsDocument): Pick<Observation, 'adminsUnseen'> {
  const unseen = admins.accounts.status === 'not-applicable' ? [] : unseenAdministrators(admins);
  return unseen.length === 0 ? {} : { adminsUnseen: unseen };
}

/** Mail protocols of Exchange that have an address for the outside. */
function observePublished({ exchangeVirtualDirectories }: MfaDocument): Seen<readonly string[]> {
  return seen('mfa', 'exchangeVirtualDirectories', exchangeVirtualDirectories, (list) => [
    ...new Set(list.flatMap(({ externalUrl }) => (externalUrl === undefined ? [] : [shownText(externalUrl)]))),
  ]);
}

function observeFactors(mfa: MfaDocument, admins: AdminsDocument): Seen<SeenFactors> {
  const verdict: MfaVerdict = judgeMfa(mfa, admins);
  const cells = verdict.administrators.flatMap(({ name, ways }) =>
    ways.map(
      ({ way, kind, judged }): MfaCell => ({
        account: shownText(name),
        way,
        kind,
        requirement: judged.requirement,
        ...(judged.factors !== undefined && { factors: judged.factors }),
        // What was not known comes first: it is why nothing was decided.
        witness: judged.requirement === 'undetermined' ? [...judged.unknowns, ...judged.witness] : judged.witness,
        phishingResistant: judged.phishingResistant,
      }),
    ),
  );
  return {
    ...placeOf('mfa', '', { sources: ['mfa', 'admins'] }),
    status: 'observed',
    value: { outcome: verdict.outcome, cells, unknowns: verdict.unknowns, outOfBand: verdict.outOfBand },
  };
}

const blindStatuses: ReadonlySet<string> = new Set(['denied', 'unsupported', 'timed-out', 'failed']);

/** Facts that nobody could see, of the document itself and of what lies in it. */
function unseenOf(name: string, document: object): Observation['unseen'] {
  const found: Observation['unseen'][number][] = [];
  for (const [fact, value] of Object.entries(document) as [string, AnyFact | string][]) {
    if (typeof value === 'string' || !blindStatuses.has(value.status)) continue;
    found.push({ ...placeOf(name, `/${fact}`, value), status: value.status, reason: value.reason ?? value.status });
  }
  return found;
}
