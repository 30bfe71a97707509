import type { EvidenceRef, Finding, HostAudit } from '../../model.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { section } from '../page.ts';
import { count, dayText } from '../words.ts';

const shownOpen = 40;

const marks = { fail: '✗', undetermined: '?' } as const;
const states: Readonly<Record<Finding['state'], string>> = {
  open: 'open',
  ended: 'ended',
  suspended: 'suspended by the word of a person',
};

export function findingsSection({ findings, bundles }: HostAudit): Markup {
  const rank = ({ state, verdict, level }: Finding): number =>
    (state === 'open' ? 0 : state === 'suspended' ? 10 : 20) +
    (verdict === 'fail' ? 0 : 5) +
    (level === 'breach' ? 0 : 1);
  const sorted = findings.toSorted(
    (one, other) => rank(one) - rank(other) || (one.interval.from < other.interval.from ? -1 : 1),
  );
  if (sorted.length === 0)
    return section(
      'findings',
      'Findings',
      html`<p>${bundles === 0 ? 'None can be made: no evidence was verified.' : 'None.'}</p>`,
    );
  const shown = sorted.slice(0, shownOpen);
  const rest = sorted.slice(shownOpen);
  return section(
    'findings',
    'Findings, with their evidence',
    shown.map(finding),
    rest.length > 0 &&
      html`<details><summary>${count(rest.length, 'further finding')}</summary>${rest.map(finding)}</details>`,
  );
}

function finding(each: Finding): Piece {
  const { interval, clock, breachDay, dueDay, attestation } = each;
  return html`<article class="finding"><h3><span class="tone ${each.verdict === 'fail' ? 'bad' : 'unknown'}">${marks[each.verdict]} ${each.verdict === 'undetermined' ? 'undecided' : each.level}</span> ${each.title}</h3>
<p>${each.reason}</p>
<dl><dt>Days</dt><dd>${dayText(interval.from)} to ${interval.to === undefined ? 'now' : dayText(interval.to)}, ${states[each.state]}${each.stale === true && '; its newest days rest on a last known state'}</dd>
<dt>Start</dt><dd>${each.start.text} (${each.start.at})</dd>
${clock !== undefined && html`<dt>Clock</dt><dd>${clock.title}, ${clock.limit}. ${clock.source}${clock.verified ? '' : '. Not verified: nobody has compared it with its source'}${dueDay !== undefined && `. Last day in time ${dayText(dueDay)}`}${breachDay !== undefined && `, broken on ${dayText(breachDay)}`}</dd>`}
${each.controls.length > 0 && html`<dt>Controls</dt><dd>${each.controls.map(({ source, verified }, at) => `${at > 0 ? '; ' : ''}${source}${verified ? '' : ' (not verified)'}`)}</dd>`}
${each.ended !== undefined && html`<dt>Ended</dt><dd>${each.ended.text}</dd>`}
${attestation !== undefined && html`<dt>Statement</dt><dd>${attestation.kind} by ${attestation.by} on ${dayText(attestation.at)}${attestation.until !== undefined && `, until ${dayText(attestation.until)}`}: ${attestation.text}</dd>`}
${each.evidence.length > 0 && html`<dt>Evidence</dt><dd>${each.evidence.slice(0, 3).map(evidence)}${each.evidence.length > 3 && html`<p class="soft">and ${count(each.evidence.length - 3, 'further piece')} (<code>affiant explain ${each.id}</code>)</p>`}</dd>`}
<dt>Id</dt><dd><code>${each.id}</code> · ${each.rule}</dd></dl></article>`;
}

function evidence({ bundle, logIndex, claimedAt, document, pointer, sources, says }: EvidenceRef): Piece {
  return html`<p>${says} <span class="soft">${claimedAt}, bundle <span class="digest">${bundle.slice(0, 16)}</span>${logIndex !== undefined && `, log ${logIndex}`}, <code>${document}${pointer}</code>${sources.length > 0 && html`, asked: <code>${sources.slice(0, 2).join(', ')}</code>`}</span></p>`;
}
