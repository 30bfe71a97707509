/**
 * The circumstances of a sign-in that policies tell apart, as the product of few values for each condition:
 * those that a policy names, and one for all the rest. Whether all are covered is then a matter of counting.
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions
 */
import type { ConditionalAccessPolicy, NamedLocation } from '../../schemas/generated/types.ts';
import type { Sure } from './applies.ts';

export type Context = {
  readonly client: string;
  readonly application: string;
  readonly location: string;
  readonly platform: string;
  readonly signInRisk: string;
  readonly userRisk: string;
  readonly flow: string;
};

/** Windows Azure Service Management API: the Azure portal's, CLI's and PowerShell's way to everything. */
const azureManagement = '797f4846-ba00-4fd7-ba43-dac1f8f63013';
const suites = ['MicrosoftAdminPortals', 'Office365'];
const rest = 'any other';
const clients = ['browser', 'mobileAppsAndDesktopClients', 'exchangeActiveSync', 'other'];
const legacyClients = ['exchangeActiveSync', 'other'];
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Trusted addresses of the old per-user settings stand under this id. */
const oldTrustedAddresses = '00000000-0000-0000-0000-000000000000';

/** Undefined where there would be more than `most`. Telling ones come first, so that a witness is one of them. */
export function contextsOf(policies: readonly ConditionalAccessPolicy[], most: number): Context[] | undefined {
  const named = (pick: (policy: ConditionalAccessPolicy) => readonly string[]): string[] => [
    ...new Set(policies.flatMap(pick).map((name) => name.toLowerCase())),
  ];
  const applications = named(({ applications: { include, exclude } }) => [...include, ...exclude]).filter((name) =>
    guid.test(name),
  );
  const locations = named(({ locations }) => [...(locations?.include ?? []), ...(locations?.exclude ?? [])]);
  const platforms = named(({ platforms: names }) => [...(names?.include ?? []), ...(names?.exclude ?? [])]);
  const values: { readonly [Name in keyof Context]: readonly string[] } = {
    client: clients,
    application: [...new Set([suites[0] ?? '', azureManagement, suites[1] ?? '', rest, ...applications])],
    location:
      locations.length === 0
        ? [rest]
        : [rest, 'alltrusted', ...locations.filter((name) => name !== 'all' && name !== 'alltrusted')],
    platform: platforms.length === 0 ? [rest] : [rest, ...platforms.filter((name) => name !== 'all')],
    signInRisk: policies.some(({ signInRisk }) => signInRisk.length > 0) ? ['none', 'low', 'medium', 'high'] : ['none'],
    userRisk: policies.some(({ userRisk }) => userRisk.length > 0) ? ['none', 'low', 'medium', 'high'] : ['none'],
    flow: ['', ...named(({ flows }) => flows)],
  };
  if (Object.values(values).reduce((product, list) => product * list.length, 1) > most) return undefined;
  return product(values);
}

function product(values: { readonly [Name in keyof Context]: readonly string[] }): Context[] {
  return values.client.flatMap((client) =>
    values.application.flatMap((application) =>
      values.location.flatMap((location) =>
        values.platform.flatMap((platform) =>
          values.signInRisk.flatMap((signInRisk) =>
            values.userRisk.flatMap((userRisk) =>
              values.flow.map((flow) => ({ client, application, location, platform, signInRisk, userRisk, flow })),
            ),
          ),
        ),
      ),
    ),
  );
}

export function isLegacy({ client }: Context): boolean {
  return legacyClients.includes(client);
}

const clientWords: Readonly<Record<string, string>> = {
  browser: 'a browser',
  mobileAppsAndDesktopClients: 'an app',
  exchangeActiveSync: 'Exchange ActiveSync',
  other: 'an old client (IMAP, POP, SMTP, Office 2010)',
};
const applicationWords: Readonly<Record<string, string>> = {
  MicrosoftAdminPortals: 'Microsoft admin portals',
  Office365: 'Office 365',
  [azureManagement]: 'Azure management',
  [rest]: 'any other application',
};

export function labelOf(context: Context, locations: readonly NamedLocation[]): string {
  const place = locations.find(({ id }) => id.toLowerCase() === context.location)?.name ?? context.location;
  return [
    `${clientWords[context.client] ?? context.client} to ${applicationWords[context.application] ?? `the application ${context.application}`}`,
    ...(context.location === rest
      ? []
      : [context.location === 'alltrusted' ? 'from a trusted location' : `from ${place}`]),
    ...(context.platform === rest ? [] : [`on ${context.platform}`]),
    ...(context.signInRisk === 'none' ? [] : [`at sign-in risk ${context.signInRisk}`]),
    ...(context.userRisk === 'none' ? [] : [`at user risk ${context.userRisk}`]),
    ...(context.flow === '' ? [] : [`by ${context.flow}`]),
  ].join(', ');
}

/** Whether a policy that reaches the account applies in this circumstance. `locations` undefined: they were not seen. */
export function matches(
  policy: ConditionalAccessPolicy,
  context: Context,
  locations: readonly NamedLocation[] | undefined,
): Sure {
  // One after the other: most policies fall out at the first.
  let sure: Sure = policy.notModelled.length === 0 ? 'yes' : 'maybe';
  for (const condition of conditions) {
    const part = condition(policy, context, locations);
    if (part === 'no') return 'no';
    if (part === 'maybe') sure = 'maybe';
  }
  return sure;
}

type Condition = (
  policy: ConditionalAccessPolicy,
  context: Context,
  locations: readonly NamedLocation[] | undefined,
) => Sure;

const conditions: readonly Condition[] = [
  ({ clientAppTypes }, { client }) => clientMatches(clientAppTypes, client),
  (policy, { location }, locations) => scoped(policy.locations, (name) => locationIs(name, location, locations)),
  (policy, { platform }) =>
    scoped(policy.platforms, (name) =>
      name.toLowerCase() === 'all' || name.toLowerCase() === platform ? 'yes' : 'no',
    ),
  (policy, { signInRisk }) => riskMatches(policy.signInRisk, signInRisk),
  (policy, { userRisk }) => riskMatches(policy.userRisk, userRisk),
  ({ flows }, { flow }) => (flows.length === 0 || flows.some((name) => name.toLowerCase() === flow) ? 'yes' : 'no'),
  (policy, { application }) => applicationMatches(policy, application),
];

function clientMatches(types: readonly string[], client: string): Sure {
  if (types.length === 0 || types.includes('all') || types.includes(client)) return 'yes';
  return types.every((type) => clients.includes(type)) ? 'no' : 'maybe';
}

function riskMatches(levels: readonly string[], level: string): Sure {
  if (levels.length === 0 || levels.includes(level)) return 'yes';
  return levels.every((each) => ['none', 'low', 'medium', 'high'].includes(each)) ? 'no' : 'maybe';
}

function applicationMatches({ applications, notModelled }: ConditionalAccessPolicy, application: string): Sure {
  // Without applications it guards user actions or step-up, or it selects them in a way that is not modelled.
  if (applications.include.length === 0)
    return notModelled.some((name) => name.startsWith('applications.')) ? 'maybe' : 'no';
  return scoped(applications, (name) => applicationIs(name, application));
}

function applicationIs(name: string, application: string): Sure {
  if (name === 'All' || name === application || name.toLowerCase() === application) return 'yes';
  if (name === 'None' || guid.test(name.toLowerCase())) return 'no';
  // A single application may belong to a suite; a name of a new kind may mean anything.
  if (suites.includes(name)) return guid.test(application) ? 'maybe' : 'no';
  return 'maybe';
}

function locationIs(name: string, location: string, locations: readonly NamedLocation[] | undefined): Sure {
  const wanted = name.toLowerCase();
  if (wanted === 'all' || wanted === location) return 'yes';
  if (wanted !== 'alltrusted' || location === rest) return 'no';
  if (location === oldTrustedAddresses) return 'yes';
  const known = locations?.find(({ id }) => id.toLowerCase() === location);
  return known === undefined ? 'maybe' : known.trusted ? 'yes' : 'no';
}

function scoped(
  scope: { readonly include: readonly string[]; readonly exclude: readonly string[] } | undefined,
  is: (name: string) => Sure,
): Sure {
  if (scope === undefined) return 'yes';
  const included = scope.include.map(is);
  const excluded = scope.exclude.map(is);
  if (excluded.includes('yes')) return 'no';
  if (included.includes('yes')) return excluded.includes('maybe') ? 'maybe' : 'yes';
  return included.includes('maybe') ? 'maybe' : 'no';
}
