/** What a person reads first of a Windows server's update levels. */
import type { Fact } from '../../../schemas/generated/types.ts';
import type { Draft, SummaryRow } from '../../collector.ts';

export function windowsRows(updates: Draft<'updates'>): (SummaryRow | undefined)[] {
  return [
    seen(updates.osBuild, ({ version, edition }) => plain('Build', [version, edition].filter(Boolean).join(', '))),
    seen(updates.componentPackages, (packages) => {
      const waiting = packages.filter(({ stateName }) => stateName === 'install-pending');
      const newest = packages.find(({ kind, stateName }) => kind === 'cumulative' && stateName === 'installed');
      const about = newest === undefined ? '' : `, newest cumulative ${newest.version ?? newest.name}`;
      if (waiting.length === 0) return plain('Component store', `${packages.length} updates${about}`);
      return notice('Component store', `${waiting.length} of ${packages.length} updates wait for a restart${about}`);
    }),
    seen(updates.windowsUpdateHistory, ({ total, events }) => {
      const failed = events.filter(({ result }) => result === 'failed').length;
      if (total === 0) return notice('Update history', 'the update agent remembers nothing');
      return failed === 0
        ? plain('Update history', `${total} remembered`)
        : notice('Update history', `${total} remembered, ${failed} of the newest ${events.length} failed`);
    }),
    seen(updates.offeredUpdates, ({ updates: offered }) => {
      const severe = offered.filter(({ severity }) => severity === 'critical' || severity === 'important').length;
      return offered.length === 0
        ? plain('Offered updates', 'none by the agent’s cache')
        : notice('Offered updates', `${offered.length}, of which ${severe} critical or important`);
    }),
    seen(updates.updateSource, ({ useManagedServer, managedServer }) =>
      plain('Update source', useManagedServer ? (managedServer ?? 'a managed server that is not named') : 'the vendor'),
    ),
    seen(updates.pendingReboot, ({ signals, unread = [] }) => {
      const asking = signals.filter(({ present }) => present).map(({ name }) => name);
      const doubt = unread.length === 0 ? '' : ` (${unread.length} places not seen)`;
      return asking.length === 0
        ? plain('Restart pending', `no sign${doubt}`)
        : notice('Restart pending', `${asking.join(', ')}${doubt}`);
    }),
    seen(updates.exchange, ({ setupFileVersion, setupFileMiss }) =>
      setupFileVersion === undefined
        ? notice('Exchange', `its version could not be read: ${setupFileMiss?.reason ?? 'unknown'}`)
        : plain('Exchange', `ExSetup.exe ${setupFileVersion}`),
    ),
    seen(updates.sqlInstances, (instances) =>
      plain(
        'SQL Server',
        instances.map(({ name, patchLevel, version }) => `${name} ${patchLevel ?? version ?? ''}`).join(', '),
      ),
    ),
  ];
}

function seen<T>(fact: Fact<T>, row: (value: T) => SummaryRow): SummaryRow | undefined {
  return fact.status === 'observed' ? row(fact.value) : undefined;
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

function notice(label: string, text: string): SummaryRow {
  return { label, text, tone: 'attention' };
}
