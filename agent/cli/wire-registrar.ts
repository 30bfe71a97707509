/** The endpoint's folder as its operator opens it: log key, store, registrar; beside an endpoint that runs, or without one. */
import {
  introduceRegistrar,
  newestRegistrar,
  openRegistrar,
  type Registrar,
} from '../../endpoint/identity/registrar.ts';
import {
  loadNextRegistrarKey,
  loadRegistrarKey,
  placeNextRegistrarKey,
  registrarKeyOf,
} from '../../endpoint/identity/registrar-key.ts';
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
  readonly store: Store;
  readonly registrar: Registrar;
  /** The log's verifier line. */
  readonly logKey: string;
  close(): Promise<void>;
};

/** Opens what `affiant serve` opens. Refuses as `openSafeFolder`, `loadOrCreateLogKey`, the store and `openRegistrar` do. */
export async function openOperated(folder: string, serve: Settings['serve']): Promise<Result<Operated>> {
  const opened = await openLog(folder, serve);
  if (!opened.ok) return opened;
  const { store, logSigner, now } = opened.value;
  const registrar = await registrarOf(folder, store, logSigner, now);
  if (!registrar.ok) {
    await store.close();
    return registrar;
  }
  return ok({ store, registrar: registrar.value, logKey: logSigner.verifierKey, close: () => store.close() });
}

type OpenLog = { readonly store: Store; readonly logSigner: LogSigner; readonly now: () => Date };

async function openLog(folder: string, serve: Settings['serve']): Promise<Result<OpenLog>> {
  const safe = openSafeFolder(folder);
  if (!safe.ok) return safe;
  const logSigner = loadOrCreateLogKey(folder, serve.origin);
  if (!logSigner.ok) return logSigner;
  const now = (): Date => new Date();
  const store = await openConfiguredStore(folder, serve, { logSigner: logSigner.value, now });
  return store.ok ? ok({ store: store.value, logSigner: logSigner.value, now }) : store;
}

/**
 * Puts a new registrar's key in the place of the present one, which may be lost: the next key is durable before the log
 * says that it is the registrar's, and takes the old one's place after that. Asked again, it goes on.
 */
export async function rotateRegistrar(
  folder: string,
  serve: Settings['serve'],
): Promise<Result<{ readonly keyId: string; readonly index: number }>> {
  const opened = await openLog(folder, serve);
  if (!opened.ok) return opened;
  const { store, logSigner, now } = opened.value;
  try {
    const next = loadNextRegistrarKey(folder);
    if (!next.ok) return next;
    const index = await introduceRegistrar(store, { signer: next.value, logSigner, now });
    if (!index.ok) return index;
    const placed = placeNextRegistrarKey(folder);
    return placed.ok ? ok({ keyId: next.value.keyId, index: index.value }) : placed;
  } finally {
    await store.close();
  }
}
