/** What Prometheus is told. Names follow prometheus.io/docs/practices/naming; no label takes what a client chooses. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CertificateInfo } from './certificate.ts';
import type { Handled, Observer } from './handle.ts';
import type { Endpoint } from './server.ts';

/** What is read when somebody asks; undefined where the store does not answer. */
export type Readings = {
  /** Leaves of the log. */
  readonly logSize: number;
  readonly targets: Readonly<Record<string, number>>;
  readonly webhooks: Readonly<Record<string, number>>;
};

export type Metrics = {
  readonly observer: Observer;
  readonly contentType: string;
  text(): Promise<string>;
  certificate(info: CertificateInfo): void;
  certificateReload(outcome: 'replaced' | 'kept'): void;
  webhook(outcome: string): void;
};

export type MetricsOptions = {
  /** The endpoint, once it runs. */
  readonly endpoint: () => Endpoint | undefined;
  readonly read: () => Promise<Readings | undefined>;
};

/** Status 2xx of POST /v1/bundles by name. */
const bundleOutcomes: Readonly<Record<number, string>> = { 200: 'repeated', 201: 'stored' };

export function makeMetrics({ endpoint, read }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'affiant_http_requests_total',
    help: 'Requests that were answered, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'affiant_http_request_duration_seconds',
    help: 'From the end of the headers of a request to its answer.',
    labelNames: ['route'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
    registers,
  });
  const received = new Counter({
    name: 'affiant_http_request_body_bytes_total',
    help: 'Bytes of bodies that were read to their end.',
    registers,
  });
  const sent = new Counter({
    name: 'affiant_http_response_body_bytes_total',
    help: 'Bytes of bodies of answers.',
    registers,
  });
  const unreadable = new Counter({
    name: 'affiant_http_unreadable_total',
    help: 'Connections that brought no readable request, by problem.',
    labelNames: ['problem'],
    registers,
  });
  const faults = new Counter({
    name: 'affiant_faults_total',
    help: 'Faults of the program while answering.',
    registers,
  });
  const bundles = new Counter({
    name: 'affiant_bundles_total',
    help: 'Bundles that were sent, by what became of them: stored, repeated, or the code of the problem.',
    labelNames: ['outcome'],
    registers,
  });
  const storeErrors = new Counter({
    name: 'affiant_store_errors_total',
    help: 'Requests that the store failed.',
    registers,
  });
  gauge('affiant_connections', 'Open connections.', () => endpoint()?.connections());
  gauge(
    'affiant_bundles_in_work',
    'Bundles that are being read, checked or stored.',
    () => endpoint()?.gate.held().bundles,
  );
  gauge('affiant_body_bytes_held', 'Bytes of bodies in memory.', () => endpoint()?.gate.held().bytes);
  const logSize = new Gauge({ name: 'affiant_log_size', help: 'Leaves of the transparency log.', registers });
  const targets = new Gauge({
    name: 'affiant_targets',
    help: 'Servers by the state of their reporting.',
    labelNames: ['state'],
    registers,
  });
  const queue = new Gauge({
    name: 'affiant_webhook_messages',
    help: 'Messages for webhooks that wait, and dead letters.',
    labelNames: ['state'],
    registers,
  });
  const storeUp = new Gauge({ name: 'affiant_store_up', help: '1 while the store answers.', registers });
  const webhooks = new Counter({
    name: 'affiant_webhook_deliveries_total',
    help: 'Tries to deliver a message, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const notAfter = new Gauge({
    name: 'affiant_certificate_not_after_timestamp_seconds',
    help: 'When the certificate in use expires.',
    registers,
  });
  const reloads = new Counter({
    name: 'affiant_certificate_reloads_total',
    help: 'Certificates that were read again: replaced, or the old one kept.',
    labelNames: ['outcome'],
    registers,
  });

  function gauge(name: string, help: string, value: () => number | undefined): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value() ?? 0);
      },
    }).set(0);
  }

  function handled(request: Handled): void {
    const { route, status, code, notes } = request;
    // An unknown method is the client's choice of text.
    const method = /^(?:GET|HEAD|POST|PUT|DELETE)$/.test(request.method) ? request.method : 'other';
    requests.inc({ route: route === '' ? 'none' : route, method, status: String(status) });
    if (route !== '') durations.observe({ route }, request.seconds);
    received.inc(notes.bodyBytes ?? 0);
    sent.inc(request.answerBytes);
    if (code === 'store-failed') storeErrors.inc();
    if (route === '/v1/bundles' && method === 'POST')
      bundles.inc({ outcome: code ?? bundleOutcomes[status] ?? 'other' });
  }

  async function text(): Promise<string> {
    const readings = await read();
    storeUp.set(readings === undefined ? 0 : 1);
    if (readings !== undefined) {
      logSize.set(readings.logSize);
      targets.reset();
      for (const [state, count] of Object.entries(readings.targets)) targets.set({ state }, count);
      for (const [state, count] of Object.entries(readings.webhooks)) queue.set({ state }, count);
    }
    return registry.metrics();
  }

  return {
    observer: { handled, unreadable: (code) => unreadable.inc({ problem: code }), fault: () => faults.inc() },
    contentType: registry.contentType,
    text,
    certificate: ({ notAfter: at }) => notAfter.set(at.getTime() / 1000),
    certificateReload: (outcome) => reloads.inc({ outcome }),
    webhook: (outcome) => webhooks.inc({ outcome }),
  };
}
