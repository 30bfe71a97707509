/** What an identity provider says of its administrators and policies; whether a factor is required is the judge's. */
import type { Directory } from '../../agent/directory/directory.ts';
import type { DirectoryAdministrator, Fact, IdentityProviderDocument } from '../../schemas/generated/types.ts';
import type { Draft, Drafts, SummaryRow } from '../collector.ts';
import type { EntraOptions } from './entra.ts';
import type { OktaOptions } from './okta.ts';

/** Which tenant, and what else the collector may not find out by itself. */
export type TenantOptions = ({ readonly vendor: 'entra' } & EntraOptions) | ({ readonly vendor: 'okta' } & OktaOptions);

/** A collector that asks an identity provider instead of a server: once per tenant, from one place. */
export const identityProvider = {
  name: 'identity-provider',
  purpose: 'Policies, administrators, registered factors and sign-ins of one tenant.',
  documents: ['identityProvider'] as const,
  // Summaries are wanted at every collection, the questions only of a tenant.
  collect: async (directory: Directory, options: TenantOptions): Promise<Draft<'identityProvider'>> =>
    options.vendor === 'entra'
      ? (await import('./entra.ts')).collectEntra(directory, options)
      : (await import('./okta.ts')).collectOkta(directory, options),
  summarise,
};

function summarise({ identityProvider: draft }: Drafts): readonly SummaryRow[] {
  if (draft === undefined) return [];
  const rows = [
    row(draft.tenant, ({ vendor, id, name }) => plain('Tenant', `${name ?? id} (${vendor}, ${id})`)),
    row(draft.conditionalAccessPolicies, (policies) => plain('Policies', policyText(policies))),
    row(draft.signOnPolicies, (policies) =>
      plain('Policies', `${policies.filter(({ active }) => active).length} in force of ${policies.length}`),
    ),
    row(draft.securityDefaults, (on) => plain('Security defaults', on ? 'on' : 'off')),
    row(draft.administrators, (all) => plain('Administrators', classText(all))),
    row(draft.eligibleRoles, (count) => plain('Waiting roles', `${count} to be activated by their holders`)),
    row(draft.accounts, ({ members, guests, disabled, rooms }) =>
      plain(
        'Accounts',
        `${members} members, ${guests} guests, ${disabled} disabled${rooms === undefined ? ', rooms not told apart' : `, ${rooms} rooms`}`,
      ),
    ),
    row(draft.registration, ({ classes, updatedFrom, updatedTo }) => {
      const members = classes.find((each) => each.class === 'member');
      const dates =
        updatedFrom === undefined ? 'of unknown date' : `as of ${updatedFrom} to ${updatedTo ?? updatedFrom}`;
      return plain(
        'Registered',
        `${members?.registered ?? 0} of ${members?.total ?? 0} members in the report ${dates}`,
      );
    }),
    row(draft.administrators, signInRow),
  ];
  return rows.filter((each) => each !== undefined);
}

function policyText(policies: readonly { state: string }[]): string {
  const of = (state: string): number => policies.filter((policy) => policy.state === state).length;
  return `${of('enabled')} in force, ${of('report-only')} report-only, ${of('disabled')} off`;
}

function classText(all: readonly DirectoryAdministrator[]): string {
  const counts = new Map<string, number>();
  for (const { class: kind } of all) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

function signInRow(all: readonly DirectoryAdministrator[]): SummaryRow | undefined {
  const seen = all.flatMap(({ signIns }) => (signIns.status === 'observed' ? [signIns.value] : []));
  if (seen.length === 0) return undefined;
  const single = seen.filter(({ singleFactor }) => singleFactor > 0).length;
  if (single === 0) return plain('Sign-ins', `none with one factor among those of ${seen.length} administrators`);
  return {
    label: 'Sign-ins',
    text: `${single} of ${seen.length} administrators got in with one factor`,
    tone: 'attention',
  };
}

function row<T>(fact: Fact<T>, make: (value: T) => SummaryRow | undefined): SummaryRow | undefined {
  return fact.status === 'observed' ? make(fact.value) : undefined;
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

/** Facts within the administrators that were not seen, by name and reason, with how many they are. */
export function unseenOfAdministrators({
  administrators,
}: Pick<IdentityProviderDocument, 'administrators'>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (administrators.status !== 'observed') return counts;
  for (const { roles, groups, registration, perUserMfa, signIns, factors } of administrators.value)
    for (const [name, { status, ...rest }] of Object.entries({
      roles,
      groups,
      registration,
      perUserMfa,
      signIns,
      factors,
    })) {
      if (status === 'observed' || status === 'not-applicable' || status === 'absent') continue;
      const key = `${name}: ${status} (${'reason' in rest ? rest.reason : 'unknown'})`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  return counts;
}
