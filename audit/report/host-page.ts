import { addDays, daysBetween } from '../days.ts';
import type { HostAudit } from '../model.ts';
import type { PlanProgress } from '../plan/progress.ts';
import { answersOf } from './answers.ts';
import { timeAxis } from './charts/time-axis.ts';
import type { ReportContext } from './context.ts';
import { html } from './html.ts';
import { noticesOf } from './notices.ts';
import { page } from './page.ts';
import { answerCards } from './sections/answers.ts';
import { detectorSection } from './sections/detector.ts';
import { blindSection, verifySection } from './sections/evidence.ts';
import { exposureSection } from './sections/exposure.ts';
import { findingsSection } from './sections/findings.ts';
import { peopleSections } from './sections/people.ts';
import { planSection } from './sections/plan.ts';
import { count, dayText } from './words.ts';

/** The report of one server: one HTML file, UTF-8. */
export function hostPage(audit: HostAudit, context: ReportContext, plan?: PlanProgress): string {
  const [hostName = audit.host.id] = audit.host.names;
  const from = earliestDay(audit);
  const to = audit.lastDay !== undefined && audit.lastDay > audit.at ? audit.lastDay : audit.at;
  // One day alone would be a single column: a week around it gives it a place in time.
  const axis = timeAxis(daysBetween(from, to) < 6 ? addDays(to, -6) : from, to);
  const { exposure, role, criticality, owner, inInventory } = audit.inventory;
  return page({
    title: hostName,
    lede: html`State of ${dayText(audit.at)}, from ${count(audit.bundles, 'signed bundle')}${
      audit.firstDay !== undefined && ` of ${dayText(audit.firstDay)} to ${dayText(audit.lastDay ?? audit.firstDay)}`
    }. ${inInventory ? `${exposureWords[exposure]}${role === undefined ? '' : `, role ${role}`}${criticality === undefined ? '' : `, criticality ${criticality}`}${owner === undefined ? '' : `, owner ${owner}`}.` : 'The inventory does not name this server: the stricter clocks apply.'} ${
      audit.host.names.length > 1 && `Also called ${audit.host.names.slice(1, 5).join(', ')}. `
    }<span class="digest">${audit.host.id}</span>`,
    notices: noticesOf(audit, context),
    body: [
      answerCards(answersOf(audit)),
      exposureSection(audit, axis),
      detectorSection(audit, axis),
      peopleSections(audit),
      plan !== undefined && planSection(plan),
      findingsSection(audit),
      blindSection(audit, context),
      verifySection(context),
    ],
    foot: html`<p>Written by affiant ${context.version}. Days are UTC; times of collection are the server's own claim. This file asks nothing of any network and runs no script.</p>`,
  });
}

const exposureWords = {
  internet: 'Reached from the internet',
  internal: 'Internal',
  unknown: 'It is not known whether the internet reaches it: the stricter clocks apply',
} as const;

/** Where the charts begin: with the evidence, or with a fix that was released before it. */
function earliestDay({ firstDay, exposures, detector, at }: HostAudit): string {
  return (
    [
      ...(firstDay === undefined ? [] : [firstDay]),
      ...exposures.flatMap(({ missing }) => missing.map(({ from }) => from)),
      ...detector.map(({ from }) => from),
      at,
    ].toSorted()[0] ?? at
  );
}
