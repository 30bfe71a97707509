/**
 * Whether a clock was judged at all on a bundle. No finding may mean that all is well or that nobody looked:
 * a plan must not take the one for the other.
 */
import type { PolicyClock } from '../../schemas/generated/types.ts';
import type { HistoryEntry } from '../model.ts';
import type { Observation } from '../observation.ts';

type Fact = Exclude<keyof Observation, 'unseen' | 'adminsUnseen' | 'paidFixes'>;

/** What has to be seen for each kind of clock; a kind that is not here measures nothing that a bundle shows. */
const needs: Readonly<Partial<Record<PolicyClock['measures'], readonly Fact[]>>> = {
  fix: ['exchange', 'fixes', 'windows', 'sql'],
  unsupported: ['exchange', 'fixes', 'windows', 'sql'],
  'signature-age': ['protection'],
  protection: ['protection'],
  'log-forwarding': ['protection'],
  'log-retention': ['protection'],
  'detection-test': ['protection'],
  'detection-review': ['detections'],
  'dormant-admin': ['admins'],
  'admin-review': ['admins'],
  'standing-admin': ['admins'],
  'password-age': ['admins', 'factors'],
  'second-factor': ['factors'],
  'evidence-gap': [],
  scan: [],
};

/** Of the others one fact does where the server has not what the rest is about; here each tells its own part. */
const needsAll: ReadonlySet<PolicyClock['measures']> = new Set(['password-age']);

/** Whether evidence can show that such a clock is kept. */
export function isShown(measures: PolicyClock['measures']): boolean {
  return needs[measures] !== undefined;
}

/** What of it was not seen in the bundle; empty where it was judged. */
export function notJudged(measures: PolicyClock['measures'], { seen, mode }: HistoryEntry): readonly string[] {
  const wanted = needs[measures] ?? [];
  if (wanted.length === 0) return [];
  const said = wanted.filter((fact) => {
    const each = seen[fact];
    if (each === undefined || each.status === 'not-applicable' || each.status === 'absent') return false;
    // A recording that plays one product has nothing of the others; what a server itself says so was not seen.
    return mode !== 'replay' || each.status !== 'unsupported' || each.reason !== 'not-recorded';
  });
  // Either kind of fix list is enough where the other does not exist on the server.
  if (said.length === 0) return [`${wanted.join(' and ')} not in the evidence`];
  // Where nobody gets in, nothing shows that somebody who did would be asked for a second factor.
  const { factors } = seen;
  const nobody =
    factors?.status === 'observed' &&
    factors.value.cells.every(({ kind, requirement }) => kind !== 'entry' || requirement === 'pathDisabled');
  if (measures === 'second-factor' && nobody) return ['no administrator could get in: nothing shows what one is asked'];
  const missing = needsAll.has(measures) ? wanted.filter((fact) => seen[fact] === undefined) : [];
  const unseen = said.flatMap((fact) => {
    const each = seen[fact];
    if (each?.status === 'observed')
      return fact === 'admins' ? (seen.adminsUnseen ?? []).map((why) => `admins in part: ${why}`) : [];
    return each === undefined ? [] : [`${fact} ${each.status}: ${each.reason}`];
  });
  return [...unseen, ...missing.map((fact) => `${fact} not in the evidence`)];
}
