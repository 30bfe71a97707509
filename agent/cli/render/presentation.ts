/** The readable form of one bundle: the same for what was just collected and for a pack from years ago. */
import type { Drafts } from '../../../collectors/collector.ts';
import { identityProvider } from '../../../collectors/identity-provider/index.ts';
import { collectors } from '../../../collectors/list.ts';
import type { HostDocument, PosturePredicate } from '../../../schemas/generated/types.ts';
import { conclusionLines } from './conclusions.ts';
import { forTerminal } from './escape.ts';
import { incidentLines } from './incidents.ts';
import { type Found, foundLines, unseenFacts, unseenLines } from './report.ts';
import type { Style } from './table.ts';

export type Documents = ReadonlyMap<string, object>;

/** Summaries by collector, of the documents that are there. */
export function foundIn(documents: Documents): Found[] {
  const drafts = Object.fromEntries([...documents].filter(([name]) => !name.includes('/'))) as Drafts;
  return [...collectors, { ...identityProvider, name: 'tenant' }]
    .filter((collector) => collector.documents.every((name) => documents.has(name)))
    .map((collector) => ({ collector: collector.name, rows: collector.summarise(drafts) }));
}

/** Whether root collected; unknown counts as no, so that the remedy names the privilege. */
export function collectedAsRoot(documents: Documents): boolean {
  const host = documents.get('host') as HostDocument | undefined;
  return host?.privilege.status === 'observed' && host.privilege.value.elevated;
}

/** What to say of a collector that gave no document. */
export const outcomeWords: Readonly<Record<string, string>> = {
  failed: 'it broke',
  'timed-out': 'its time ran out',
  disabled: 'the configuration switches it off',
  quarantined: 'it broke an earlier run',
  'not-asked': 'this run was told to leave it out',
};

/** `missing` names the documents that were signed and are not at hand: the spool's cap let them go. */
export function bundleLines(
  documents: Documents,
  predicate: PosturePredicate,
  width: number,
  style: Style,
  missing: readonly string[] = [],
): string[] {
  const left = predicate.collectors.filter(({ outcome }) => outcomeWords[outcome] !== undefined);
  const withheld = left.map(
    ({ name, outcome, reason }) => `  ! ${name}: ${outcomeWords[outcome]}${reason === undefined ? '' : ` (${reason})`}`,
  );
  return [
    ...(predicate.mode === 'replay'
      ? [style.attention('! A replayed recording, not a server: it proves nothing.'), '']
      : []),
    ...clockLines(predicate, style),
    ...foundLines(foundIn(documents), width, style),
    ...after(conclusionLines(documents, predicate.run.finishedAt, width, style)),
    ...(withheld.length === 0 ? [] : ['', style.bold('Not collected'), ...withheld.map(forTerminal)]),
    ...(missing.length === 0
      ? []
      : ['', style.bold('Signed, and no longer in this pack'), ...missing.map((name) => `  ! ${forTerminal(name)}`)]),
    '',
    ...unseenLines(
      unseenFacts(documents),
      { root: collectedAsRoot(documents), whole: left.length === 0 && missing.length === 0 },
      width,
      style,
    ),
    ...incidentLines(predicate.incidents ?? [], width, style),
  ];
}

/** With a blank line in front, where there are any. */
function after(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

function clockLines({ clock }: PosturePredicate, style: Style): string[] {
  if (clock.state !== 'set-back') return [];
  const before =
    clock.previousFinishedAt === undefined ? '' : `: the bundle before ended at ${clock.previousFinishedAt}`;
  return [style.attention(`! The server's clock was set back${forTerminal(before)}`), ''];
}
