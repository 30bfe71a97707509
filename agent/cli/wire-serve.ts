/** What `affiant serve` has around its endpoint: log, metrics, certificates that change. */
import type { Logger } from '../../endpoint/log-lines.ts';
import { type Management, startManagement } from '../../endpoint/management.ts';
import { type Metrics, makeMetrics } from '../../endpoint/metrics.ts';
import { loadReaders, type ReadersWatch, watchReaders } from '../../endpoint/readers/readers-file.ts';
import type { Endpoint } from '../../endpoint/server.ts';
import { countMessages, countStates } from '../../endpoint/store/watch-tables.ts';
import type { TrustedKeys } from '../../endpoint/trust.ts';
import { startWatcher, type Watcher } from '../../endpoint/watch/watcher.ts';
import { readHooks, startCourier } from '../../endpoint/watch/webhook.ts';
import { ok, type Result } from '../../evidence/result.ts';
import type { ReadersFile } from '../../schemas/generated/types.ts';
import type { Settings } from '../config/defaults.ts';
import { listenOn, type Running, runEndpoint } from './wire-endpoint.ts';
import { lookAtFilesMs, observerOf, pruneDaily, stampOften, watchCertificate } from './wire-serve-duties.ts';

export type Serving = {
  readonly running: Running;
  readonly management: Management | undefined;
  /** Reads again what lies in files. */
  reload(): void;
  /** Ends what was begun, then closes. */
  close(): Promise<void>;
};

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
