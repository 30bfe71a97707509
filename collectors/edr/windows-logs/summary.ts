/** What a person reads first of how Windows records. */
import type { Fact, Moment } from '../../../schemas/generated/types.ts';
import type { Draft, SummaryRow } from '../../collector.ts';

export function windowsAuditRows(edr: Draft<'edr'>): SummaryRow[] {
  return [
    row(edr.auditPolicy, (list) => {
      const on = list.filter(({ success, failure }) => success || failure).length;
      return line('Audit policy', `${on} of ${list.length} subcategories are logged`, on === 0 ? 'attention' : 'plain');
    }),
    row(edr.commandLineAudit, (logged) =>
      line('Command lines', logged ? 'logged with each new process' : 'not logged with new processes', 'plain'),
    ),
    row(edr.powershellLogging, (list) =>
      line(
        'PowerShell logs',
        list
          .map(
            ({ edition, registryView, scriptBlocks, modules, transcripts }) =>
              `${edition}${registryView === '32-bit' ? ' 32-bit' : ''}: ${
                [
                  ...(scriptBlocks ? ['script blocks'] : []),
                  ...(modules ? ['modules'] : []),
                  ...(transcripts ? ['transcripts'] : []),
                ].join(', ') || 'nothing'
              }`,
          )
          .join('; '),
        list.some(({ scriptBlocks }) => !scriptBlocks) ? 'attention' : 'plain',
      ),
    ),
    row(edr.powershellVersion2, (there) =>
      there ? line('PowerShell 2', 'installed: it logs nothing', 'attention') : undefined,
    ),
    row(edr.sysmon, ({ running, driverLoaded }) =>
      line(
        'Sysmon',
        `${running ? 'runs' : 'does not run'}${driverLoaded === false ? ', its driver is not loaded' : ''}`,
        running ? 'plain' : 'attention',
      ),
    ),
    row(edr.logClearings, (list) => {
      const [newest] = list;
      return newest === undefined
        ? undefined
        : line('Logs cleared', `${list.length} times, last ${dateOf(newest.at)}`, 'attention');
    }),
  ].filter((each) => each !== undefined);
}

function row<T>(fact: Fact<T>, make: (value: T) => SummaryRow | undefined): SummaryRow | undefined {
  return fact.status === 'observed' ? make(fact.value) : undefined;
}

function line(label: string, text: string, tone: SummaryRow['tone']): SummaryRow {
  return { label, text, tone };
}

function dateOf(moment: Moment): string {
  return 'at' in moment ? moment.at : moment.on;
}
