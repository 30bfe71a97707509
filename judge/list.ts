/** The judges of one server's documents, in the order in which people read their verdicts. A new one is one line here. */
import type { Draft, Drafts } from '../collectors/collector.ts';
import type { Catalogue } from '../schemas/generated/types.ts';
import { judgeEdr } from './edr.ts';
import { exchangeVerdict } from './exchange-installed.ts';
import { judgeLinuxSupport } from './linux-support.ts';
import { judgeMfa } from './mfa/matrix.ts';
import { judgeSqlInstance } from './sql-server.ts';
import { judgeUpdates } from './updates.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { waysBySu } from './ways-by-pam.ts';
import { rootDetails } from './ways-details.ts';
import { waysToRoot } from './ways-to-root.ts';
import { judgeWindowsUpdates } from './windows-updates.ts';

export type Conclusion = {
  /** What was asked, in a few words. */
  readonly question: string;
  readonly verdict: Verdict;
  /** More for a person, one line each. */
  readonly details?: readonly string[];
};

/** Undefined where the documents that it judges are not there. */
export type Judge = (documents: Drafts, context: JudgeContext) => Conclusion | undefined;

/** `at` is the moment of the judgement, RFC 3339; without its catalogue a judge of builds knows nothing. */
export type JudgeContext = { readonly at: string; readonly catalogues?: readonly Catalogue[] };

export const judges: readonly Judge[] = [
  ({ host, updates }, context) =>
    updates && { question: 'Updates in order', verdict: updatesVerdict(host, updates, context) },
  ({ updates }, { at, catalogues = [] }) => {
    const exchange = catalogues.find(({ id }) => id === 'exchange');
    const verdict = updates && exchangeVerdict(updates, exchange, at.slice(0, 10));
    return verdict && { question: 'Exchange in order', verdict };
  },
  ({ edr }, { at }) => edr && { question: 'Protected now', verdict: judgeEdr(edr, { at }) },
  ({ edr }, { at }) => edr && { question: 'Audit system records', verdict: judgeEdr(edr, { at }).audit },
  ({ edr }, { at }) => edr && { question: 'Logs leave the server', verdict: judgeEdr(edr, { at }).forwarding },
  ({ admins, mfa }, { at }) => {
    if (admins === undefined) return undefined;
    const verdict = waysToRoot(admins, at);
    return {
      question:
        admins.windowsGroups.status === 'not-applicable' ? 'Root only with a password' : 'Administrators in order',
      verdict: mfa === undefined ? verdict : joined([verdict, waysBySu(mfa, admins)]),
      details: rootDetails(verdict),
    };
  },
  ({ admins, mfa }) => admins && mfa && { question: 'Second factor really required', verdict: judgeMfa(mfa, admins) },
];

/** All conclusions that these documents allow. */
export function conclude(documents: Drafts, context: JudgeContext): Conclusion[] {
  return judges.flatMap((judge) => judge(documents, context) ?? []);
}

/**
 * Windows by the catalogues of its builds, and SQL Server with it; Linux by its package manager's own reckoning,
 * as long as somebody mends what that offers.
 */
function updatesVerdict(
  host: Draft<'host'> | undefined,
  updates: Draft<'updates'>,
  { at, catalogues = [] }: JudgeContext,
): Verdict {
  const { osBuild, sqlInstances } = updates;
  const named = (id: string): Catalogue | undefined => catalogues.find((each) => each.id === id);
  if (osBuild.status === 'not-applicable')
    return joined([
      judgeLinuxSupport(host?.os, updates, named('linux'), at.slice(0, 10)),
      judgeUpdates(updates, { at }),
    ]);
  const [windows, sql] = [named('windows'), named('sql-server')];
  if (windows === undefined || sql === undefined) return verdictOf([], ['there is no catalogue of builds at hand']);
  const instances =
    sqlInstances.status === 'observed'
      ? sqlInstances.value
          .filter(({ kind }) => kind === 'sql')
          .map((each) => judgeSqlInstance(each, sql, at.slice(0, 10)))
      : sqlInstances.status === 'absent'
        ? []
        : [verdictOf([], [`sqlInstances: ${sqlInstances.reason}`])];
  return joined([judgeWindowsUpdates(updates, windows, { at }), ...instances]);
}

function joined(parts: readonly Pick<Verdict, 'faults' | 'unknowns'>[]): Verdict {
  return verdictOf(
    parts.flatMap(({ faults }) => faults),
    parts.flatMap(({ unknowns }) => unknowns),
  );
}
