/**
 * Whether an identity provider really asks each administrator for a second factor. It sees one signed
 * document; registered is not required, report-only asks nobody, and what is not known never counts as asked.
 */
import type { DirectoryAdministrator, IdentityProviderDocument } from '../schemas/generated/types.ts';
import { entraJudge } from './identity-provider/entra.ts';
import { judgeOkta } from './identity-provider/okta.ts';
import { type Answer, type JudgedAdministrator, unknownAnswer } from './identity-provider/verdict-of-one.ts';
import { countsAsRequired, type Requirement } from './mfa/requirement.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export type { JudgedAdministrator } from './identity-provider/verdict-of-one.ts';

export type JudgedProvider = {
  /** Whoever can sign in with a factor, worst first. */
  readonly administrators: readonly JudgedAdministrator[];
  /** Programs that hold a role: they have no factors, and are in no count. */
  readonly programs: readonly string[];
  /** Accounts by class and answer. */
  readonly counts: Readonly<Partial<Record<DirectoryAdministrator['class'], Partial<Record<Requirement, number>>>>>;
  readonly verdict: Verdict;
};

/** Roles that can read what every user can, and change nothing: their holders are no administrators. */
const harmless: ReadonlySet<string> = new Set([
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', // Directory Readers
  '10dae51f-b6af-4016-8d66-8c2a99b929b3', // Guest User
  '2af84b1e-32c8-42b7-82bc-daa82404023b', // Restricted Guest User
  'a0b1b346-4d3e-4e8b-98f8-753987be4970', // User
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', // Message Center Reader
  '75934031-6c7e-415a-99d7-48dbd49e875e', // Usage Summary Reports Reader
]);

const worstFirst: readonly Requirement[] = [
  'notRequired',
  'optional',
  'conditional',
  'undetermined',
  'requiredWithBypass',
  'required',
  'pathDisabled',
];

export function judgeIdentityProvider(document: IdentityProviderDocument): JudgedProvider {
  const { administrators: fact, eligibleRoles, eligibleGroupMembers, tenant } = document;
  if (fact.status !== 'observed') {
    const verdict = verdictOf([], [`administrators were not seen (${fact.reason})`]);
    return { administrators: [], programs: [], counts: {}, verdict };
  }
  const judge = judgeFor(document);
  const holders = fact.value.filter(
    ({ roles }) => roles.status !== 'observed' || roles.value.some(({ id }) => !harmless.has(id)),
  );
  const programs = holders.filter(({ kind }) => kind === 'service-principal').map(({ name }) => name);
  const administrators = holders
    .filter(({ kind }) => kind !== 'service-principal')
    .map((administrator) => ({
      id: administrator.id,
      name: administrator.name,
      class: administrator.class,
      ...oneAnswer(administrator, judge),
    }))
    .toSorted(
      (one, other) =>
        worstFirst.indexOf(one.requirement) - worstFirst.indexOf(other.requirement) || (one.name < other.name ? -1 : 1),
    );
  const missing = [eligibleRoles, eligibleGroupMembers]
    .filter(({ status }) => status !== 'observed' && status !== 'not-applicable')
    .map((unseen) =>
      unseen.status === 'observed'
        ? ''
        : `those who can make themselves administrators were not seen (${unseen.reason})`,
    );
  const faults = administrators.flatMap(({ name, requirement, bypasses: [bypass] }) =>
    countsAsRequired(requirement) || (requirement === 'undetermined' && bypass === undefined)
      ? []
      : [`${name}: ${requirement}`],
  );
  const doubtful = administrators
    .filter(({ requirement }) => requirement === 'undetermined')
    .map(({ name, witness: [why] }) => `${name}: ${why ?? 'undetermined'}`);
  const nobody = administrators.length === 0 ? ['no administrator was seen, which cannot be'] : [];
  const whose = tenant.status === 'observed' ? [] : [`whose tenant it is was not seen (${tenant.reason})`];
  return {
    administrators,
    programs,
    counts: countsOf(administrators),
    verdict: verdictOf(faults, [...doubtful, ...missing, ...nobody, ...whose]),
  };
}

function judgeFor(document: IdentityProviderDocument): (administrator: DirectoryAdministrator) => Answer {
  // The document of one vendor has none of the other's facts.
  if (document.signOnPolicies.status === 'not-applicable') return entraJudge(document);
  return (administrator) => judgeOkta(document, administrator);
}

function oneAnswer(
  administrator: DirectoryAdministrator,
  judge: (administrator: DirectoryAdministrator) => Answer,
): Answer {
  if (administrator.class === 'disabled')
    return { ...unknownAnswer(''), requirement: 'pathDisabled', witness: ['the account is disabled'], unknowns: [] };
  if (administrator.kind === 'group') return unknownAnswer('the members of this group were not all seen');
  if (administrator.kind === 'unknown') return unknownAnswer('what kind of principal holds the role is not modelled');
  return judge(administrator);
}

function countsOf(administrators: readonly JudgedAdministrator[]): JudgedProvider['counts'] {
  const counts: Partial<Record<DirectoryAdministrator['class'], Partial<Record<Requirement, number>>>> = {};
  for (const { class: kind, requirement } of administrators) {
    const row = counts[kind] ?? {};
    counts[kind] = { ...row, [requirement]: (row[requirement] ?? 0) + 1 };
  }
  return counts;
}
