/** Who gets in with one factor, whether the detector worked, what could not be seen. */
import { daysBetween } from '../days.ts';
import type { HostAudit } from '../model.ts';
import { closedWays, oneFactorWays } from '../one-factor.ts';
import { type Answer, earliest, isSilent, nothing } from './answer.ts';
import { count, dayText, lasting, list, sentence } from './words.ts';

export function factor(audit: HostAudit): Answer {
  const { mfa, bundles, unjudged } = audit;
  const question = 'Who can get in with one factor?';
  if (mfa === undefined || mfa.cells.length === 0)
    return {
      id: 'factor',
      question,
      tone: 'unknown',
      sentences: [
        bundles === 0
          ? sentence(nothing)
          : 'It is not known: no evidence says who the administrators are and what they are asked for.',
      ],
    };
  const byAccount = (holds: (requirement: string) => boolean): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const { account, way, kind, requirement } of mfa.cells)
      if (kind === 'entry' && holds(requirement)) found.set(account, [...(found.get(account) ?? []), way]);
    return found;
  };
  const accounts = new Set(mfa.cells.map(({ account }) => account)).size;
  const weak = byAccount((requirement) => oneFactorWays.has(requirement));
  const unknown = byAccount((requirement) => !oneFactorWays.has(requirement) && !closedWays.has(requirement));
  const onlyUnknown = [...unknown.keys()].filter((account) => !weak.has(account));
  const alsoUnknown = [...unknown.keys()].filter((account) => weak.has(account));
  const old = unjudged.includes('second factors') || isSilent(audit);
  const ways = [...new Set([...weak.values()].flat())];
  // Where every account is closed nothing shows what somebody would be asked who is an administrator for a time.
  const nobody = mfa.cells.every(({ kind, requirement }) => kind !== 'entry' || requirement === 'pathDisabled');
  const sentences = [
    ...(weak.size === 0
      ? []
      : [`${weak.size} of ${count(accounts, 'administrator')} can: ${list([...weak.keys()])}, by ${list(ways, 10)}`]),
    // A way that is not named looks closed to who reads this alone.
    ...(alsoUnknown.length === 0
      ? []
      : [
          `By ${list([...new Set(alsoUnknown.flatMap((account) => unknown.get(account) ?? []))], 10)} it is not known of ${alsoUnknown.length} of them`,
        ]),
    ...(onlyUnknown.length === 0 ? [] : [`Of ${onlyUnknown.length} it is not known: ${list(onlyUnknown)}`]),
    ...(nobody
      ? [
          `Nobody who is an administrator now gets in at all: ${count(accounts, 'account is', 'accounts are')} closed`,
          'What those are asked for who become administrators for a time it does not show',
        ]
      : []),
    ...(weak.size === 0 && onlyUnknown.length === 0 && !nobody
      ? [`Nobody among ${count(accounts, 'administrator')}: two factors are required on every way in that was judged`]
      : []),
    ...(old ? [`Nothing newer says so: this is as of ${dayText(mfa.day)}`] : []),
    ...(mfa.outOfBand.length === 0 ? [] : [`Not judged from this server: ${list(mfa.outOfBand, 4)}`]),
  ];
  return {
    id: 'factor',
    question,
    tone: weak.size > 0 ? 'bad' : old || nobody || unknown.size > 0 ? 'unknown' : 'good',
    sentences: sentences.map(sentence),
  };
}

export function detector(audit: HostAudit): Answer {
  const question = 'Did the detector work?';
  const last = audit.detector.at(-1);
  const days = (outcome: string): number =>
    audit.detector
      .filter((stretch) => stretch.outcome === outcome)
      .reduce((sum, { from, to }) => sum + lasting(from, to), 0);
  const total = audit.detector.reduce((sum, { from, to }) => sum + lasting(from, to), 0);
  const [worked, failed] = [days('pass'), days('fail')];
  const notKnown = total - worked - failed;
  const seen = audit.detections.filter((each) => each.total > 0);
  const ignored = seen.filter(({ acknowledged }) => !acknowledged);
  const found = seen.reduce((sum, each) => sum + each.total, 0);
  const firstAt = earliest(seen.flatMap((each) => each.firstAt ?? []));
  const sentences = [
    last === undefined
      ? 'It is not known: no evidence speaks of a detector'
      : failed === total
        ? `On no day of ${count(total, 'day')}`
        : failed > 0
          ? `Not on ${failed} of ${count(total, 'day')}`
          : notKnown === total
            ? `It is not known${total === 1 ? '' : ` for any of ${count(total, 'day')}`}: ${list(last.reasons, 3) || 'what decides was not seen'}`
            : notKnown > 0
              ? `It worked on ${worked} of ${count(total, 'day')}; on ${notKnown} it is not known`
              : `It worked on every one of ${count(total, 'day')}`,
    ...(failed > 0 ? reasonsOf(audit) : []),
    ...(failed > 0 && last?.outcome === 'pass' ? ['It works now'] : []),
    ...(failed > 0 && notKnown > 0 ? [`On ${count(notKnown, 'further day')} it is not known`] : []),
    ...(found === 0
      ? []
      : [
          `It reported ${count(found, 'detection')}${firstAt === undefined ? '' : `, the first on ${dayText(firstAt)}`}${ignored.length === 0 ? ', and somebody said to have looked' : '; nobody said to have looked'}`,
        ]),
  ];
  return {
    id: 'detector',
    question,
    tone:
      failed > 0 || ignored.length > 0
        ? 'bad'
        : last === undefined || notKnown > 0 || audit.unjudged.includes('threat detection') || isSilent(audit)
          ? 'unknown'
          : 'good',
    sentences: sentences.map(sentence),
  };
}

/** Why, in the newest stretch in which it did not work: the first reason, and how many more. */
function reasonsOf({ detector }: HostAudit): readonly string[] {
  const [first, ...more] = [...new Set(detector.findLast(({ outcome }) => outcome === 'fail')?.reasons ?? [])];
  if (first === undefined) return [];
  return [more.length === 0 ? first : `${first}; and ${count(more.length, 'further reason')}`];
}

export function unseen(audit: HostAudit): Answer {
  const question = 'What could not be seen?';
  const { stale, gaps, faults } = audit.history;
  // Days without evidence are told apart from things that evidence could not see.
  const spots = audit.blindSpots.filter(({ what }) => what !== 'everything');
  const blind = spots.filter(({ to }) => to === undefined);
  const past = spots.length - blind.length;
  const silentDays = stale.reduce((sum, { from, to }) => sum + Math.max(0, lasting(from, to ?? audit.at)), 0);
  const now = stale.find(({ to }) => to === undefined);
  const sentences = [
    ...(audit.bundles === 0 ? [nothing] : []),
    ...(audit.bundles > 0 && audit.unjudged.length > 0
      ? [`The newest evidence says nothing of ${list(audit.unjudged)}`]
      : []),
    ...(now === undefined
      ? []
      : [
          `The server has been silent since ${dayText(now.from)}, ${count(Math.max(0, daysBetween(now.from, audit.at)) + 1, 'day')}; what is said of that time is its last known state`,
        ]),
    ...(silentDays > 0 && now === undefined
      ? [`On ${count(silentDays, 'day')} no evidence came; what is said of them is the last known state`]
      : []),
    ...(gaps.length === 0 ? [] : [`${count(gaps.length, 'gap')} in its chain: bundles were signed that are not here`]),
    ...(faults.length === 0
      ? []
      : [
          `${count(faults.length, 'fault')} in its chain: ${list(
            faults.map(({ text }) => text),
            2,
          )}`,
        ]),
    ...(blind.length === 0
      ? []
      : [`${count(blind.length, 'fact is', 'facts are')} not seen now, of ${list(topicsOf(blind), 4)}`]),
    ...(past === 0 ? [] : [`${count(past, 'fact was', 'facts were')} not seen for a time`]),
  ];
  const gone = sentences.length > 0;
  return {
    id: 'unseen',
    question,
    tone: gone ? 'unknown' : 'good',
    sentences: gone
      ? sentences.map(sentence)
      : [
          `Nothing of what was asked, from ${dayText(audit.firstDay ?? audit.at)} to ${dayText(audit.lastDay ?? audit.at)}.`,
        ],
  };
}

/** Documents with how many facts of each are missing, the most first. */
function topicsOf(spots: HostAudit['blindSpots']): readonly string[] {
  const counts = new Map<string, number>();
  for (const { what } of spots) {
    const [document = what] = what.split('/', 1);
    counts.set(document, (counts.get(document) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([document, number]) => `${document} (${number})`);
}
