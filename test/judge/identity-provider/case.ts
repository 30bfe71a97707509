/** Parts that several cases of the judge share. */
import type { Requirement } from '../../../judge/mfa/requirement.ts';
import type { ConditionalAccessPolicy, IdentityProviderDocument } from '../../../schemas/generated/types.ts';
import { administrator, policy, seen, signIns } from './tenants.ts';

/** What a case is: a title, a document with one administrator, the answer, and words that must stand in it. */
export type Case = readonly [title: string, document: IdentityProviderDocument, expected: Requirement, says?: RegExp];

export const blockLegacy = (): ConditionalAccessPolicy =>
  policy({ name: 'Block legacy', clientAppTypes: ['exchangeActiveSync', 'other'], grant: { controls: ['block'] } });
export const modern = ['browser', 'mobileAppsAndDesktopClients'];
export const strength = (
  combinations: string[],
  satisfies: 'mfa' | 'none' | 'unknown' = 'unknown',
): ConditionalAccessPolicy =>
  policy({ grant: { controls: [], strength: { id: 's', name: 'S', satisfies, combinations } } });
export const singleFactor = administrator({
  signIns: seen({
    ...signIns,
    singleFactor: 2,
    lastSingleFactorAt: '2026-11-03T08:00:00Z',
    singleFactorWays: [{ application: 'Exchange', client: 'IMAP4', count: 2 }],
  }),
});
