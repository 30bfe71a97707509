/** The endpoint's folder as its operator opens it: log key, store, registrar; beside an endpoint that runs, or without one. */
import { newestRegistrar, openRegistrar, type Registrar } from '../../endpoint/identity/registrar.ts';
import { loadRegistrarKey, registrarKeyOf } from '../../endpoint/identity/registrar-key.ts';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import type { Store } from '../../endpoint/store/store.ts';
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { ok, type Result } from '../../evidence/result.ts';
import type { Settings } from '../config/defaults.ts';
import { openSafeFolder } from '../spool/state.ts';
import { openConfiguredStore } from './wire-store.ts';

/** The registrar over an open store; its key lies in `registrar-key.pem`, is made where the store has no records, and read again where another process handed over. */
export async function registrarOf(
  folder: string,
  store: Store,
  logSigner: LogSigner,
  now: () => Date,
): Promise<Result<Registrar>> {
  const newest = await newestRegistrar(store);
  if (!newest.ok) return newest;
  const signer = newest.value === undefined ? loadRegistrarKey(folder, true) : registrarKeyOf(folder, newest.value);
  if (!signer.ok) return signer;
  return openRegistrar(store, {
    signer: signer.value,
    logSigner,
    now,
    reread: (keyId) => registrarKeyOf(folder, keyId),
  });
}

export type Operated = {
  /** Where the endpoint's keys lie. */
  readonly folder: string;
  readonly store: Store;
  readonly registrar: Registrar;
  /** The log's verifier line. */
  readonly logKey: string;
  close(): Promise<void>;
};

/** Opens what `affiant serve` opens. Refuses as `openSafeFolder`, `loadOrCreateLogKey`, the store and `openRegistrar` do. */
export async function openOperated(folder: string, serve: Settings['serve']): Promise<Result<Operated>> {
  const safe = openSafeFolder(folder);
  if (!safe.ok) return safe;
  const logSigner = loadOrCreateLogKey(folder, serve.origin);
  if (!logSigner.ok) return logSigner;
  const now = (): Date => new Date();
  const store = await openConfiguredStore(folder, serve, { logSigner: logSigner.value, now });
  if (!store.ok) return store;
  const registrar = await registrarOf(folder, store.value, logSigner.value, now);
  if (!registrar.ok) {
    await store.value.close();
    return registrar;
  }
  const { verifierKey } = logSigner.value;
  return ok({
    folder,
    store: store.value,
    registrar: registrar.value,
    logKey: verifierKey,
    close: () => store.value.close(),
  });
}
