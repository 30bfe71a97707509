/** Puts the endpoint together: its folder, log key, store, server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../../endpoint/certificate.ts';
import type { Registrar } from '../../endpoint/identity/registrar.ts';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { type Endpoint, type EndpointOptions, startEndpoint } from '../../endpoint/server.ts';
import type { Store } from '../../endpoint/store/store.ts';
import { readTlsFiles, type TlsPaths } from '../../endpoint/tls-files.ts';
import type { TrustedKeys } from '../../endpoint/trust.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Settings } from '../config/defaults.ts';
import { openSafeFolder } from '../spool/state.ts';
import { registrarOf } from './wire-registrar.ts';
import { openConfiguredStore } from './wire-store.ts';

export type Running = {
  readonly endpoint: Endpoint;
  readonly store: Store;
  readonly registrar: Registrar;
  /** What it listens with. */
  readonly tls: TlsFiles | undefined;
  readonly verifierKey: string;
  readonly close: () => Promise<void>;
};

/** `folder` holds `endpoint.sqlite`, `log-key.pem` and its public half `log.vkey`; made with mode 0700 where it is missing. */
export async function runEndpoint(
  folder: string,
  serve: Settings['serve'],
  trustedKeys: TrustedKeys,
  more: Partial<Pick<EndpointOptions, 'observer' | 'limits' | 'sharedAddresses' | 'readers' | 'metrics'>> = {},
): Promise<Result<Running>> {
  // Whoever can change the folder could put another log key in it, and with that another history.
  const safe = openSafeFolder(folder);
  if (!safe.ok) return safe;
  const listen = listenOn(serve.listen);
  if (!listen.ok) return listen;
  const tls = readTls(serve);
  if (!tls.ok) return tls;
  const logSigner = loadOrCreateLogKey(folder, serve.origin);
  if (!logSigner.ok) return logSigner;
  const published = publishLogKey(join(folder, 'log.vkey'), logSigner.value.verifierKey);
  if (!published.ok) return published;
  const now = (): Date => new Date();
  const store = await openConfiguredStore(folder, serve, { logSigner: logSigner.value, now });
  if (!store.ok) return store;
  const registrar = await registrarOf(folder, store.value, logSigner.value, now);
  if (!registrar.ok) {
    await store.value.close();
    return registrar;
  }
  const endpoint = await startEndpoint({
    registrar: registrar.value,
    store: store.value,
    logSigner: logSigner.value,
    trustedKeys,
    listen: listen.value,
    acceptReplay: serve.acceptReplay,
    ...(serve.publicLog !== undefined && { publicLog: serve.publicLog }),
    now,
    ...(tls.value === undefined ? {} : { tls: tls.value }),
    ...more,
  });
  if (!endpoint.ok) {
    await store.value.close();
    return endpoint;
  }
  const close = async (): Promise<void> => {
    await endpoint.value.close();
    await store.value.close();
  };
  return ok({
    endpoint: endpoint.value,
    store: store.value,
    registrar: registrar.value,
    tls: tls.value,
    verifierKey: logSigner.value.verifierKey,
    close,
  });
}

/** The public half, for `affiant verify --log-key`. */
function publishLogKey(file: string, verifierKey: string): Result<undefined> {
  try {
    writeFileSync(file, `${verifierKey}\n`);
    return ok(undefined);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('endpoint-folder', `${file} cannot be written (${code})`, {
      remedy: 'make the folder one that this user may write',
    });
  }
}

/** `127.0.0.1:8620`, `[::1]:8620`; port 0 takes a free one. */
export function listenOn(given: string): Result<{ host: string; port: number }> {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:]+)):([0-9]{1,5})$/.exec(given);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port > 65_535)
    return refuse('usage', `${given} is not an address and a port`, { remedy: 'such as 127.0.0.1:8620 or [::1]:8620' });
  return ok({ host, port });
}

function readTls(serve: Settings['serve']): Result<TlsFiles | undefined> {
  const paths = tlsPaths(serve);
  if (!paths.ok || paths.value === undefined) return paths.ok ? ok(undefined) : paths;
  return readTlsFiles(paths.value);
}

/** Where the certificate lies; undefined where the endpoint speaks plain HTTP. */
export function tlsPaths(serve: Settings['serve']): Result<TlsPaths | undefined> {
  const { certFile, keyFile, clientCaFile, clientCrlFile } = serve;
  if (clientCrlFile !== undefined && clientCaFile === undefined)
    return refuse('config-invalid', 'serve.clientCrlFile needs serve.clientCaFile', {
      remedy: 'give the authority whose certificates the list revokes',
    });
  if (certFile === undefined && keyFile === undefined && clientCaFile === undefined) return ok(undefined);
  if (certFile === undefined || keyFile === undefined)
    return refuse('config-invalid', 'serve.certFile and serve.keyFile go together, and serve.clientCaFile needs them', {
      remedy: 'give both',
    });
  return ok({
    certFile,
    keyFile,
    ...(clientCaFile !== undefined && { clientCaFile }),
    ...(clientCrlFile !== undefined && { clientCrlFile }),
  });
}
