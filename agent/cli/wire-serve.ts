/** What `affiant serve` has around its endpoint: log, metrics, certificates that change. */
import type { CertificateInfo } from '../../endpoint/certificate.ts';
import { checkTls, datesOf } from '../../endpoint/certificate.ts';
import type { Observer } from '../../endpoint/handle.ts';
import { type Logger, logRequest } from '../../endpoint/log-lines.ts';
import { type Management, startManagement } from '../../endpoint/management.ts';
import { type Metrics, makeMetrics } from '../../endpoint/metrics.ts';
import { loadReaders, type ReadersWatch, watchReaders } from '../../endpoint/readers/readers-file.ts';
import { pruneDocuments } from '../../endpoint/retention/prune.ts';
import type { Endpoint } from '../../endpoint/server.ts';
import { countMessages, countStates } from '../../endpoint/store/watch-tables.ts';
import { stampNewest } from '../../endpoint/timestamp/stamp.ts';
import { type TlsWatch, watchTls } from '../../endpoint/tls-files.ts';
import type { TrustedKeys } from '../../endpoint/trust.ts';
import { startWatcher, type Watcher } from '../../endpoint/watch/watcher.ts';
import { readHooks, startCourier } from '../../endpoint/watch/webhook.ts';
import { ok, type Result } from '../../evidence/result.ts';
import { stampAuthorities } from '../../evidence/timestamp.ts';
import type { ReadersFile } from '../../schemas/generated/types.ts';
import { defaultDocumentDays, type Settings } from '../config/defaults.ts';
import { listenOn, type Running, runEndpoint, tlsPaths } from './wire-endpoint.ts';
import { readAuthorities } from './wire-store.ts';

export type Serving = {
  readonly running: Running;
  readonly management: Management | undefined;
  /** Reads again what lies in files. */
  reload(): void;
  /** Ends what was begun, then closes. */
  close(): Promise<void>;
};

const lookAtFilesMs = 5_000;

export async function serveEndpoint(
  folder: string,
  serve: Settings['serve'],
  trustedKeys: TrustedKeys,
  log: Logger,
): Promise<Result<Serving>> {
  const now = (): Date => new Date();
  let endpoint: Endpoint | undefined;
  let running: Running | undefined;
  const listed = loadReaders(serve.readersFile);
  if (!listed.ok) return listed;
  const readers = followReaders(serve, listed.value, log);
  const metrics = makeMetrics({ endpoint: () => endpoint, read: async () => readings(running) });
  const hooks = readHooks(serve.webhooks ?? []);
  if (!hooks.ok) return hooks;
  let watcher: Watcher | undefined;
  const observer = observerOf(log, metrics);
  const started = await runEndpoint(folder, serve, trustedKeys, {
    observer: {
      ...observer,
      handled(request) {
        observer.handled(request);
        if (request.status === 201) watcher?.nudge();
      },
    },
    metrics,
    ...(readers !== undefined && { readers }),
    ...(serve.sharedAddresses !== undefined && { sharedAddresses: serve.sharedAddresses }),
    ...(serve.quota !== undefined && { limits: serve.quota }),
  });
  if (!started.ok) return started;
  running = started.value;
  endpoint = running.endpoint;
  const management = await manage(serve, endpoint, metrics);
  if (!management.ok) {
    await running.close();
    return management;
  }
  const stamps = stampOften(serve, running, log);
  if (!stamps.ok) {
    await running.close();
    await management.value?.close();
    return stamps;
  }
  const retention = pruneDaily(serve, running, log, now);
  const { store } = running;
  const courier = await startCourier({
    store,
    hooks: hooks.value,
    now,
    log,
    onTried: (outcome) => metrics.webhook(outcome),
  });
  watcher = startWatcher({
    store,
    now,
    reporting: serve.reporting ?? {},
    hooks: hooks.value.map(({ name }) => name),
    origin: serve.origin,
    log,
    onMessages: () => courier.nudge(),
  });
  const watching = watcher;
  const watch = watchCertificate(serve, running, metrics, log, now);
  return ok({
    running,
    management: management.value,
    reload() {
      watch?.reload();
      readers?.reload();
    },
    async close() {
      watch?.stop();
      readers?.stop();
      retention.stop();
      stamps.value.stop();
      log('info', 'draining', { connections: started.value.endpoint.connections() });
      await started.value.endpoint.close();
      await watching.stop();
      await courier.stop();
      await started.value.close();
      await management.value?.close();
      log('info', 'stopped');
    },
  });
}

function followReaders({ readersFile }: Settings['serve'], first: ReadersFile, log: Logger): ReadersWatch | undefined {
  if (readersFile === undefined) return undefined;
  return watchReaders(readersFile, first, {
    everyMs: lookAtFilesMs,
    onReplaced: (count) => log('info', 'readers-replaced', { readers: count }),
    onKept: (why) => log('error', 'readers-kept', { error: why }),
  });
}

/** The newest checkpoint gets the stamp of the authority that the configuration names. */
function stampOften({ timestamp }: Settings['serve'], { store }: Running, log: Logger): Result<{ stop(): void }> {
  if (timestamp === undefined) return ok({ stop() {} });
  const { url, caFile, policy, everySeconds = 300 } = timestamp;
  const pem = readAuthorities(caFile, 'serve.timestamp.caFile');
  const authorities = pem.ok ? stampAuthorities(pem.value) : pem;
  if (!authorities.ok) return authorities;
  const source = { url, authorities: authorities.value, ...(policy !== undefined && { policy }) };
  async function once(): Promise<void> {
    const stamped = await stampNewest(store, source);
    if (!stamped.ok) log('error', 'not-stamped', { problem: stamped.refusal.code });
    else if (stamped.value !== undefined) log('info', 'stamped', { at: stamped.value.at });
  }
  const timer = setInterval(() => void once(), everySeconds * 1000);
  timer.unref();
  void once();
  return ok({ stop: () => clearInterval(timer) });
}

const dayMs = 86_400_000;

/** Documents whose time is over go once a day, by whichever process comes first. */
function pruneDaily(
  { retention = {} }: Settings['serve'],
  { registrar }: Running,
  log: Logger,
  now: () => Date,
): { stop(): void } {
  const { documentDays = defaultDocumentDays, prune = true } = retention;
  if (!prune) return { stop() {} };
  async function once(): Promise<void> {
    const pruned = await pruneDocuments(registrar, documentDays, now());
    if (!pruned.ok) log('error', 'not-pruned', { problem: pruned.refusal.code });
    else if (pruned.value.documents > 0)
      log('info', 'pruned', { documents: pruned.value.documents, bundles: pruned.value.bundles });
  }
  const timer = setInterval(() => void once(), dayMs);
  timer.unref();
  void once();
  return { stop: () => clearInterval(timer) };
}

function observerOf(log: Logger, metrics: Metrics): Observer {
  return {
    handled(request) {
      metrics.observer.handled(request);
      logRequest(log, request);
    },
    unreadable(code) {
      metrics.observer.unreadable(code);
      log('warning', 'unreadable', { problem: code });
    },
    fault(error, id) {
      metrics.observer.fault(error, id);
      log('error', 'fault', {
        request: id,
        error: error instanceof Error ? (error.stack ?? error.message) : 'unknown',
      });
    },
  };
}

async function readings(running: Running | undefined): ReturnType<Parameters<typeof makeMetrics>[0]['read']> {
  const read = await running?.store.read(async (sql) => ({
    targets: await countStates(sql),
    webhooks: await countMessages(sql),
  }));
  const sealed = await running?.store.checkpoint();
  if (read?.ok !== true || sealed?.ok !== true) return undefined;
  return { logSize: sealed.value.size, ...read.value };
}

async function manage(
  serve: Settings['serve'],
  { health }: Endpoint,
  metrics: Metrics,
): Promise<Result<Management | undefined>> {
  if (serve.metricsListen === undefined) return ok(undefined);
  const listen = listenOn(serve.metricsListen);
  if (!listen.ok) return listen;
  return startManagement({
    listen: listen.value,
    metrics,
    health: () => health.health(),
    readiness: () => health.readiness(),
  });
}

function watchCertificate(
  serve: Settings['serve'],
  { endpoint, tls }: Running,
  metrics: Metrics,
  log: Logger,
  now: () => Date,
): TlsWatch | undefined {
  const paths = tlsPaths(serve);
  if (!paths.ok || paths.value === undefined || tls === undefined) return undefined;
  const say = (event: string, info: CertificateInfo): void => {
    metrics.certificate(info);
    log('info', event, { spki: info.spki, notAfter: info.notAfter.toISOString() });
    const dates = datesOf(info, now());
    if (dates !== undefined) log('error', 'certificate-dates', { error: dates });
  };
  const first = checkTls(tls);
  if (first.ok) say('certificate', first.value);
  return watchTls(paths.value, tls, {
    replace: (files) => endpoint.replaceTls(files),
    now,
    everyMs: lookAtFilesMs,
    onReplaced(info) {
      metrics.certificateReload('replaced');
      say('certificate-replaced', info);
    },
    onKept(why) {
      metrics.certificateReload('kept');
      log('error', 'certificate-kept', { error: why });
    },
  });
}
