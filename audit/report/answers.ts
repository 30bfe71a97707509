/**
 * The six questions that a report answers before anything else, in sentences. An answer is good only
 * where everything that it rests on was seen; where something was not, it says so and is no good answer.
 */
import type { Finding, HostAudit } from '../model.ts';
import {
  type Answer,
  isSilent,
  isUndecided,
  nothing,
  openFailures,
  openUnknowns,
  stillMissing,
  worstFirst,
} from './answer.ts';
import { clock, since } from './answers-late.ts';
import { detector, factor, unseen } from './answers-seen.ts';
import { count, dayText, list, sentence } from './words.ts';

export function answersOf(audit: HostAudit): readonly Answer[] {
  return [wrong(audit), since(audit), clock(audit), factor(audit), detector(audit), unseen(audit)];
}

function wrong(audit: HostAudit): Answer {
  const question = 'What is wrong?';
  if (audit.bundles === 0) return { id: 'wrong', question, tone: 'unknown', sentences: [sentence(nothing)] };
  const fixes = worstFirst(audit.exposures.filter(stillMissing));
  const ids = new Set(fixes.map(({ fixId }) => fixId));
  const others = grouped(openFailures(audit).filter(({ subject }) => !ids.has(subject)));
  const unknowns = openUnknowns(audit);
  const suspended = audit.findings.filter(({ state }) => state === 'suspended').length;
  const ended = audit.findings.filter(({ state, verdict }) => state === 'ended' && verdict === 'fail').length;
  const critical = audit.counters.missingCriticalCount;
  const sentences = [
    ...(fixes.length === 0
      ? []
      : [
          `${count(fixes.length, 'published fix is', 'published fixes are')} missing${critical === 0 ? '' : `, ${critical} of them critical or exploited`}: ${list(fixes.map(({ fixId }) => fixId))}`,
        ]),
    ...others.slice(0, 4),
    ...(others.length > 4
      ? [`${count(others.length - 4, 'further finding is', 'further findings are')} listed below`]
      : []),
    ...(unknowns.length === 0
      ? []
      : [
          `${count(unknowns.length, 'rule', 'rules')} could not be decided: ${list([...new Set(unknowns.map(({ title }) => title))], 3)}`,
        ]),
    ...(suspended === 0 ? [] : [`${count(suspended, 'finding is', 'findings are')} suspended by the word of a person`]),
  ];
  const bad = fixes.length > 0 || others.length > 0;
  const { unjudged } = audit;
  if (isSilent(audit))
    sentences.push(`The server is silent: this is its last known state, of ${dayText(audit.lastDay ?? audit.at)}`);
  if (unjudged.length > 0) sentences.push(`The newest evidence does not let judge ${list(unjudged)}`);
  if (!bad && unknowns.length === 0) sentences.unshift('No rule is broken by what was seen');
  if (!bad && ended > 0)
    sentences.push(`${count(ended, 'finding', 'findings')} of the past ended and are listed below`);
  return {
    id: 'wrong',
    question,
    tone: bad ? 'bad' : isUndecided(audit) ? 'unknown' : 'good',
    sentences: sentences.map(sentence),
  };
}

/** One sentence for what several rules say of the same, and one for what one rule says of several. */
function grouped(findings: readonly Finding[]): readonly string[] {
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) byRule.set(finding.rule, [...(byRule.get(finding.rule) ?? []), finding]);
  const bySubjects = new Map<string, Finding[]>();
  for (const group of byRule.values()) {
    const subjects = [...new Set(group.map(({ subject }) => subject))].toSorted().join('\n');
    if (!bySubjects.has(subjects)) bySubjects.set(subjects, group);
  }
  return [...bySubjects.values()]
    .toSorted((one, other) => Number(one[0]?.level === 'warning') - Number(other[0]?.level === 'warning'))
    .map(([first, ...more]) => {
      const others = [...new Set(more.map(({ subject }) => subject))].filter((subject) => subject !== first?.subject);
      const title = first?.title ?? '';
      return others.length === 0 ? title : `${title}; so it is with ${list(others, 4)}`;
    });
}
