/** The status in the text format of Prometheus (prometheus.io, "Exposition formats"), for node_exporter's textfile collector. */
import type { CollectorOutcome } from '../../schemas/generated/types.ts';
import type { Status } from './status.ts';

type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };

/** The run that was just made, or was to be. */
export type Attempt = {
  readonly endedAt: string;
  /** Empty where it failed. */
  readonly collectors: readonly CollectorOutcome[];
  /** The code of what kept it from making evidence. */
  readonly failure?: string;
};

/** Without a status, which a broken state folder has not, the attempt alone is told. */
export function metricsText(status: Status | undefined, attempt: Attempt, version: string): string {
  const { endedAt, failure } = attempt;
  return [
    metric('affiant_info', 'The agent.', [{ labels: { version }, value: 1 }]),
    metric('affiant_last_attempt_timestamp_seconds', 'When a collection was last tried.', seconds(endedAt)),
    metric('affiant_last_attempt_failed', 'Whether that made no evidence.', [{ value: failure === undefined ? 0 : 1 }]),
    metric(
      'affiant_last_attempt_failure',
      'Why it made none.',
      failure === undefined ? [] : [{ labels: { code: failure }, value: 1 }],
    ),
    ...(status === undefined ? [] : statusMetrics(status, attempt)),
  ].join('');
}

function statusMetrics({ lastRun, lastReceiptAt, spool, quarantined, resting }: Status, { collectors }: Attempt) {
  return [
    metric('affiant_last_run_timestamp_seconds', 'When the last collection ended.', seconds(lastRun?.finishedAt)),
    metric(
      'affiant_last_run_duration_seconds',
      'How long the last collection took.',
      lastRun === undefined
        ? []
        : [{ value: Math.max(0, (Date.parse(lastRun.finishedAt) - Date.parse(lastRun.startedAt)) / 1000) }],
    ),
    metric(
      'affiant_collector_complete',
      'Whether a collector of the last run saw all that it looks for.',
      collectors.map(({ name, outcome }) => ({
        labels: { collector: name, outcome },
        value: outcome === 'complete' ? 1 : 0,
      })),
    ),
    metric('affiant_last_receipt_timestamp_seconds', 'When the newest receipt was stored.', seconds(lastReceiptAt)),
    metric('affiant_spool_packs', 'Packs that wait for the endpoint.', [{ value: spool.packs }]),
    metric('affiant_spool_bytes', 'Bytes of the packs that wait.', [{ value: spool.bytes }]),
    metric('affiant_quarantined_files', 'Files that were set aside.', [{ value: quarantined }]),
    metric(
      'affiant_collector_rests',
      'Collectors that rest, as runs died under them.',
      resting.map(({ collector }) => ({ labels: { collector }, value: 1 })),
    ),
  ];
}

function seconds(instant: string | undefined): Sample[] {
  return instant === undefined ? [] : [{ value: Date.parse(instant) / 1000 }];
}

function metric(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function labelText(labels: Sample['labels']): string {
  if (labels === undefined) return '';
  const escaped = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}
