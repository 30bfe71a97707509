/** What `affiant serve` does beside answering: it notes requests, stamps, prunes, and follows its certificate. */
import type { CertificateInfo } from '../../endpoint/certificate.ts';
import { checkTls, datesOf } from '../../endpoint/certificate.ts';
import type { Observer } from '../../endpoint/handle.ts';
import { type Logger, logRequest } from '../../endpoint/log-lines.ts';
import type { Metrics } from '../../endpoint/metrics.ts';
import { pruneDocuments } from '../../endpoint/retention/prune.ts';
import { stampNewest } from '../../endpoint/timestamp/stamp.ts';
import { type TlsWatch, watchTls } from '../../endpoint/tls-files.ts';
import { ok, type Result } from '../../evidence/result.ts';
import { stampAuthorities } from '../../evidence/timestamp.ts';
import { defaultDocumentDays, type Settings } from '../config/defaults.ts';
import { type Running, tlsPaths } from './wire-endpoint.ts';
import { readAuthorities } from './wire-store.ts';

export const lookAtFilesMs = 5_000;

/** The newest checkpoint gets the stamp of the authority that the configuration names. */
export function stampOften(
  { timestamp }: Settings['serve'],
  { store }: Running,
  log: Logger,
): Result<{ stop(): void }> {
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
export function pruneDaily(
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

/** Notes what was asked in log and metrics. */
export function observerOf(log: Logger, metrics: Metrics): Observer {
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

/** The certificate is read again when its files change; dates that do not hold are said aloud. */
export function watchCertificate(
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
