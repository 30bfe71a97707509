/** Who may change what the domain stands on, and what is trusted to act for others; asked on a domain controller alone. */
import type { Host } from '../../../agent/host/host.ts';
import type { DirectoryDelegation, DirectoryGuard, Fact } from '../../../schemas/generated/types.ts';
import { fromAnswer, observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { queryErrorReason } from '../../query-error.ts';
import { integerOf, objectOf, rowsOf, textOf } from '../../raw-objects.ts';
import { toText } from '../../text.ts';
import type { DirectoryRoot } from './directory-rows.ts';
import { directoryGrants, type Naming, trustedBy } from './directory-sddl.ts';
import { sidOf } from './sid.ts';

export type DirectoryRights = {
  readonly guards: Fact<DirectoryGuard[]>;
  readonly delegations: Fact<DirectoryDelegation[]>;
};

/** Groups of which who may change them is as good as their members: those that administer the domain at once. */
const guardedRids = [544, 548, 549, 550, 551] as const;
const guardedOfDomain = [512, 520, 526] as const;
const guardedOfForest = [518, 519, 527] as const;

export async function readDirectoryRights(
  host: Host,
  onController: boolean,
  root: Fact<DirectoryRoot>,
): Promise<DirectoryRights> {
  if (!onController) {
    const none = unseen('not-applicable', 'no-domain-controller', root.sources);
    return { guards: none, delegations: none };
  }
  if (root.status !== 'observed') return { guards: root, delegations: root };
  const { domainSid, forestRootSid } = root.value;
  const groups = [
    ...guardedRids.map((rid) => `S-1-5-32-${rid}`),
    ...guardedOfDomain.map((rid) => `${domainSid}-${rid}`),
    // In another domain than the forest's first one these are of no controller here.
    ...(domainSid === forestRootSid ? guardedOfForest.map((rid) => `${forestRootSid}-${rid}`) : []),
  ];
  const read = fromAnswer(await host.query('directory-rights', { groups }), (value) =>
    parseRights(value, root.value, groups),
  );
  if (read.status !== 'observed') return { guards: read, delegations: read };
  const { guards, delegations, failure } = read.value;
  return {
    guards: observed([...guards], ...read.sources),
    delegations:
      failure === undefined ? observed([...delegations], ...read.sources) : unseen('failed', failure, read.sources),
  };
}

type Rights = {
  readonly guards: readonly DirectoryGuard[];
  readonly delegations: readonly DirectoryDelegation[];
  readonly failure: string | undefined;
};

const kinds = ['domain', 'admin-sd-holder', 'domain-controllers', 'group'] as const;
const maxDelegations = 5000;

/** `groups` are the SIDs that were asked for: one that has no answer makes the whole of it none. */
export function parseRights(value: unknown, naming: Naming, groups: readonly string[]): Parsed<Rights> {
  const object = objectOf(value);
  const rows = object.ok ? rowsOf(object.value['Objects']) : object;
  if (!object.ok || !rows.ok) return unparsed('unexpected-object');
  const guards: DirectoryGuard[] = [];
  for (const row of rows.value) {
    const kind = kinds.find((each) => each === row['Object']);
    const sid = sidOf(row['Sid']);
    if (kind === undefined || (kind === 'group' && sid === undefined)) return unparsed('row-without-subject');
    const text = textOf(row['Sddl']);
    const grants = text === undefined ? undefined : directoryGrants(text, naming);
    const reason = queryErrorReason(row['Error']) ?? (row['Found'] === false ? 'no-such-object' : 'no-rules');
    guards.push({
      object: kind,
      ...(sid !== undefined && { sid }),
      ...(grants === undefined ? { reason: text === undefined ? reason : 'rules-not-understood' } : { grants }),
    });
  }
  const answered = new Set(guards.map(({ object: kind, sid }) => (kind === 'group' ? sid : kind)));
  if (![...kinds.filter((kind) => kind !== 'group'), ...groups].every((each) => answered.has(each)))
    return unparsed('answer-incomplete');
  const part = objectOf(object.value['Delegations']);
  const failure = part.ok ? queryErrorReason(part.value['error']) : 'unexpected-object';
  const listed = part.ok && failure === undefined ? rowsOf(part.value['value'] ?? []) : undefined;
  if (listed === undefined || !listed.ok)
    return parsed({ guards, delegations: [], failure: failure ?? 'unexpected-object' });
  if (listed.value.length > maxDelegations) return parsed({ guards, delegations: [], failure: 'too-many-entries' });
  const delegations: DirectoryDelegation[] = [];
  for (const row of listed.value) {
    const sid = sidOf(row['Sid']);
    const control = integerOf(row['UserAccountControl']);
    if (sid === undefined || control === undefined)
      return parsed({ guards, delegations: [], failure: 'unexpected-object' });
    const name = textOf(row['Name']);
    const text = textOf(row['Sddl']);
    const actors = text === undefined ? undefined : trustedBy(text, naming);
    delegations.push({
      sid,
      ...(name !== undefined && { name: toText(name) }),
      enabled: (control & 0x2) === 0,
      // SERVER_TRUST_ACCOUNT, or read-only with PARTIAL_SECRETS_ACCOUNT.
      controller: (control & 0x2000) !== 0 || (control & 0x4_00_00_00) !== 0,
      unconstrained: (control & 0x8_00_00) !== 0,
      ...(text !== undefined && (actors === undefined ? { actorsUnread: true } : { actors })),
    });
  }
  return parsed({ guards, delegations, failure: undefined });
}

/** Whoever is granted something and is not of Windows' own making: to be asked for by name and members. */
export function grantedTo({ guards, delegations }: DirectoryRights): string[] {
  const sids = [
    ...(guards.status === 'observed' ? guards.value.flatMap(({ grants = [] }) => grants.map(({ sid }) => sid)) : []),
    ...(delegations.status === 'observed'
      ? delegations.value.filter(({ controller }) => controller).flatMap(({ actors = [] }) => actors)
      : []),
  ];
  return [...new Set(sids)].filter((sid) => /^S-1-5-(?:21|32)-/.test(sid)).toSorted();
}
