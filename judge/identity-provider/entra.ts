/** Microsoft Entra: conditional access, security defaults, the old per-user setting, and what the sign-ins show. */
import type {
  ConditionalAccessPolicy,
  DirectoryAdministrator,
  IdentityProviderDocument,
} from '../../schemas/generated/types.ts';
import { type Reach, reaches } from './applies.ts';
import { contextsOf, isLegacy, labelOf, matches } from './circumstances.ts';
import { type Circumstance, conclude } from './conclude.ts';
import { demandOf } from './demand.ts';
import { securityDefaultsOf } from './security-defaults.ts';
import { type Answer, best, unknownAnswer } from './verdict-of-one.ts';

/** Past this many circumstances nothing is said. */
const mostContexts = 60_000;

/** Judges one administrator after the other; those whom the same policies reach share the work. */
export function entraJudge(document: IdentityProviderDocument): (administrator: DirectoryAdministrator) => Answer {
  const weighed = new Map<string, Weighed>();
  return (administrator) => {
    const { registration, perUserMfa } = administrator;
    const registered =
      registration.status === 'observed' && (registration.value.registered || registration.value.passwordless);
    const byPolicy = conditionalAccess(document, administrator, registered, weighed);
    const byDefaults = defaultsCount(document) ? securityDefaultsOf(document.securityDefaults, administrator) : [];
    const byUser = perUser(perUserMfa, registered);
    const answers = [byPolicy, ...byDefaults, ...byUser];
    const answer = best(
      answers.filter(({ requirement }) => requirement !== 'undetermined'),
      byPolicy,
    );
    const unknowns = [...new Set(answers.flatMap((each) => each.unknowns))];
    // What is short of required may only be so because a setting that asks for more was not seen.
    const short = /^(?:notRequired|optional|conditional)$/.test(answer.requirement);
    const doubt = short && answers.some(({ requirement }) => requirement === 'undetermined');
    const settled = { ...answer, exclusions: byPolicy.exclusions, unknowns };
    return withProof(doubt ? { ...settled, requirement: 'undetermined' } : settled, document, administrator);
  };
}

/** Security defaults and a policy that is in force exclude each other: not having seen the one matters only without the other. */
function defaultsCount({ securityDefaults, conditionalAccessPolicies: fact }: IdentityProviderDocument): boolean {
  return (
    securityDefaults.status === 'observed' ||
    fact.status !== 'observed' ||
    !fact.value.some(({ state }) => state === 'enabled')
  );
}

function perUser(state: DirectoryAdministrator['perUserMfa'], registered: boolean): Answer[] {
  if (state.status !== 'observed') return [unknownAnswer(`the per-user setting was not seen (${state.reason})`)];
  if (state.value === 'disabled' || (state.value === 'enabled' && !registered)) return [];
  const bypass =
    'the per-user setting does not reach old clients with app passwords, remembered devices and its own trusted addresses';
  const decidedBy = [`per-user MFA: ${state.value}`];
  return [
    {
      ...unknownAnswer(''),
      requirement: 'requiredWithBypass',
      decidedBy,
      witness: decidedBy,
      bypasses: [bypass],
      unknowns: [],
    },
  ];
}

type Weighed = {
  readonly circumstances: readonly Circumstance[];
  readonly deciding: readonly string[];
  readonly resistant: boolean;
};

function conditionalAccess(
  { conditionalAccessPolicies: fact, namedLocations }: IdentityProviderDocument,
  administrator: DirectoryAdministrator,
  registered: boolean,
  memory: Map<string, Weighed>,
): Answer {
  if (fact.status !== 'observed') return unknownAnswer(`conditional access policies were not seen (${fact.reason})`);
  const asking = fact.value.filter((policy) => !['none', 'weak'].includes(demandOf(policy).level));
  const live = asking
    .filter(({ state }) => state === 'enabled' || state === 'unknown')
    .map((policy) => ({ policy, reach: reachOf(policy, administrator) }));
  const reported = asking.filter(
    (policy) => policy.state === 'report-only' && reaches(policy, administrator).sure !== 'no',
  );
  const reaching = live.filter(({ reach }) => reach.sure !== 'no');
  const key = reaching.map(({ policy, reach }) => `${policy.id} ${reach.sure}`).join('\n');
  const known =
    memory.get(key) ?? weigh(reaching, namedLocations.status === 'observed' ? namedLocations.value : undefined);
  if (known === undefined) return unknownAnswer('the policies tell too many circumstances apart');
  memory.set(key, known);
  const { requirement, witness, bypasses } = conclude(known.circumstances, registered);
  const doubts = reaching.flatMap(({ policy, reach }) => [
    ...(reach.unknown === undefined ? [] : [reach.unknown]),
    ...policy.notModelled.map((name) => `${policy.name}: the condition ${name} is not modelled`),
    ...(demandOf(policy).level === 'unknown' ? [`${policy.name}: what it asks for is not modelled`] : []),
  ]);
  return {
    requirement,
    decidedBy: known.deciding,
    exclusions: [
      ...live.flatMap(({ reach }) => (reach.exclusion === undefined ? [] : [`left out of ${reach.exclusion}`])),
      ...reported.map(({ name }) => `${name}: report-only, it asks nobody`),
    ],
    witness,
    bypasses,
    // A doubt about a policy that would only add to what is certain changes nothing.
    unknowns: known.circumstances.some(({ state }) => state === 'unknown') ? doubts : [],
    phishingResistant: known.resistant,
  };
}

/** A state that is new to us may mean that it is in force, or not. */
function reachOf(policy: ConditionalAccessPolicy, administrator: DirectoryAdministrator): Reach {
  const reach = reaches(policy, administrator);
  if (policy.state !== 'unknown' || reach.sure === 'no') return reach;
  return { sure: 'maybe', unknown: `${policy.name}: whether it is in force is not known` };
}

function weigh(
  reaching: readonly { readonly policy: ConditionalAccessPolicy; readonly reach: Reach }[],
  locations: Parameters<typeof matches>[2],
): Weighed | undefined {
  const contexts = contextsOf(
    reaching.map(({ policy }) => policy),
    mostContexts,
  );
  if (contexts === undefined) return undefined;
  const rules = reaching.map(({ policy, reach }) => ({ policy, sure: reach.sure, demand: demandOf(policy) }));
  const deciding = new Set<string>();
  let resistant = true;
  const circumstances = contexts.map((context): Circumstance => {
    const hits = rules
      .map((rule) => ({ ...rule, match: together(rule.sure, matches(rule.policy, context, locations)) }))
      .filter(({ match }) => match !== 'no');
    const certain = hits.filter(({ match }) => match === 'yes');
    const state = stateOf(
      certain.map(({ demand }) => demand.level),
      hits.map(({ demand }) => demand.level),
    );
    const closing = certain.filter(({ demand: { level } }) => level === 'strong' || level === 'block');
    for (const { policy } of closing) deciding.add(policy.name);
    resistant &&= closing.some(({ demand }) => demand.phishingResistant);
    return { label: () => labelOf(context, locations ?? []), state, legacy: isLegacy(context) };
  });
  return { circumstances, deciding: [...deciding].toSorted(), resistant };
}

type Level = ReturnType<typeof demandOf>['level'];

function stateOf(certain: readonly Level[], possible: readonly Level[]): Circumstance['state'] {
  if (certain.includes('block')) return 'blocked';
  if (certain.includes('strong')) return 'strong';
  if (possible.some((level) => level === 'block' || level === 'strong' || level === 'unknown')) return 'unknown';
  if (certain.includes('device')) return 'device';
  return possible.includes('device') ? 'unknown' : 'open';
}

function together(one: Reach['sure'], other: Reach['sure']): Reach['sure'] {
  if (one === 'no' || other === 'no') return 'no';
  return one === 'yes' && other === 'yes' ? 'yes' : 'maybe';
}

/** What was registered and what really happened, against what the settings say. */
function withProof(answer: Answer, document: IdentityProviderDocument, administrator: DirectoryAdministrator): Answer {
  const { signIns, registration } = administrator;
  const proofs: string[] = [];
  if (signIns.status === 'observed' && signIns.value.singleFactor > 0) {
    const { singleFactor, complete, lastSingleFactorAt, singleFactorWays } = signIns.value;
    const ways = singleFactorWays.slice(0, 3).map(({ application, client }) => `${application} by ${client}`);
    const last = lastSingleFactorAt === undefined ? '' : `, the last at ${lastSingleFactorAt}`;
    proofs.push(
      `${complete ? '' : 'at least '}${singleFactor} sign-ins succeeded with one factor${last}: ${ways.join('; ')}`,
    );
  }
  const empty =
    registration.status === 'observed' &&
    !registration.value.registered &&
    !registration.value.passwordless &&
    registration.value.methods.length === 0;
  if (empty && !guardsRegistration(document, administrator) && answer.requirement.startsWith('required'))
    proofs.push('no second factor is registered: whoever signs in first with the password registers one');
  const requirement =
    proofs.length > 0 && answer.requirement === 'required' ? 'requiredWithBypass' : answer.requirement;
  return { ...answer, requirement, bypasses: [...answer.bypasses, ...proofs] };
}

/** Whether a policy in force guards the registration of factors itself. */
function guardsRegistration(
  { conditionalAccessPolicies: fact }: IdentityProviderDocument,
  administrator: DirectoryAdministrator,
): boolean {
  if (fact.status !== 'observed') return false;
  return fact.value.some(
    (policy: ConditionalAccessPolicy) =>
      policy.state === 'enabled' &&
      policy.applications.userActions.includes('urn:user:registersecurityinfo') &&
      ['strong', 'block', 'device'].includes(demandOf(policy).level) &&
      policy.notModelled.length === 0 &&
      reaches(policy, administrator).sure === 'yes',
  );
}
