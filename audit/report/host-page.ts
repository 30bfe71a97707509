import { addDays, daysBetween } from '../days.ts';
import type { HostAudit } from '../model.ts';
import { answersOf } from './answers.ts';
import { timeAxis } from './charts/time-axis.ts';
import type { ReportContext } from './context.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import { answerCards } from './sections/answers.ts';
import { detectorSection } from './sections/detector.ts';
import { blindSection, verifySection } from './sections/evidence.ts';
import { exposureSection } from './sections/exposure.ts';
import { findingsSection } from './sections/findings.ts';
import { peopleSections } from './sections/people.ts';
import { count, dayText } from './words.ts';

/** The report of one server: one HTML file, UTF-8. */
export function hostPage(audit: HostAudit, context: ReportContext): string {
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
    }. ${inInventory ? `${exposureWords[exposure]}${role === undefined ? '' : `, ${role}`}${criticality === undefined ? '' : `, criticality ${criticality}`}${owner === undefined ? '' : `, owner ${owner}`}.` : 'The inventory does not name this server: the stricter clocks apply.'} ${
      audit.host.names.length > 1 && `Also called ${audit.host.names.slice(1, 5).join(', ')}. `
    }<span class="digest">${audit.host.id}</span>`,
    notices: noticesOf(audit, context),
    body: [
      answerCards(answersOf(audit)),
      exposureSection(audit, axis),
      detectorSection(audit, axis),
      peopleSections(audit),
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

export function noticesOf(audit: HostAudit, { refused }: ReportContext): readonly string[] {
  return [
    ...(audit.history.replayed
      ? [
          'Replayed evidence: a recorded or constructed machine, signed with a throw-away key. It proves nothing about a real server.',
        ]
      : []),
    ...(refused.length > 0
      ? [`${count(refused.length, 'pack', 'packs')} refused: what does not verify counts for nothing here; see below.`]
      : []),
  ];
}

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
