/**
 * Okta: the first session policy that matches, its first rule that matches, and at Identity Engine the first
 * rule of the policy of each application: a second factor asked for by either is asked for.
 * https://developer.okta.com/docs/concepts/policies/
 */
import type {
  DirectoryAdministrator,
  IdentityProviderDocument,
  SignOnPolicy,
  SignOnRule,
} from '../../schemas/generated/types.ts';
import type { Sure } from './applies.ts';
import { type Circumstance, conclude } from './conclude.ts';
import { type Answer, unknownAnswer } from './verdict-of-one.ts';

type Place = { readonly zone: string; readonly risk: string };
type Worth = 'blocked' | 'strong' | 'open' | 'unknown';

const elsewhere = 'elsewhere';
const mostPlaces = 5000;

export function judgeOkta(
  { signOnPolicies, tenant }: IdentityProviderDocument,
  administrator: DirectoryAdministrator,
): Answer {
  if (signOnPolicies.status !== 'observed')
    return unknownAnswer(`sign-on policies were not seen (${signOnPolicies.reason})`);
  if (tenant.status !== 'observed') return unknownAnswer(`which engine decides was not seen (${tenant.reason})`);
  const active = signOnPolicies.value.filter((policy) => policy.active);
  const session = active.filter(({ kind }) => kind === 'session');
  const guarding = active.filter(
    ({ kind, applications }) =>
      kind === 'application' && !(applications.status === 'observed' && applications.value === 0),
  );
  if (tenant.value.engine === 'identity-engine' && guarding.length === 0)
    return unknownAnswer('no policy guards an application, which cannot be at Identity Engine');
  const places = placesOf(active);
  if (places === undefined) return unknownAnswer('the rules tell too many circumstances apart');
  const deciding = new Set<string>();
  const doubts = new Set<string>();
  let resistant = guarding.length > 0;
  const circumstances = places.flatMap((place): Circumstance[] => {
    const first = worthAt(session, place, administrator, doubts);
    const label = labelOf(place);
    if (guarding.length === 0) return [stated(first, label, deciding)];
    return guarding.map((policy) => {
      const second = worthAt([policy], place, administrator, doubts);
      resistant &&= second.resistant;
      const state = stated(
        { ...second, worth: either(first.worth, second.worth) },
        `${label}, to the applications of ${policy.name}`,
        deciding,
      );
      if (first.worth === 'strong' || first.worth === 'blocked') for (const name of first.by) deciding.add(name);
      return state;
    });
  });
  const { factors } = administrator;
  const second =
    factors.status === 'observed'
      ? factors.value.filter(({ type, active: usable }) => usable && !knowledge.includes(type))
      : [];
  const { requirement, witness, bypasses } = conclude(circumstances, second.length > 0);
  const unenrolled = factors.status === 'observed' && second.length === 0 && requirement === 'required';
  return {
    requirement: unenrolled ? 'requiredWithBypass' : requirement,
    decidedBy: [...deciding].toSorted(),
    exclusions: [],
    witness,
    bypasses: unenrolled
      ? [...bypasses, 'no second factor is enrolled: whoever signs in first with the password enrols one']
      : bypasses,
    unknowns: circumstances.some(({ state }) => state === 'unknown') ? [...doubts] : [],
    phishingResistant: resistant,
  };
}

/** Types of factors that are known, not held. */
const knowledge = ['password', 'question'];

function stated({ worth, by }: Found, label: string, deciding: Set<string>): Circumstance {
  if (worth === 'strong' || worth === 'blocked') for (const name of by) deciding.add(name);
  return { label: () => label, state: worth, legacy: false };
}

function either(one: Worth, other: Worth): Worth {
  return (['blocked', 'strong', 'unknown'] as const).find((worth) => one === worth || other === worth) ?? 'open';
}

function placesOf(policies: readonly SignOnPolicy[]): Place[] | undefined {
  const rules = policies
    .flatMap(({ rules: fact }) => (fact.status === 'observed' ? fact.value : []))
    .filter(({ active }) => active);
  const zones = new Set(rules.flatMap(({ network }) => [...(network?.include ?? []), ...(network?.exclude ?? [])]));
  zones.delete('ALL_ZONES');
  const risks = rules.some(({ risk }) => risk !== undefined) ? ['LOW', 'MEDIUM', 'HIGH'] : ['LOW'];
  const all = [elsewhere, ...zones].flatMap((zone) => risks.map((risk) => ({ zone, risk })));
  return all.length > mostPlaces ? undefined : all;
}

function labelOf({ zone, risk }: Place): string {
  return `${zone === elsewhere ? 'from any other place' : `from the zone ${zone}`}${risk === 'LOW' ? '' : `, at risk ${risk.toLowerCase()}`}`;
}

type Found = { readonly worth: Worth; readonly by: readonly string[]; readonly resistant: boolean };

/** The worth of what decides; where that is not certain, of all that may. */
function worthAt(
  policies: readonly SignOnPolicy[],
  place: Place,
  administrator: DirectoryAdministrator,
  doubts: Set<string>,
): Found {
  const found: { worth: Worth; name: string; resistant: boolean }[] = [];
  for (const policy of policies.toSorted((one, other) => one.priority - other.priority)) {
    const reached = doubtful(peopleMatch(policy, administrator), policy.notModelled, policy.name, doubts);
    if (reached === 'no') continue;
    if (policy.rules.status !== 'observed') {
      doubts.add(`${policy.name}: its rules were not seen (${policy.rules.reason})`);
      found.push({ worth: 'unknown', name: policy.name, resistant: false });
      if (reached === 'yes') break;
      continue;
    }
    let decided = false;
    for (const rule of policy.rules.value.filter(({ active }) => active)) {
      const name = `${policy.name} / ${rule.name}`;
      const matched = doubtful(ruleMatches(rule, place, administrator), rule.notModelled, name, doubts);
      if (matched === 'no') continue;
      found.push({ worth: worthOf(rule, policy, name, doubts), name, resistant: rule.phishingResistant === true });
      decided = matched === 'yes';
      if (decided) break;
    }
    if (decided && reached === 'yes') break;
  }
  const worths = new Set(found.map(({ worth }) => worth));
  const [only] = worths;
  const closed = [...worths].every((worth) => worth === 'strong' || worth === 'blocked');
  const worth = only === undefined ? 'unknown' : worths.size === 1 ? only : closed ? 'strong' : 'unknown';
  if (only === undefined) doubts.add('no rule that applies was seen');
  return { worth, by: found.map(({ name }) => name), resistant: found.every(({ resistant }) => resistant) };
}

function doubtful(sure: Sure, notModelled: readonly string[], name: string, doubts: Set<string>): Sure {
  if (sure === 'no') return 'no';
  for (const condition of notModelled) doubts.add(`${name}: the condition ${condition} is not modelled`);
  if (sure === 'maybe') doubts.add(`${name}: whether it reaches the account was not seen`);
  return notModelled.length > 0 ? 'maybe' : sure;
}

function peopleMatch(
  { includeGroups, excludeGroups }: Pick<SignOnPolicy, 'includeGroups' | 'excludeGroups'>,
  { groups }: DirectoryAdministrator,
): Sure {
  if (includeGroups.length + excludeGroups.length === 0) return 'yes';
  if (groups.status !== 'observed') return 'maybe';
  if (excludeGroups.some((group) => groups.value.includes(group))) return 'no';
  return includeGroups.length === 0 || includeGroups.some((group) => groups.value.includes(group)) ? 'yes' : 'no';
}

function ruleMatches(rule: SignOnRule, { zone, risk }: Place, administrator: DirectoryAdministrator): Sure {
  if (rule.excludeUsers.includes(administrator.id)) return 'no';
  const named = rule.includeUsers.includes(administrator.id);
  // Users and groups that are included are alternatives.
  if (rule.includeUsers.length > 0 && !named && rule.includeGroups.length === 0) return 'no';
  if (rule.risk !== undefined && rule.risk !== risk) return 'no';
  const inZone = networkMatches(rule, zone);
  if (inZone === 'no') return 'no';
  const people = named && rule.excludeGroups.length === 0 ? 'yes' : peopleMatch(rule, administrator);
  return people === 'yes' ? inZone : people;
}

function networkMatches({ network }: SignOnRule, zone: string): Sure {
  if (network === undefined) return 'yes';
  if (network.connection !== 'ZONE') return 'maybe';
  const isIn = (names: readonly string[]): boolean =>
    names.includes(zone) || (zone !== elsewhere && names.includes('ALL_ZONES'));
  if (isIn(network.exclude)) return 'no';
  return network.include.length === 0 || isIn(network.include) ? 'yes' : 'no';
}

function worthOf(rule: SignOnRule, { kind }: SignOnPolicy, name: string, doubts: Set<string>): Worth {
  if (rule.access === 'deny') return 'blocked';
  if (kind === 'session') {
    if (rule.access === 'challenge' || rule.requireFactor === true) return 'strong';
    if (rule.access === 'allow' && rule.requireFactor === false) return 'open';
  } else if (rule.access === 'allow' && rule.verification === 'ASSURANCE') {
    if (rule.factorMode === '2FA') return 'strong';
    if (rule.factorMode === '1FA') return 'open';
  }
  doubts.add(`${name}: what it asks for is not modelled`);
  return 'unknown';
}
