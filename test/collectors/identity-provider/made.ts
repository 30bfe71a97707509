/** What the collectors make of the made tenants, checked against the schema, and short ways to look at it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Draft } from '../../../collectors/collector.ts';
import { collectEntra } from '../../../collectors/identity-provider/entra.ts';
import { collectOkta } from '../../../collectors/identity-provider/okta.ts';
import type { DirectoryAdministrator, Fact } from '../../../schemas/generated/types.ts';
import { identityProvider as isDocument } from '../../../schemas/generated/validators.js';
import { tenantId } from '../../agent/directory/vendor-server.ts';
import { entraAnswers, people } from './contoso.ts';
import { type FakeAnswers, fakeDirectory } from './fake-directory.ts';
import { oktaAnswers } from './okta-org.ts';

export type Made = Draft<'identityProvider'>;

export const options = { tenant: tenantId, cloud: 'global', signInsSince: '2026-10-24T00:00:00Z' } as const;
export const fixtures = join(import.meta.dirname, '../../fixtures/identity-provider');

export async function entra(change: FakeAnswers = {}): Promise<Made> {
  return valid(await collectEntra(fakeDirectory({ ...entraAnswers, ...change }), options));
}
export async function okta(change: FakeAnswers = {}): Promise<Made> {
  return valid(await collectOkta(fakeDirectory({ ...oktaAnswers, ...change }), { tenant: 'example.okta.com' }));
}
export function valid(made: Made): Made {
  const document: unknown = { format: 'affiant-identity-provider/1', blind: 'A'.repeat(43), ...made };
  assert.ok(isDocument(document), JSON.stringify(isDocument.errors));
  return made;
}
export function value<T>(fact: Fact<T>): T {
  assert.equal(fact.status, 'observed', JSON.stringify(fact));
  return fact.status === 'observed' ? fact.value : assert.fail();
}
export function one(made: Made, who: keyof typeof people): DirectoryAdministrator {
  return (
    value(made.administrators).find((each) => each.id === people[who]) ??
    assert.fail(`${who} is not among the administrators`)
  );
}
export function told<T>(fact: Fact<T>): string {
  return fact.status === 'observed' ? 'observed' : `${fact.status} ${fact.reason}`;
}
