/** What went wrong before a bundle was signed, in words. */
import type { Incident } from '../../../schemas/generated/types.ts';
import { type Row, type Style, tableLines } from './table.ts';

/** One row an event: collectors that one crash interrupted stand together. */
export function incidentLines(incidents: readonly Incident[], width: number, style: Style): string[] {
  if (incidents.length === 0) return [];
  const events: Incident[][] = [];
  for (const incident of incidents) {
    const last = events.at(-1);
    if (incident.kind === 'interrupted' && last?.[0]?.kind === 'interrupted' && last[0].at === incident.at)
      last.push(incident);
    else events.push([incident]);
  }
  const rows: Row[] = events.map((event) => [
    { text: event[0]?.at ?? '', style: style.attention },
    { text: `! ${wordsOf(event)}` },
  ]);
  return ['', style.bold('What went wrong since the bundle before'), ...tableLines(rows, width, [24])];
}

function wordsOf([first, ...more]: readonly Incident[]): string {
  if (first === undefined) return '';
  const why = first.reason === undefined ? '' : ` (${first.reason})`;
  const bundle = first.sequence === undefined ? 'a bundle' : `bundle ${first.sequence}`;
  const which = `${bundle}${first.chain === undefined ? '' : ` of chain ${first.chain.slice(0, 8)}`}`;
  const file = first.digest === undefined ? 'a file' : `the file with SHA-256 ${first.digest}`;
  switch (first.kind) {
    case 'interrupted': {
      const running = [first, ...more].flatMap(({ collector }) => (collector === undefined ? [] : [collector]));
      return `a run was cut off${running.length === 0 ? '' : ` while collecting ${running.join(', ')}`}${why}`;
    }
    case 'dropped':
      return `${which}: documents were let go${why}: ${(first.documents ?? []).join(', ')}; its signed statement stays`;
    case 'rejected':
      return `${which}: the endpoint refused it for good${why}; it lies in quarantine/`;
    case 'damaged':
      return `${file} of the state folder was not what was signed${why}; it lies in quarantine/`;
    case 'fork':
      return `${which}: another bundle holds its place${why}; this state folder has a twin, a clone or a restored snapshot`;
    case 'log-diverged':
      return `the endpoint's log contradicted itself${why}`;
  }
}
