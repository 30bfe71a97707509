/** The judges of one server's documents, in the order in which people read their verdicts. A new one is one line here. */
import type { Drafts } from '../collectors/collector.ts';
import { judgeEdr } from './edr.ts';
import { judgeMfa } from './mfa/matrix.ts';
import { judgeUpdates } from './updates.ts';
import type { Verdict } from './verdict.ts';
import { rootDetails } from './ways-details.ts';
import { waysToRoot } from './ways-to-root.ts';

export type Conclusion = {
  /** What was asked, in a few words. */
  readonly question: string;
  readonly verdict: Verdict;
  /** More for a person, one line each. */
  readonly details?: readonly string[];
};

/** Undefined where the documents that it judges are not there. `at` is the moment of the judgement, RFC 3339. */
export type Judge = (documents: Drafts, context: { readonly at: string }) => Conclusion | undefined;

export const judges: readonly Judge[] = [
  ({ updates }, { at }) => updates && { question: 'Updates in order', verdict: judgeUpdates(updates, { at }) },
  ({ edr }, { at }) => edr && { question: 'Protected now', verdict: judgeEdr(edr, { at }) },
  ({ edr }, { at }) => edr && { question: 'Audit system records', verdict: judgeEdr(edr, { at }).audit },
  ({ edr }, { at }) => edr && { question: 'Logs leave the server', verdict: judgeEdr(edr, { at }).forwarding },
  ({ admins }, { at }) => {
    if (admins === undefined) return undefined;
    const verdict = waysToRoot(admins, at);
    return {
      question:
        admins.windowsGroups.status === 'not-applicable' ? 'Root only with a password' : 'Administrators in order',
      verdict,
      details: rootDetails(verdict),
    };
  },
  ({ admins, mfa }) => admins && mfa && { question: 'Second factor really required', verdict: judgeMfa(mfa, admins) },
];

/** All conclusions that these documents allow. */
export function conclude(documents: Drafts, context: { readonly at: string }): Conclusion[] {
  return judges.flatMap((judge) => judge(documents, context) ?? []);
}
