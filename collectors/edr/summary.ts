/** What a person reads first: each product with what is on and off, the audit system, where logs go. Plain facts. */
import type {
  Fact,
  LogClearing,
  LogForwarder,
  Moment,
  ProtectionProduct,
  Text,
} from '../../schemas/generated/types.ts';
import type { Drafts, SummaryRow } from '../collector.ts';
import { windowsAuditRows } from './windows-logs/summary.ts';

export function summariseEdr({ edr }: Drafts): readonly SummaryRow[] {
  if (edr === undefined) return [];
  const rows: (SummaryRow | readonly SummaryRow[] | undefined)[] = [
    seen(edr.products, (list) =>
      list.length === 0
        ? [row('Protection', 'no product that we know is installed', 'attention')]
        : list.map((product) => row(product.product, productText(product), toneOf(product))),
    ),
    seen(edr.auditd, ({ enabled, pid, lost }) =>
      row(
        'Audit system',
        `${['off', 'on', 'on and locked'][enabled] ?? 'unknown'}, ${pid === 0 ? 'no daemon listens' : 'with a daemon'}, ${lost} lost`,
        enabled === 0 || pid === 0 || lost > 0 ? 'attention' : 'plain',
      ),
    ),
    windowsAuditRows(edr),
    seen(edr.logForwarding, (list) => row('Logs sent to', forwardText(list), 'plain')),
    seen(edr.logClearings, clearingRow),
    seen(edr.logRetention, (list) =>
      row(
        'Logs reach back to',
        list
          .map(
            ({ log, oldestEntryAt }) =>
              `${shown(log)}: ${oldestEntryAt === undefined ? 'unknown' : dateOf(oldestEntryAt)}`,
          )
          .join(', ') || 'no log found',
        'plain',
      ),
    ),
  ];
  return rows.flat().filter((each) => each !== undefined);
}

function seen<T, R>(fact: Fact<T>, make: (value: T) => R): R | undefined {
  return fact.status === 'observed' ? make(fact.value) : undefined;
}

function row(label: string, text: string, tone: SummaryRow['tone']): SummaryRow {
  return { label, text, tone };
}

function productText(product: ProtectionProduct): string {
  const parts = [
    word(product.version, (version) => version),
    word(product.running, (running) => (running ? 'runs' : 'does not run')),
    // What would be its mode says nothing of a product that does not run.
    word(product.mode, ({ mode }) =>
      product.running.status === 'observed' && !product.running.value ? undefined : mode,
    ),
    word(product.realTimeProtection, ({ enabled }) => `real-time ${enabled ? 'on' : 'off'}`),
    word(product.signatureUpdatedAt, ({ moment }) => `signatures of ${dateOf(moment)}`),
    word(product.detections, ({ total }) => (total === 0 ? undefined : `${total} detections`)),
    word(product.exclusions, (list) => (list.length === 0 ? undefined : `${list.length} exclusions`)),
  ];
  const text = parts.filter((part) => part !== undefined).join(', ');
  return text === '' ? 'there; its state does not show here' : text;
}

function toneOf({ running, mode, realTimeProtection, detections }: ProtectionProduct): SummaryRow['tone'] {
  const off =
    (running.status === 'observed' && !running.value) ||
    (mode.status === 'observed' && mode.value.mode !== 'active') ||
    (realTimeProtection.status === 'observed' && !realTimeProtection.value.enabled) ||
    (detections.status === 'observed' && detections.value.total > 0);
  return off ? 'attention' : 'plain';
}

function word<T>(fact: Fact<T>, make: (value: T) => string | undefined): string | undefined {
  return fact.status === 'observed' ? make(fact.value) : undefined;
}

function forwardText(list: readonly LogForwarder[]): string {
  const told = list.flatMap(({ kind, configured }) =>
    configured.status === 'observed' ? configured.value.map(({ address }) => `${shown(address)} (${kind})`) : [],
  );
  return told.length === 0 ? 'nowhere that shows' : told.slice(0, 8).join(', ');
}

/** The end of a daemon with the machine is everyday; what a login did, or what was wiped, is not. */
function clearingRow(list: readonly LogClearing[]): SummaryRow | undefined {
  const odd = list.filter(({ kind, account }) => kind !== 'stopped' || account !== undefined);
  const last = odd.at(-1);
  if (last === undefined) return undefined;
  const by = last.account === undefined ? '' : ` by ${shown(last.account)}`;
  return row(
    'Logs touched',
    `${odd.length} times, last: ${shown(last.log)} ${last.kind} ${dateOf(last.at)}${by}`,
    'attention',
  );
}

function dateOf(moment: Moment): string {
  return 'at' in moment ? moment.at : moment.on;
}

function shown(text: Text): string {
  return typeof text === 'string' ? text : `(not UTF-8: ${text.bytes})`;
}
